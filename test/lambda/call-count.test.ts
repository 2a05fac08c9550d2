import { importTemplate, StackRig } from './stack-rig';

const MINUTE = 60_000;

/** What a pass takes beside the waiting: two functions of the framework, ours, and a call to AWS. */
const PASS_TAKES = 1_000;

/** An import that takes an hour from CloudFormation's request to its answer, polled every 30 s. */
async function oneHour(segments: number) {
  const rig = new StackRig({ settings: { taskDurationMs: 57 * MINUTE, imageDurationMs: 2 * MINUTE } });
  rig.cloud.addRule({ match: { action: 'DescribeImportImageTasks' }, effect: { kind: 'delay', ms: PASS_TAKES } });
  const started = rig.clock.now();
  const { status } = await rig.driver.createStack('S', importTemplate({ Budget: 48 * 60, Timeout: 48 * 60 * segments }, segments));
  return { status, minutes: (rig.clock.now() - started) / MINUTE, calls: rig.cloud.calls().length };
}

test('an import of one hour takes fewer than 130 calls to EC2 and Image Builder', async () => {
  const { status, minutes, calls } = await oneHour(2);
  expect(status).toBe('CREATE_COMPLETE');
  expect(minutes).toBeGreaterThanOrEqual(59);
  expect(minutes).toBeLessThan(61.5);
  expect(calls).toBeLessThan(130);
});

test('segments that follow the end of the import add none', async () => {
  expect((await oneHour(5)).calls).toBe((await oneHour(2)).calls);
});
