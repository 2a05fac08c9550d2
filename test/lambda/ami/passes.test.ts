import { observeAmi, observeAmiRemoval } from '../../../lambda/ami/observe';
import { reconcileAmi, reconcileAmiRemoval } from '../../../lambda/ami/reconcile';
import { parseAmiRequest } from '../../../lambda/ami/request';
import type { Aws } from '../../../lambda/aws/clients';
import { locationOf } from '../../../lambda/cloudformation/physical-id';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { createRequest } from '../requests';

/** What EC2 answers that shows nothing of what is done to it, as it may for a moment. An error is thrown. */
function answering(answers: Readonly<Record<string, unknown>>): { readonly aws: Aws; readonly asked: string[] } {
  const asked: string[] = [];
  const send = async (command: object) => {
    const action = command.constructor.name.replace(/Command$/, '');
    asked.push(action);
    const answer = answers[action] ?? {};
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  return { aws: { ec2: { send }, signal: new AbortController().signal } as never, asked };
}

const ID = 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000';
const resource = (properties: Properties) => ({
  id: ID,
  request: parseAmiRequest({ ...createRequest(), ResourceProperties: { SourceImageId: 'ami-1', ...properties } }),
  location: locationOf(createRequest().StackId),
});
const ami = (change: object) => ({ DescribeImages: { Images: [{ ImageId: 'ami-1', State: 'available', ...change }] } });
const CIRCUMSTANCES = { phase: 'creating', elapsed: 0, now: 0, isStillWanted: async () => true, isRollingBack: async () => false } as const;

describe('what is seen of an AMI', () => {
  test.each<readonly [object, object]>([
    [{ State: 'pending' }, { kind: 'pending', amiId: 'ami-1' }],
    [{ State: 'failed', StateReason: { Message: 'no key' } }, { kind: 'failed', reason: 'no key' }],
    [{ State: 'error' }, { kind: 'failed' }],
    [{ State: 'invalid' }, { kind: 'failed' }],
    [{ State: 'deregistered' }, { kind: 'none' }],
    [{}, { kind: 'available', changes: [{ kind: 'require-imdsv2' }] }],
    [{ ImdsSupport: 'v2.0', DeregistrationProtection: 'enabled', DeprecationTime: '2030-01-01T00:00:00Z' }, { kind: 'available', changes: [] }],
  ])('%j is %j', async (change, kept) => {
    expect((await observeAmi(answering(ami(change)).aws, resource({ ImdsSupport: 'v2.0' }), 0)).target).toMatchObject(kept);
  });

  test('an AMI that need not require IMDSv2 is as it should be', async () => {
    expect((await observeAmi(answering(ami({})).aws, resource({}), 0)).target).toMatchObject({ kind: 'available', changes: [] });
  });

  test('a copy that carries another id is none of ours, whatever the filter let through', async () => {
    const { aws } = answering(ami({ Tags: [{ Key: 'cdk-vm-import:id', Value: 'other' }] }));
    expect((await observeAmi(aws, resource({ Name: 'golden' }), 0)).target).toEqual({ kind: 'none' });
  });

  test('an imported AMI that does not stand is nothing to put back', async () => {
    expect(await observeAmiRemoval(answering(ami({ State: 'deregistered' })).aws, resource({}).request, [], 0)).toEqual({ kind: 'nothing' });
  });
});

describe('a pass after which EC2 shows nothing of what it did', () => {
  test('waits for it to show, and does it once', async () => {
    const { aws, asked } = answering(ami({}));
    expect(await reconcileAmi(aws, resource({ ImdsSupport: 'v2.0' }), CIRCUMSTANCES)).toEqual({ kind: 'wait', on: 'EC2 to show the result of change' });
    expect(asked).toEqual(['DescribeImages', 'ModifyImageAttribute', 'DescribeImages']);
  });

  test('waits when it lifted a protection, too', async () => {
    const { request } = resource({ DeregistrationProtection: 'enabled-without-cooldown', LiftProtection: 'true' });
    const { aws, asked } = answering(ami({ DeregistrationProtection: 'enabled-without-cooldown' }));
    const pass = { elapsed: 0, now: 0, after: 'an-answer' } as const;
    expect(await reconcileAmiRemoval(aws, { request, ids: [ID] }, pass)).toEqual({ kind: 'wait', on: 'EC2 to show the result of change' });
    expect(asked).toEqual(['DescribeImages', 'DisableImageDeregistrationProtection', 'DescribeImages']);
  });
});

describe('the rollback of an update that protected and shared an AMI, which somebody disabled since then', () => {
  const disabled = ami({ State: 'disabled', DeregistrationProtection: 'enabled-without-cooldown', Description: 'other' });
  const request = { Description: 'golden', DeregistrationProtection: 'disabled' };

  test.each([
    ['lifts the protection, which would keep a Delete from its work, and leaves the rest', { elapsed: 60 }, 1],
    ['lifts nothing any more if CloudFormation does not wait for it', { elapsed: 60, isStillWanted: async () => false }, 0],
  ])('%s', async (_what, circumstances, lifted) => {
    const { aws, asked } = answering(disabled);
    const pass = { ...CIRCUMSTANCES, phase: 'updating', isRollingBack: async () => true, ...circumstances } as const;
    expect(await reconcileAmi(aws, resource(request), pass)).toMatchObject({ kind: 'done', attributes: { AmiId: 'ami-1' } });
    expect(asked).toEqual(['DescribeImages', ...Array.from({ length: lifted }, () => 'DisableImageDeregistrationProtection')]);
  });

  test('fails without a rollback, and changes nothing', async () => {
    const { aws, asked } = answering(disabled);
    expect(await reconcileAmi(aws, resource(request), { ...CIRCUMSTANCES, phase: 'updating' })).toMatchObject({ kind: 'fail' });
    expect(asked).toEqual(['DescribeImages']);
  });
});

test('an AMI without snapshots is copied without a word about encryption', async () => {
  const { aws, asked } = answering(ami({}));
  expect(await reconcileAmi(aws, resource({ Name: 'golden' }), CIRCUMSTANCES)).toEqual({ kind: 'wait', on: 'the copy of AMI ami-1 was started' });
  expect(asked).toEqual(['DescribeImages', 'DescribeImages', 'CopyImage']);
});

test('a copy that EC2 refuses for another reason than its name fails with that reason', async () => {
  const denied = Object.assign(new Error('denied'), { name: 'UnauthorizedOperation' });
  const { aws } = answering({ ...ami({}), CopyImage: denied });
  await expect(reconcileAmi(aws, resource({ Name: 'golden' }), CIRCUMSTANCES)).rejects.toBe(denied);
});

test('a delete that EC2 holds up waits, and says what is held', async () => {
  const inUse = Object.assign(new Error('The snapshot is in use'), { name: 'InvalidSnapshot.InUse', $metadata: { httpStatusCode: 400 } });
  const { aws } = answering({ DescribeSnapshots: { Snapshots: [{ SnapshotId: 'snap-1' }] }, DeleteSnapshot: inUse });
  const { request } = resource({ Name: 'golden' });
  expect(await reconcileAmiRemoval(aws, { request, ids: [ID] }, { elapsed: 0, now: 0, after: 'an-answer' })).toEqual({
    kind: 'wait', on: 'snapshot snap-1 is held: InvalidSnapshot.InUse: The snapshot is in use',
  });
});
