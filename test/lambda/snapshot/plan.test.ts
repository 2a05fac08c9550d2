import { SnapshotRig } from './snapshot-rig';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { planSnapshot } from '../../../lambda/snapshot/plan';

function plan(disk: Uint8Array, change: Properties = {}) {
  const rig = new SnapshotRig(disk);
  return planSnapshot(rig.aws, rig.resource(change).request);
}

describe('the plan of a snapshot', () => {
  test('has the object, the size of the disk, and whole GiB for the volume', async () => {
    expect(await plan(Buffer.alloc(700))).toEqual({
      source: { bucket: 'exports', key: 'data.raw', eTag: '"e1"', size: 700 }, format: 'RAW', virtualSize: 700, volumeSize: 1,
    });
  });

  test('has the size that the app sets, if the disk fits', async () => {
    expect(await plan(Buffer.alloc(700), { VolumeSize: '7' })).toMatchObject({ volumeSize: 7 });
    expect(await plan(Buffer.alloc(700), { VolumeSize: '1' })).toMatchObject({ volumeSize: 1 });
  });

  test('refuses a volume that is smaller than the disk', async () => {
    await expect(plan(new Uint8Array(2 ** 30 + 1), { VolumeSize: '1' })).rejects.toThrow(
      'volumeSize is 1 GiB, but the disk has 2 GiB: set volumeSize to 2 or more, or remove it.',
    );
  });

  test('refuses an image that cannot be read as a disk', async () => {
    await expect(plan(Buffer.alloc(4096), { Disk: { S3Bucket: 'exports', S3Key: 'data.raw', Format: 'QCOW2' } })).rejects.toThrow(
      /^s3:\/\/exports\/data.raw cannot be imported: /,
    );
  });

  test('refuses a disk that cannot be copied in time, before anything starts', async () => {
    const rig = new SnapshotRig(Buffer.alloc(512));
    rig.rig.s3.answerWith(() => ({ status: 200, headers: { 'content-length': String(2 ** 41), 'etag': '"e1"' } }));
    await expect(rig.pass()).rejects.toThrow('s3://exports/data.raw cannot be imported: The disk has 2048 GiB, and EBS accepts 1000 blocks of 512 KiB a second');
    expect(rig.rig.count('StartSnapshot')).toBe(0);
    await expect(planSnapshot(rig.aws, rig.resource({ OmitUnallocatedBlocks: 'true' }).request)).resolves.toMatchObject({ virtualSize: 2 ** 41 });
  });

  test('refuses a disk that cannot be copied within its timeout', async () => {
    await expect(plan(Buffer.alloc(512), { Timeout: '0' })).rejects.toThrow('Its timeout is 0 seconds: set timeout to 50 minutes.');
  });

  test('refuses an object that does not exist', async () => {
    const missing = { Disk: { S3Bucket: 'exports', S3Key: 'other.raw', Format: 'RAW' } };
    await expect(plan(Buffer.alloc(512), missing)).rejects.toThrow('There is no object s3://exports/other.raw: upload it, or check its key.');
  });

  test('passes on what Amazon S3 reports', async () => {
    const rig = new SnapshotRig(Buffer.alloc(512));
    rig.rig.s3.answerWith(() => ({ status: 403 }));
    await expect(planSnapshot(rig.aws, rig.resource().request)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('says if Amazon S3 does not report the size of the object', async () => {
    const rig = new SnapshotRig(Buffer.alloc(512));
    rig.rig.s3.answerWith(() => ({ status: 200, headers: {} }));
    await expect(planSnapshot(rig.aws, rig.resource().request)).rejects.toThrow('s3://exports/data.raw cannot be read: Amazon S3 does not say how long it is');
  });

  test('passes on what goes wrong while the disk is read', async () => {
    const rig = new SnapshotRig(Buffer.alloc(4096));
    rig.rig.s3.answerWith(({ method }) => (method === 'GET' ? { status: 503 } : undefined));
    const { request } = rig.resource({ Disk: { S3Bucket: 'exports', S3Key: 'data.raw', Format: 'QCOW2' } });
    await expect(planSnapshot(rig.aws, request)).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  });
});

describe('the properties of a snapshot', () => {
  test('have a format that can be read', () => {
    const rig = new SnapshotRig(Buffer.alloc(512));
    expect(() => rig.resource({ Disk: { S3Bucket: 'exports', S3Key: 'data.iso', Format: 'ISO' } })).toThrow(
      'The format ISO cannot be copied into a snapshot: use one of RAW, VMDK, VHD, VHDX, QCOW2, OVA.',
    );
  });

  test('say which disk of an OVA, and what to leave out', () => {
    const rig = new SnapshotRig(Buffer.alloc(512));
    const { request } = rig.resource({ Disk: { S3Bucket: 'exports', S3Key: 'vm.ova', Format: 'OVA', OvaDisk: '2' }, OmitUnallocatedBlocks: 'true', Revision: '7', Preflight: 'false' });
    expect(request).toMatchObject({ disk: { format: 'OVA', ovaDisk: 2 }, unallocatedBlocks: 'omit', revision: '7', preflight: 'off' });
  });
});
