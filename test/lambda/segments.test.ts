import { importTemplate, StackRig } from './stack-rig';
import type { StackOutcome } from '../local-cloud/cloudformation-driver';

const MINUTE = 60_000;

/** The template for a timeout of so many segments of fifty minutes. */
const spread = (segments: number) => importTemplate({ Budget: 3000, Timeout: 3000 * segments }, segments);

/** Minutes from a resource's first event to its last. */
function minutes({ events }: StackOutcome, logicalId: string): number {
  const times = events.filter((event) => event.logicalId === logicalId).map(({ time }) => time);
  return (Math.max(...times) - Math.min(...times)) / MINUTE;
}

describe('an import spread over segments', () => {
  test('answers every segment well within its hour, and ends in the last', async () => {
    const rig = new StackRig({ settings: { taskDurationMs: 130 * MINUTE } });
    const outcome = await rig.driver.createStack('S', spread(3));
    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(['Golden', 'Golden2'].map((name) => minutes(outcome, name))).toEqual([50, 50]);
    expect(minutes(outcome, 'Golden3')).toBeLessThan(50);
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(1);
  });

  test('takes no time in those that follow when it is done in the first', async () => {
    const rig = new StackRig();
    const outcome = await rig.driver.createStack('S', spread(3));
    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(['Golden2', 'Golden3'].map((name) => minutes(outcome, name))).toEqual([0, 0]);
  });

  test.each([[1, 3], [3, 1], [2, 3], [3, 2]])('is not started again when its timeout changes from %d to %d segments', async (before, after) => {
    const rig = new StackRig();
    await rig.driver.createStack('S', spread(before));
    const standing = await rig.cloud.remaining();
    expect((await rig.driver.updateStack('S', spread(after))).status).toBe('UPDATE_COMPLETE');
    expect(await rig.cloud.remaining()).toEqual(standing);
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(1);
  });

  test('fails in the last one on timeout with the progress reached, and the rollback cancels the task', async () => {
    const rig = new StackRig();
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 42 } } });
    const outcome = await rig.driver.createStack('S', spread(2));
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(outcome.events.find(({ status }) => status === 'CREATE_FAILED')).toMatchObject({
      logicalId: 'Golden2', reason: expect.stringMatching(/did not finish within its timeout of 100 min; .* \(42 %\)/),
    });
    expect((await rig.cloud.remaining()).tasks).toEqual([]);
  });
});
