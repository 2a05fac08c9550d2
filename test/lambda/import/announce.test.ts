import type { Properties } from '../../../lambda/cloudformation/requests';
import { Rig } from '../rig';

const ASKED = { Events: 'GoldenImport' };
const OF_THE_STACK = {
  id: expect.stringMatching(/^vm-import-/), stackId: expect.stringMatching(/^arn:aws:cloudformation:/), stackName: expect.stringMatching(/./), logicalId: 'GoldenImport',
};

async function end(rig: Rig, properties: Properties) {
  const event = rig.create(properties);
  return { event, outcome: await rig.deliver(event) };
}

test('an import that nobody asks about announces nothing', async () => {
  const rig = new Rig();
  expect((await end(rig, {})).outcome.status).toBe('SUCCESS');
  expect(rig.eventBus.events).toStrictEqual([]);
});

test('a success is announced once, with what was made', async () => {
  const rig = new Rig();
  const { event, outcome } = await end(rig, ASKED);
  expect(outcome).toMatchObject({ status: 'SUCCESS' });
  const data = outcome.status === 'SUCCESS' ? outcome.data : {};
  expect(rig.eventBus.events).toStrictEqual([{
    Source: 'cdk-vm-import',
    DetailType: 'VM Import Succeeded',
    Detail: {
      ...OF_THE_STACK,
      id: outcome.id,
      stackId: event.StackId,
      stackName: event.StackId.split('/')[1],
      imageArn: data.ImageArn,
      amiId: data.AmiId,
      importTaskId: data.ImportTaskId,
    },
  }]);
  expect(rig.logs.at(-1)).toMatchObject({ id: outcome.id, action: 'announce', event: 'VM Import Succeeded', status: 'sent' });
});

test('a failure is announced with its reason, without the secret of a URL', async () => {
  const rig = new Rig();
  rig.cloud.addRule({
    match: { action: 'ImportImage' },
    effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: cannot read https://example.com/a.ova?X-Amz-Signature=secret' } },
  });
  expect((await end(rig, ASKED)).outcome.status).toBe('FAILED');
  expect(rig.eventBus.events).toStrictEqual([{
    Source: 'cdk-vm-import',
    DetailType: 'VM Import Failed',
    Detail: { ...OF_THE_STACK, reason: expect.stringContaining('ClientError: cannot read https://example.com/a.ova?…') },
  }]);
});

test('what the preflight refuses is announced, too', async () => {
  const rig = new Rig();
  rig.s3.putObject('exports', 'golden.vmdk', Buffer.from('QFI\u00fb is qcow2', 'latin1'));
  await expect(end(rig, { ...ASKED, Preflight: 'true' })).rejects.toThrow('This VM cannot be imported');
  expect(rig.eventBus.events).toMatchObject([{ DetailType: 'VM Import Failed', Detail: { reason: expect.stringContaining('This VM cannot be imported') } }]);
});

test('of several segments the last one announces the success', async () => {
  const rig = new Rig();
  const { event, outcome } = await end(rig, { ...ASKED, Segments: '2' });
  expect(outcome.status).toBe('SUCCESS');
  expect(rig.eventBus.events).toStrictEqual([]);
  const follower = rig.create({ ...ASKED, Segment: '2', Segments: '2', ImportId: outcome.id });
  expect((await rig.deliver({ ...follower, LogicalResourceId: `${event.LogicalResourceId}2` })).status).toBe('SUCCESS');
  expect(rig.eventBus.events.map(({ DetailType, Detail }) => [DetailType, Detail.id])).toStrictEqual([['VM Import Succeeded', outcome.id]]);
});

test.each(['a longer timeout adds to it', 'a rollback takes back to it'] as const)('a segment that %s does not announce an import that stood before', async (what) => {
  const rig = new Rig();
  const { event, outcome } = await end(rig, ASKED);
  const standing = await rig.deliver(rig.update(outcome.id, ASKED, { ...ASKED, Segments: '2' }));
  const PreviousOutcome = standing.status === 'SUCCESS' ? standing.data.Outcome ?? '' : '';
  const follower = { ...ASKED, Segment: '2', Segments: '2', ImportId: outcome.id, PreviousOutcome };
  const request = what === 'a longer timeout adds to it'
    ? rig.create(follower)
    : rig.update(`${outcome.id}/2`, { ...follower, ImportId: outcome.id.replace(/.$/, 'x') }, follower);
  expect((await rig.deliver({ ...request, LogicalResourceId: `${event.LogicalResourceId}2` })).status).toBe('SUCCESS');
  expect(rig.eventBus.events).toHaveLength(1);
});

test('a change in place, and a deletion, are no imports', async () => {
  const rig = new Rig();
  const { outcome } = await end(rig, {});
  expect((await rig.deliver(rig.update(outcome.id, {}, { ...ASKED, Tags: { team: 'b' } }))).status).toBe('SUCCESS');
  expect((await rig.deliver(rig.delete(outcome.id, ASKED))).status).toBe('SUCCESS');
  expect(rig.eventBus.events).toStrictEqual([]);
});

test.each([
  ['refuses the call', { status: 400, body: '{"__type":"AccessDeniedException","message":"No."}' }, 'AccessDeniedException: No.'],
  ['refuses the event alone', { status: 200, body: '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"Later."}]}' }, 'InternalFailure: Later.'],
  ['says nothing about the event', { status: 200, body: '{}' }, 'undefined: undefined'],
  ['is broken', { status: 500, body: '' }, 'Unknown: AWS answers HTTP 500 without a message'],
])('an EventBridge that %s neither fails the import nor keeps it waiting, and the log says so', async (_name, refusal, status) => {
  const [rig, other] = [new Rig(), new Rig()];
  rig.eventBus.refusal = refusal;
  const { outcome } = await end(rig, ASKED);
  expect(outcome).toMatchObject({ status: 'SUCCESS', seconds: (await end(other, {})).outcome.seconds });
  expect(rig.logs.at(-1)).toMatchObject({ action: 'announce', status });
});
