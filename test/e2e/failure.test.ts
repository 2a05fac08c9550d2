import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { DEPLOY_TIMEOUT_MS, Deployment, disk, makeBucket, NOTHING, startCloud } from './deployment';
import { recordedImage } from '../disk-images/image-library';
import type { FaultRule } from '../local-cloud/emulator';
import type { LocalCloud } from '../local-cloud/local-cloud';

const BAD_DISK: FaultRule = {
  match: { action: 'ImportImage' },
  effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Disk validation failed [Unsupported VMDK File Format]' } },
};

describe('an import that meets trouble, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;

  beforeAll(async () => {
    cloud = await startCloud();
    await makeBucket(cloud, 'disks', { 'qcow2.vmdk': recordedImage('gpt-uefi-qcow2').subarray(0, 64 * 1024) });
  }, DEPLOY_TIMEOUT_MS);

  beforeEach(() => cloud.emulator.reset());

  afterAll(async () => cloud.stop());

  test('and fails rolls the stack back, says in one clean sentence why, and leaves nothing', async () => {
    const deployment = new Deployment(cloud, 'FailedCreate');
    cloud.emulator.addRule(BAD_DISK);
    const { code, output } = await deployment.deploy({ diskPath: disk(cloud, 'a') });
    expect(code).not.toBe(0);
    expect(await deployment.status()).toBe('ROLLBACK_COMPLETE');
    const reason = (await importEvent(deployment, 'CREATE_FAILED'))?.ResourceStatusReason ?? '';
    expect(reason.split('\n')[0]).toContain('ClientError: Disk validation failed [Unsupported VMDK File Format]');
    expect(reason.split('\n')[0]).toContain('qemu-img convert -O vmdk -o subformat=streamOptimized');
    expect(reason).not.toMatch(/^\s+at /m);
    expect(output).toContain('Unsupported VMDK File Format');
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('and fails keeps the image of the disk before', async () => {
    const deployment = new Deployment(cloud, 'FailedUpdate');
    const former = await deployment.outputs({ diskPath: disk(cloud, 'a') });
    cloud.emulator.addRule(BAD_DISK);
    expect((await deployment.deploy({ diskPath: disk(cloud, 'b') })).code).not.toBe(0);
    expect(await deployment.status()).toBe('UPDATE_ROLLBACK_COMPLETE');
    cloud.emulator.clearRules();
    const formers = { images: [former.ImageArn], amis: [former.AmiId], snapshots: [former.SnapshotIds] };
    expect(await cloud.emulator.remaining()).toEqual({ ...NOTHING, ...formers });
    expect(await deployment.outputs({ diskPath: disk(cloud, 'a'), tags: { after: 'rollback' } })).toEqual(former);
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);

  test('and outlives its timeout cancels its task, and leaves nothing', async () => {
    const deployment = new Deployment(cloud, 'TimedOut');
    cloud.emulator.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 28 } } });
    expect((await deployment.deploy({ diskPath: disk(cloud, 'a'), timeoutMinutes: 15 })).code).not.toBe(0);
    expect((await importEvent(deployment, 'CREATE_FAILED'))?.ResourceStatusReason?.split('\n')[0]).toMatch(/timeout of 15 min.*28 %/);
    expect(cloud.emulator.calls({ action: 'CancelImportTask' })).not.toHaveLength(0);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('of a qcow2 named .vmdk fails within seconds, says in one clean sentence why, and imports nothing', async () => {
    const deployment = new Deployment(cloud, 'PreflightFails');
    const { code } = await deployment.deploy({ object: { bucket: 'disks', key: 'qcow2.vmdk' } });
    expect(code).not.toBe(0);
    const [started, failed] = await Promise.all(['CREATE_IN_PROGRESS', 'CREATE_FAILED'].map(async (status) => importEvent(deployment, status)));
    const [sentence = '', ...rest] = (failed?.ResourceStatusReason ?? '').split('\n');
    expect(sentence).toContain('This VM cannot be imported: s3://disks/qcow2.vmdk is a qcow2 image, which VM Import/Export does not import.');
    expect(sentence).toContain('qemu-img convert -p -f qcow2 -O vmdk -o subformat=streamOptimized qcow2.vmdk qcow2-importable.vmdk');
    expect(rest.join('\n')).not.toMatch(/^\s+at /m);
    expect(Number(failed?.Timestamp) - Number(started?.Timestamp)).toBeLessThan(30_000);
    expect(cloud.emulator.calls({ action: 'ImportImage' })).toEqual([]);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('gets through while most descriptions of its task are throttled', async () => {
    const deployment = new Deployment(cloud, 'Throttled');
    // Three of four, and more in a row than the SDK tries.
    for (const every of [2, 3, 5, 7]) {
      cloud.emulator.addRule({ match: { action: 'DescribeImportImageTasks', call: { every } }, effect: { kind: 'throttle' } });
    }
    const { ImageArn } = await deployment.outputs({ diskPath: disk(cloud, 'a') });
    expect((await cloud.emulator.remaining()).images).toEqual([ImageArn]);
    const asked = cloud.emulator.calls({ action: 'DescribeImportImageTasks' });
    const throttled = asked.filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode === 'RequestLimitExceeded');
    expect(throttled.length).toBeGreaterThan(asked.length / 2);
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);
});

async function importEvent(deployment: Deployment, status: string): Promise<StackEvent | undefined> {
  return (await deployment.events()).find((event) => event.ResourceType === 'Custom::VmImportImage' && event.ResourceStatus === status);
}
