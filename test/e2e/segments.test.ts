import { DEPLOY_TIMEOUT_MS, Deployment, disk, startCloud } from './deployment';
import type { LocalCloud } from '../local-cloud/local-cloud';

/** An hour in twelve seconds. */
const TIME_SCALE = 300;

describe('an import that takes longer than a custom resource may, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;

  beforeAll(async () => {
    cloud = await startCloud(TIME_SCALE);
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  test('is handed on from segment to segment until it is done', async () => {
    const deployment = new Deployment(cloud, 'Long');
    // Two hours and twenty minutes, so that two segments of 50 minutes are used up, however quick the machine is.
    cloud.emulator.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'slow', factor: 14 } } });
    const { ImageArn } = await deployment.outputs({ diskPath: disk(cloud, 'a'), timeoutMinutes: 200 });
    expect((await cloud.emulator.remaining()).images).toEqual([ImageArn]);
    expect(cloud.emulator.calls({ action: 'ImportImage' })).toHaveLength(1);
    const segments = (await deployment.events()).filter(({ ResourceType }) => ResourceType === 'Custom::VmImportImage');
    const durations = segments.filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_COMPLETE').map(({ LogicalResourceId, Timestamp }) => {
      const begun = segments.find((event) => event.LogicalResourceId === LogicalResourceId && event.ResourceStatus === 'CREATE_IN_PROGRESS');
      return ((Timestamp?.getTime() ?? 0) - (begun?.Timestamp?.getTime() ?? 0)) * TIME_SCALE;
    });
    expect(durations).toHaveLength(4);
    // The whole of its budget for each but the last ones.
    const budgets = durations.filter((duration) => duration > 45 * 60_000);
    expect(budgets.length).toBeGreaterThanOrEqual(2);
    await deployment.delete();
    expect(Object.values(await cloud.emulator.remaining()).flat()).toEqual([]);
  }, DEPLOY_TIMEOUT_MS);
});
