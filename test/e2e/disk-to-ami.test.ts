import { join } from 'node:path';
import type { EBSClient } from '@aws-sdk/client-ebs';
import type { AmiVariant } from './app/amis';
import { DEPLOY_TIMEOUT_MS, Deployment, makeBucket, NOTHING, startCloud } from './deployment';
import { differingBlocks, ebsClient, restoreVolume } from './snapshot-blocks';
import { bootVolume, canBoot, systemDisk, type SystemDisk } from './system-disk';
import { recordedImage } from '../disk-images/image-library';
import type { LocalCloud } from '../local-cloud/local-cloud';

const SYSTEM: SystemDisk = 'UEFI on x86_64';
const DATA_SIZE = 6 * 1024 * 1024;

/** The tests follow one stack through its life, so they build on one another. */
describe('an AMI of disks as they are, deployed by the CDK CLI', () => {
  const variant: AmiVariant = { bucket: 'disks', keys: ['boot.qcow2', 'data.raw'], amiName: 'fedora 1', description: 'one' };
  let cloud: LocalCloud;
  let ebs: EBSClient;
  let deployment: Deployment;
  let first: Readonly<Record<string, string>>;
  let system: Uint8Array;
  const calls = (action: string) => cloud.emulator.calls({ action }).length;
  const amis = async () => (await cloud.emulator.state()).amis;

  beforeAll(async () => {
    cloud = await startCloud(30);
    ebs = ebsClient(cloud);
    const { raw, image } = systemDisk(SYSTEM, cloud.folder, { format: 'qcow2', options: ['-c'], recorded: () => recordedImage('gpt-uefi-qcow2') });
    system = raw;
    await makeBucket(cloud, 'disks', { 'boot.qcow2': image, 'data.raw': recordedImage('mbr-raw'), 'next.raw': recordedImage('gpt-bios-raw') });
    deployment = new Deployment(cloud, 'Fedora');
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => {
    ebs.destroy();
    await cloud.stop();
  });

  test('a boot disk that the app declares wrongly fails before anything starts, and leaves nothing', async () => {
    const { code, output } = await deployment.deploy({ asItIs: { ...variant, architecture: 'arm64' as AmiVariant['architecture'] } });
    expect(code).not.toBe(0);
    expect(output).toContain('is declared as arm64, but its boot loader is for x86_64');
    // The data disk may have been started beside it.
    expect(await deployment.status()).toBe('ROLLBACK_COMPLETE');
    expect(calls('RegisterImage')).toBe(0);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('a qcow2 with a boot loader and a data disk become an AMI that boots as the disk does', async () => {
    first = await deployment.outputs({ asItIs: variant, tags: { team: 'one' } });
    expect(first).toEqual({
      AmiId: expect.stringMatching(/^ami-/), Architecture: 'x86_64', BootMode: 'uefi', RootDeviceName: '/dev/xvda', SnapshotIds: expect.stringMatching(/^snap-\w+,snap-\w+$/),
    });
    const [boot = '', data = ''] = first.SnapshotIds?.split(',') ?? [];
    expect(await amis()).toMatchObject([{
      ImageId: first.AmiId,
      Name: 'fedora 1',
      State: 'available',
      Architecture: 'x86_64',
      BootMode: 'uefi',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      ImdsSupport: 'v2.0',
      Description: 'one',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { SnapshotId: boot, VolumeType: 'gp3' } }, { DeviceName: '/dev/sdf', Ebs: { SnapshotId: data, VolumeType: 'gp3' } },
      ],
      Tags: expect.arrayContaining([{ Key: 'team', Value: 'one' }]),
    }]);
    expect(await Promise.all([
      differingBlocks(ebs, boot, system, system.length), differingBlocks(ebs, data, recordedImage('mbr-raw'), DATA_SIZE),
    ])).toEqual([[], []]);
  }, DEPLOY_TIMEOUT_MS);

  (canBoot(SYSTEM) ? test : test.skip)('the blocks of its boot snapshot boot under QEMU', async () => {
    const volume = join(cloud.folder, 'volume.raw');
    await restoreVolume(ebs, first.SnapshotIds?.split(',')[0] ?? '', volume);
    expect(await bootVolume(SYSTEM, volume)).toBe('cdk-vm-import: this disk boots by UEFI on x86_64');
  }, DEPLOY_TIMEOUT_MS);

  test('a deploy without a change makes no call, and what can change in place does', async () => {
    const before = cloud.emulator.calls().length;
    expect(await deployment.outputs({ asItIs: variant, tags: { team: 'one' } })).toEqual(first);
    expect(cloud.emulator.calls()).toHaveLength(before);
    const changed: AmiVariant = { ...variant, description: 'two', launchPermissions: { accountIds: ['222233334444'] } };
    expect(await deployment.outputs({ asItIs: changed, tags: { cost: 'two' } })).toEqual(first);
    const [ami] = await amis();
    expect(ami).toMatchObject({ Description: 'two', launchPermissions: [{ UserId: '222233334444' }], Tags: expect.arrayContaining([{ Key: 'cost', Value: 'two' }]) });
    expect(calls('RegisterImage')).toBe(1);
  }, DEPLOY_TIMEOUT_MS);

  test('an update that replaces the AMI and keeps its name fails before anything is copied, and keeps the AMI', async () => {
    const copies = calls('StartSnapshot');
    const { code, output } = await deployment.deploy({ asItIs: { ...variant, keys: ['boot.qcow2', 'next.raw'] } });
    expect(code).not.toBe(0);
    expect(output).toContain(`The AMI name "fedora 1" is in use by ${first.AmiId}, and AMI names are unique in an account and Region. Use another name for the AMI`);
    expect(await deployment.status()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(calls('StartSnapshot')).toBe(copies);
    expect((await amis()).map(({ ImageId }) => ImageId)).toEqual([first.AmiId]);
    expect(new Set((await cloud.emulator.remaining()).snapshots)).toEqual(new Set(first.SnapshotIds?.split(',')));
  }, DEPLOY_TIMEOUT_MS);

  test('another data disk replaces its snapshot and the AMI, and copies the boot disk once', async () => {
    const second = await deployment.outputs({ asItIs: { ...variant, amiName: 'fedora 2', keys: ['boot.qcow2', 'next.raw'] } });
    const [boot, data] = second.SnapshotIds?.split(',') ?? [];
    expect(first.SnapshotIds?.split(',')).toEqual([boot, expect.not.stringMatching(data ?? '')]);
    expect((await amis()).map(({ ImageId }) => ImageId)).toEqual([second.AmiId]);
    expect(second.AmiId).not.toBe(first.AmiId);
    expect(new Set((await cloud.emulator.remaining()).snapshots)).toEqual(new Set([boot, data]));
  }, DEPLOY_TIMEOUT_MS);

  test('everything is gone after its stack', async () => {
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);
});
