import { DEPLOY_TIMEOUT_MS, Deployment, disk, NOTHING, startCloud } from './deployment';
import type { FaultRule } from '../local-cloud/emulator';
import type { LocalCloud } from '../local-cloud/local-cloud';

const BAD_DISK: FaultRule = {
  match: { action: 'ImportImage' },
  effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Disk validation failed [Unsupported VMDK File Format]' } },
};

describe('an import that fails, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;

  beforeAll(async () => {
    cloud = await startCloud();
  }, DEPLOY_TIMEOUT_MS);

  beforeEach(() => cloud.emulator.reset());

  afterAll(async () => cloud.stop());

  test('rolls the stack back, says in one clean sentence why, and leaves nothing', async () => {
    const deployment = new Deployment(cloud, 'FailedCreate');
    cloud.emulator.addRule(BAD_DISK);
    const { code, output } = await deployment.deploy({ diskPath: disk(cloud, 'a') });
    expect(code).not.toBe(0);
    expect(await deployment.status()).toBe('ROLLBACK_COMPLETE');
    const reason = await reasonOf(deployment, 'CREATE_FAILED');
    expect(reason.split('\n')[0]).toContain('ClientError: Disk validation failed [Unsupported VMDK File Format]');
    expect(reason.split('\n')[0]).toContain('qemu-img convert -O vmdk -o subformat=streamOptimized');
    expect(reason).not.toMatch(/^\s+at /m);
    expect(output).toContain('Unsupported VMDK File Format');
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('keeps the former image when the import of a new disk fails', async () => {
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

  test('cancels a task that outlives the timeout, and leaves nothing', async () => {
    const deployment = new Deployment(cloud, 'TimedOut');
    cloud.emulator.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 28 } } });
    expect((await deployment.deploy({ diskPath: disk(cloud, 'a'), timeoutMinutes: 15 })).code).not.toBe(0);
    expect((await reasonOf(deployment, 'CREATE_FAILED')).split('\n')[0]).toMatch(/timeout of 15 min.*28 %/);
    expect(cloud.emulator.calls({ action: 'CancelImportTask' })).not.toHaveLength(0);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);
});

async function reasonOf(deployment: Deployment, status: string): Promise<string> {
  const events = await deployment.events();
  const failed = events.find((event) => event.ResourceType === 'Custom::VmImportImage' && event.ResourceStatus === status);
  return failed?.ResourceStatusReason ?? '';
}
