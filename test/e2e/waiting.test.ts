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

  test('gets through when descriptions of its task are throttled throughout', async () => {
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

/** Waits until ImportImage was refused so many times. */
async function refused(cloud: LocalCloud, times: number): Promise<void> {
  const count = () => cloud.emulator.calls({ action: 'ImportImage' }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode === 'ResourceLimitExceeded').length;
  const deadline = Date.now() + DEPLOY_TIMEOUT_MS;
  while (count() < times) {
    if (Date.now() > deadline) {
      throw new Error(`ImportImage was refused ${count()} times only.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
