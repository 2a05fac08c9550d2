import { SnapshotRig } from './snapshot-rig';
import { planSnapshot } from '../../../lambda/snapshot/plan';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { recordedImages } from '../../disk-images/image-library';

/** A disk image of 6 MiB that somebody else's tools made. */
function recorded(name: string): Uint8Array {
  const image = recordedImages().find((each) => each.name === name);
  if (image === undefined) {
    throw new Error(`There is no recorded image ${name}`);
  }
  return image.file.bytes();
}

function plan(disk: Uint8Array, change: Properties = {}) {
  const rig = new SnapshotRig(disk);
  return planSnapshot(rig.aws, rig.resource(change).request);
}

const boots = (Boot: Properties) => ({ Boot: { Required: 'true', ...Boot } });

describe('the plan of a snapshot', () => {
  test('has the object, the size of the disk, and whole GiB for the volume', async () => {
    expect(await plan(Buffer.alloc(700))).toEqual({
      source: { bucket: 'exports', key: 'data.raw', eTag: '"e1"', size: 700 }, format: 'RAW', virtualSize: 700, volumeSize: 1, boot: undefined,
    });
  });

  test.each<[string, Properties, object | undefined]>([
    ['what the disk has a boot loader for', {}, { architecture: 'x86_64', bootMode: 'legacy-bios' }],
    ['what the app declares, if the disk agrees', { Architecture: 'x86_64', BootMode: 'legacy-bios' }, { architecture: 'x86_64', bootMode: 'legacy-bios' }],
    ['UEFI if possible, if the app says so', { BootMode: 'uefi-preferred' }, { architecture: 'x86_64', bootMode: 'uefi-preferred' }],
  ])('of a boot disk has %s', async (_what, declared, boot) => {
    expect((await plan(recorded('mbr-raw'), boots(declared))).boot).toEqual(boot);
  });

  test('believes the app without a look', async () => {
    const blank = Buffer.alloc(1 << 20);
    expect((await plan(blank, { ...boots({}), Preflight: 'false' })).boot).toEqual({ architecture: 'x86_64', bootMode: undefined });
    expect((await plan(blank, { ...boots({ Architecture: 'arm64', BootMode: 'uefi' }), Preflight: 'false' })).boot).toEqual({ architecture: 'arm64', bootMode: 'uefi' });
  });

  test.each<[string, Properties, RegExp]>([
    ['another architecture', { Architecture: 'arm64' }, /^The app declares arm64, but s3:\/\/exports\/data.raw boots by BIOS on x86_64: correct architecture and bootMode, or remove them\.$/],
    ['another boot mode', { Architecture: 'x86_64', BootMode: 'uefi' }, /^(The app declares x86_64 and uefi|s3:\/\/exports\/data.raw cannot be the boot disk)/],
  ])('refuses a boot disk if the app declares %s', async (_what, declared, sentence) => {
    await expect(plan(recorded('mbr-raw'), boots(declared))).rejects.toThrow(sentence);
  });

  test('refuses a boot disk that does not boot', async () => {
    await expect(plan(Buffer.alloc(1 << 20), boots({}))).rejects.toThrow(/s3:\/\/exports\/data.raw .*\(preflight: false skips this look\.\)$/);
  });

  test.each<[string, Properties, string]>([
    ['that is smaller than the disk', { VolumeSize: '1' }, 'volumeSize is 1 GiB, but the disk has 2 GiB: set volumeSize to 2 or more, or remove it.'],
  ])('refuses a volume %s', async (_what, change, sentence) => {
    await expect(plan(new Uint8Array(2 ** 30 + 1), change)).rejects.toThrow(sentence);
  });

  test('refuses an image that cannot be read as a disk', async () => {
    await expect(plan(Buffer.alloc(4096), { Disk: { S3Bucket: 'exports', S3Key: 'data.raw', Format: 'QCOW2' } })).rejects.toThrow(
      /^s3:\/\/exports\/data.raw cannot be imported: /,
    );
  });

  test('refuses an object that does not exist', async () => {
    const missing = { Disk: { S3Bucket: 'exports', S3Key: 'other.raw', Format: 'RAW' } };
    await expect(plan(Buffer.alloc(512), missing)).rejects.toThrow('There is no bucket exports: check its name.');
  });

  test.each([[403, 'AccessDenied'], [200, 'cannot be read']])('passes on what Amazon S3 reports (HTTP %i)', async (status, said) => {
    const rig = new SnapshotRig(Buffer.alloc(512));
    rig.rig.s3.answerWith(() => ({ status }));
    await expect(planSnapshot(rig.aws, rig.resource().request)).rejects.toThrow(status === 403 ? expect.objectContaining({ name: said }) as never : said);
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
    const { request } = rig.resource({ Disk: { S3Bucket: 'exports', S3Key: 'vm.ova', Format: 'OVA', OvaDisk: '2' }, OmitUnallocatedBlocks: 'true', Revision: '7', Events: 'Data' });
    expect(request).toMatchObject({ disk: { format: 'OVA', ovaDisk: 2 }, unallocatedBlocks: 'omit', revision: '7', events: 'Data', preflight: 'on' });
  });
});
