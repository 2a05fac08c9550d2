import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EBSClient } from '@aws-sdk/client-ebs';
import { ListExecutionsCommand, ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { AmiVariant } from './app/amis';
import type { SnapshotVariant } from './app/snapshots';
import { DEPLOY_TIMEOUT_MS, Deployment, makeBucket, NOTHING, startCloud } from './deployment';
import { differingBlocks, ebsClient, restoreVolume } from './snapshot-blocks';
import { bootVolume, canBoot, systemDisk, type SystemDisk } from './system-disk';
import { descriptor, tar } from '../disk-images/archives';
import { recordedImage } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';
import type { LocalCloud } from '../local-cloud/local-cloud';

const MIB = 1024 * 1024;

/** One table of a qcow2 describes up to 512 MiB, so that a larger size in the header is a longer disk with zeros at its end. */
function resized(qcow2: Uint8Array, size: number): Buffer {
  const larger = Buffer.from(qcow2);
  larger.writeBigUInt64BE(BigInt(size), 24);
  return larger;
}

/** More than one shard, and a last block that is not full. */
const QCOW2_SIZE = 300 * MIB + 512;
const SYSTEM: SystemDisk = 'UEFI on arm64';

/** An OVA with a system on its first disk. */
function ova(system: Uint8Array): Uint8Array {
  return tar([
    ['server.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', system], ['rhel9-disk2.vmdk', streamVmdk(recordedImage('gpt-bios-raw'))],
  ]);
}

const NEXT = recordedImage('gpt-bios-raw').subarray(0, 3 * MIB);

/** The tests follow one stack through its life, so they build on one another. */
describe('disks that are copied into snapshots, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;
  let ebs: EBSClient;
  let deployment: Deployment;
  let first: Readonly<Record<string, string>>;
  let disks: readonly SnapshotVariant[];
  let system: Uint8Array;
  const asItIs: AmiVariant = { bucket: 'disks', keys: ['server.ova'], encrypted: true };
  const next: SnapshotVariant = { id: 'Raw', object: { bucket: 'disks', key: 'next.raw' }, encrypted: true };
  const calls = (action: string) => cloud.emulator.calls({ service: 'ebs', action }).length;

  beforeAll(async () => {
    cloud = await startCloud(30);
    ebs = ebsClient(cloud);
    const { raw, image } = systemDisk(SYSTEM, cloud.folder, { format: 'vmdk', options: ['-o', 'subformat=streamOptimized'], recorded: streamVmdk });
    system = raw;
    await makeBucket(cloud, 'disks', { 'data.qcow2': resized(recordedImage('gpt-uefi-qcow2'), QCOW2_SIZE), 'server.ova': ova(image), 'next.raw': NEXT });
    const diskPath = join(cloud.folder, 'data.raw');
    writeFileSync(diskPath, recordedImage('mbr-raw').subarray(0, 5 * MIB + 512));
    disks = [
      { id: 'Qcow', object: { bucket: 'disks', key: 'data.qcow2' } },
      { id: 'Ova', object: { bucket: 'disks', key: 'server.ova', ovaDisk: 1 } },
      { id: 'Raw', diskPath, encrypted: true },
    ];
    deployment = new Deployment(cloud, 'Snapshots');
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => {
    ebs.destroy();
    await cloud.stop();
  });

  test('every byte of a qcow2, of the disks in an OVA and of a local RAW file is in a completed snapshot', async () => {
    first = await deployment.outputs({ snapshots: disks, asItIs, tags: { team: 'one' } });
    const snapshotId = expect.stringMatching(/^snap-\w+$/);
    expect(first).toEqual({
      QcowSnapshotId: snapshotId,
      QcowVolumeSize: '1',
      OvaSnapshotId: snapshotId,
      OvaVolumeSize: '1',
      RawSnapshotId: snapshotId,
      RawVolumeSize: '1',
      AmiId: expect.stringMatching(/^ami-/),
      Architecture: canBoot(SYSTEM) ? 'arm64' : 'x86_64',
      BootMode: 'uefi',
      RootDeviceName: '/dev/xvda',
      SnapshotIds: snapshotId,
    });
    const differing = await Promise.all([
      differingBlocks(ebs, first.QcowSnapshotId ?? '', recordedImage('gpt-uefi-raw'), QCOW2_SIZE),
      differingBlocks(ebs, first.OvaSnapshotId ?? '', recordedImage('gpt-bios-raw'), 6 * MIB),
      differingBlocks(ebs, first.RawSnapshotId ?? '', recordedImage('mbr-raw').subarray(0, 5 * MIB + 512), 5 * MIB + 512),
      differingBlocks(ebs, first.SnapshotIds ?? '', system, system.length),
    ]);
    expect(differing).toEqual([[], [], [], []]);
  }, DEPLOY_TIMEOUT_MS);

  (canBoot(SYSTEM) ? test : test.skip)('the blocks of the encrypted AMI of an OVA boot under QEMU on arm64', async () => {
    const volume = join(cloud.folder, 'volume.raw');
    await restoreVolume(ebs, first.SnapshotIds ?? '', volume);
    expect(await bootVolume(SYSTEM, volume)).toBe('cdk-vm-import: this disk boots by UEFI on aarch64');
  }, DEPLOY_TIMEOUT_MS);

  test('each block took one call, and each snapshot has its encryption and tags', async () => {
    expect(calls('PutSnapshotBlock')).toBe(601 + 12 + 11 + system.length / (MIB / 2));
    const { snapshots } = await cloud.emulator.state();
    expect(Object.fromEntries(snapshots.map(({ SnapshotId, Encrypted }) => [SnapshotId, Encrypted]))).toEqual({
      [first.QcowSnapshotId ?? '']: false, [first.OvaSnapshotId ?? '']: false, [first.RawSnapshotId ?? '']: true, [first.SnapshotIds ?? '']: true,
    });
    snapshots.forEach(({ Tags }) => expect(Tags).toContainEqual({ Key: 'team', Value: 'one' }));
  });

  test('a deploy without a change makes no call, and tags change in place', async () => {
    const before = cloud.emulator.calls().length;
    expect(await deployment.outputs({ snapshots: disks, asItIs, tags: { team: 'one' } })).toEqual(first);
    expect(cloud.emulator.calls()).toHaveLength(before);
    expect(await deployment.outputs({ snapshots: disks, asItIs, tags: { cost: 'two' } })).toEqual(first);
    expect(calls('StartSnapshot')).toBe(4);
    const { snapshots } = await cloud.emulator.state();
    snapshots.forEach(({ Tags }) => {
      expect(Tags).toContainEqual({ Key: 'cost', Value: 'two' });
      expect(Tags?.map(({ Key }) => Key)).not.toContain('team');
    });
  }, DEPLOY_TIMEOUT_MS);

  test('an update that fails keeps the snapshots that stand, and says why in one sentence', async () => {
    const rule = cloud.emulator.addRule({
      match: { action: 'PutSnapshotBlock', call: { from: 3 } }, effect: { kind: 'error', code: 'ValidationException', message: 'The block is refused' },
    });
    const { code, output } = await deployment.deploy({ snapshots: [...disks.slice(0, 2), next], asItIs, tags: { cost: 'two' } });
    cloud.emulator.removeRule(rule);
    expect(code).not.toBe(0);
    expect(output).toMatch(/The disk could not be copied: Snapshot snap-\w+ does not take blocks: The block is refused/);
    expect(await deployment.status()).toBe('UPDATE_ROLLBACK_COMPLETE');
    await expectOnly(Object.values(first));
  }, DEPLOY_TIMEOUT_MS);

  test('another disk replaces its snapshot alone', async () => {
    const second = await deployment.outputs({ snapshots: [...disks.slice(0, 2), next], asItIs, tags: { cost: 'two' } });
    expect(second).toEqual({ ...first, RawSnapshotId: expect.not.stringMatching(first.RawSnapshotId ?? '') });
    expect(await differingBlocks(ebs, second.RawSnapshotId ?? '', NEXT, 3 * MIB)).toEqual([]);
    await expectOnly(Object.values(second));
  }, DEPLOY_TIMEOUT_MS);

  test('everything is gone after cdk destroy', async () => {
    expect((await deployment.destroy({ snapshots: [...disks.slice(0, 2), next], asItIs })).code).toBe(0);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);

  test('a disk that cannot be copied fails the deployment with one sentence before anything starts, and the rollback leaves nothing', async () => {
    const failing = new Deployment(cloud, 'Failing');
    const started = calls('StartSnapshot');
    const { code, output } = await failing.deploy({ snapshots: [{ id: 'Text', object: { bucket: 'disks', key: 'server.ova', ovaDisk: 2 } }] });
    expect(code).not.toBe(0);
    expect(output).toContain('s3://disks/server.ova cannot be imported: Disk 2 of the OVA is blank');
    expect(await failing.status()).toBe('ROLLBACK_COMPLETE');
    expect(calls('StartSnapshot')).toBe(started);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await failing.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('no execution is left running', async () => {
    const stepFunctions = new SFNClient(cloud.clientConfig());
    const { stateMachines = [] } = await stepFunctions.send(new ListStateMachinesCommand({}));
    for (const { stateMachineArn } of stateMachines) {
      expect((await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }))).executions).toEqual([]);
    }
    stepFunctions.destroy();
  });

  /** Expects the AMI, the snapshots among the outputs of a stack, and nothing else. */
  async function expectOnly(outputs: readonly string[]): Promise<void> {
    const { snapshots, ...others } = await cloud.emulator.remaining();
    expect({ ...others, snapshots: new Set(snapshots) }).toEqual({
      ...NOTHING, amis: [first.AmiId], snapshots: new Set(outputs.filter((output) => output.startsWith('snap-'))),
    });
  }
});
