import type { IsCompleteRequest } from '../../../lambda/cloudformation/requests';
import { createHandlers } from '../../../lambda/handlers';
import { Rig } from '../rig';

const MINUTE = 60_000;

/** An import whose image is in progress, and was seen to be by one pass. */
async function withImageInProgress(): Promise<{ readonly rig: Rig; readonly event: IsCompleteRequest }> {
  const rig = new Rig({ taskDurationMs: MINUTE, imageDurationMs: 10 * MINUTE });
  const event = await rig.begin(rig.create());
  while (rig.count('GetImage') === 0) {
    rig.clock.advance(30_000);
    await rig.pass(event);
  }
  return { rig, event };
}

async function callsOf(rig: Rig, pass: () => Promise<unknown>): Promise<readonly string[]> {
  rig.clock.advance(30_000);
  rig.cloud.clearCalls();
  await pass();
  return rig.cloud.calls().map(({ action }) => action);
}

test('a function that saw the image in progress asks for the image and nothing else', async () => {
  const { rig, event } = await withImageInProgress();
  expect(rig.logs).toContainEqual(expect.objectContaining({ status: expect.stringMatching(/^Image Builder image arn:.* was started$/) }));
  expect(await callsOf(rig, () => rig.pass(event))).toEqual(['GetImage']);
  expect(await callsOf(rig, () => rig.pass(event))).toEqual(['GetImage']);
  expect(rig.logs.at(-1)).toMatchObject({ action: 'wait', status: expect.stringMatching(/^Image Builder image arn:.* is (PENDING|CREATING|TESTING|DISTRIBUTING)$/) });
});

test('a new function looks for the task first', async () => {
  const { rig, event } = await withImageInProgress();
  const { isComplete } = createHandlers({
    clients: rig.clients, now: () => rig.clock.now(), pause: async () => undefined, log: () => undefined, pollInterval: 30,
  });
  expect(await callsOf(rig, () => isComplete(event, { getRemainingTimeInMillis: () => 300_000 }))).toEqual(['DescribeImportImageTasks', 'GetImage']);
});

test('the first pass after the end of the image sees it, asks for it once, and answers with all attributes', async () => {
  const { rig, event } = await withImageInProgress();
  rig.clock.advance(10 * MINUTE);
  rig.cloud.clearCalls();
  expect(await rig.pass(event)).toMatchObject({ IsComplete: true, Data: { AmiId: expect.stringMatching(/^ami-/), ImageArn: expect.stringContaining(':image/golden/1.0.0/1') } });
  expect(rig.cloud.calls().map(({ action }) => action)).toEqual(['GetImage', 'DescribeImportImageTasks', 'DescribeImages']);
  expect(await callsOf(rig, () => rig.pass(event))).toEqual(['DescribeImportImageTasks', 'GetImage', 'DescribeImages']);
});

test('another import of the same function is looked at for itself', async () => {
  const { rig } = await withImageInProgress();
  const other = await rig.begin({ ...rig.create({ ImportVmImage: { name: 'Other', semanticVersion: '1.0.0', platform: 'Linux' } }), LogicalResourceId: 'OtherImport' });
  expect(await callsOf(rig, () => rig.pass(other))).not.toContain('GetImage');
});
