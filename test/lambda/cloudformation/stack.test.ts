import { isRollingBack, operationBeganAt } from '../../../lambda/cloudformation/stack';
import type { StackEvent } from '../../local-cloud/cloudformation-driver';
import { Rig } from '../rig';

const StackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/S/11111111-2222-3333-4444-555555555555';
const MINUTE = 60_000;

/** One event a minute; those of the stack itself are told by their statuses alone. */
function rigWith(...events: readonly (string | readonly [physicalId: string, status: string])[]): Rig {
  const rig = new Rig();
  rig.stackResource.events = events.map((event, index): StackEvent => {
    const [physicalId, status] = typeof event === 'string' ? [StackId, event] : event;
    return { time: index * MINUTE, logicalId: 'L', physicalId, status };
  });
  return rig;
}

const aws = ({ clients }: Rig) => ({ ...clients, signal: new AbortController().signal });
const noise = Array.from({ length: 25 }, (): readonly [string, string] => ['other', 'UPDATE_COMPLETE']);

test.each<readonly [string, Rig, number]>([
  ['a create', rigWith('REVIEW_IN_PROGRESS', 'CREATE_IN_PROGRESS', ['mine', 'DELETE_IN_PROGRESS']), 1],
  ['the last of several', rigWith('CREATE_IN_PROGRESS', ['mine', 'CREATE_COMPLETE'], 'UPDATE_IN_PROGRESS', ...noise, ['mine', 'DELETE_IN_PROGRESS']), 2],
  ['the one before a delete of the stack', rigWith('CREATE_IN_PROGRESS', 'ROLLBACK_FAILED', 'DELETE_IN_PROGRESS', ['mine', 'DELETE_IN_PROGRESS']), 0],
  ['an update that is rolled back', rigWith('CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', ['mine', 'UPDATE_IN_PROGRESS']), 1],
  ['the first of those since the last that was not left half done', rigWith(
    'CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', ['mine', 'CREATE_COMPLETE'], 'UPDATE_FAILED', 'UPDATE_IN_PROGRESS', 'UPDATE_FAILED', ...noise,
    'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', ['mine', 'DELETE_IN_PROGRESS'],
  ), 2],
  ['that which worked on it, where another came after', rigWith('CREATE_IN_PROGRESS', ['mine', 'DELETE_FAILED'], ...noise, 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'), 0],
  ['the last one, where none is known to have worked on it', rigWith('CREATE_IN_PROGRESS', ...noise, 'UPDATE_IN_PROGRESS', ...noise), 26],
])('of the operations on a stack, %s is told by its events', async (_which, rig, minute) => {
  expect(await operationBeganAt(aws(rig), { StackId, PhysicalResourceId: 'mine' }, rig.clock.now())).toBe(minute * MINUTE);
});

test('an operation began three hours ago at most, where CloudFormation does not tell', async () => {
  const [silent, unknown] = [rigWith(), rigWith()];
  unknown.stackResource.failure = { statusCode: 400, code: 'ValidationError' };
  for (const rig of [silent, unknown]) {
    expect(await operationBeganAt(aws(rig), { StackId, PhysicalResourceId: 'mine' }, rig.clock.now())).toBe(rig.clock.now() - 180 * MINUTE);
  }
});

test('an error of CloudFormation is no answer', async () => {
  const rig = rigWith();
  rig.stackResource.failure = { statusCode: 400, code: 'AccessDenied' };
  await expect(operationBeganAt(aws(rig), { StackId, PhysicalResourceId: 'mine' }, 0)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test.each([
  [true, 'the last event of its stack says so', rigWith('CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', ['mine', 'UPDATE_IN_PROGRESS'])],
  [false, 'that was before', rigWith('UPDATE_ROLLBACK_COMPLETE', 'UPDATE_IN_PROGRESS', ...noise)],
  [false, 'there is none', rigWith(...noise)],
] as const)('that a stack is rolled back is %s where %s', async (rollsBack, _why, rig) => {
  expect(await isRollingBack(aws(rig), { StackId })).toBe(rollsBack);
});
