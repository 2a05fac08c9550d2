import { DEPLOY_TIMEOUT_MS, Deployment, disk, NOTHING, startCloud } from './deployment';
import type { LocalCloud } from '../local-cloud/local-cloud';

describe('an import that has to wait, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;

  beforeAll(async () => {
    cloud = await startCloud();
  }, DEPLOY_TIMEOUT_MS);

  beforeEach(() => cloud.emulator.reset());

  afterAll(async () => cloud.stop());

  test('queues while the account runs as many imports as it may', async () => {
    const deployment = new Deployment(cloud, 'Queued');
    const full = cloud.emulator.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const deploying = deployment.outputs({ diskPath: disk(cloud, 'a') });
    await refused(cloud, 3);
    cloud.emulator.removeRule(full);
    const { ImageArn } = await deploying;
    expect((await cloud.emulator.remaining()).images).toEqual([ImageArn]);
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);

  test('gets through when most descriptions of its task are throttled', async () => {
    const deployment = new Deployment(cloud, 'Throttled');
    cloud.emulator.addRule({ match: { action: 'DescribeImportImageTasks', call: { every: 2 } }, effect: { kind: 'throttle' } });
    cloud.emulator.addRule({ match: { action: 'DescribeImportImageTasks', call: { every: 3 } }, effect: { kind: 'throttle' } });
    const { ImageArn } = await deployment.outputs({ diskPath: disk(cloud, 'a') });
    expect((await cloud.emulator.remaining()).images).toEqual([ImageArn]);
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);
});

/** Waits until ImportImage was refused so many times. */
async function refused(cloud: LocalCloud, times: number): Promise<void> {
  const count = () => cloud.emulator.calls({ action: 'ImportImage' }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode === 'ResourceLimitExceeded').length;
  while (count() < times) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
