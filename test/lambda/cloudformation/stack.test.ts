import { hasLaterRequest, isRollingBack, operationBeganAt, operationOf, secondsSinceWork, wasRetainedBefore } from '../../../lambda/cloudformation/stack';
import type { StackEvent } from '../../local-cloud/cloudformation-driver';
import { Rig } from '../rig';

const StackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/S/11111111-2222-3333-4444-555555555555';
const MINUTE = 60_000;

type ToldEvent = string | readonly [physicalId: string, status: string];

/** One event a minute; those of the stack itself are told by their statuses alone. */
function rigWith(...events: readonly ToldEvent[]): Rig {
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

test.each<readonly [string, Rig, number]>([
  ['nothing', rigWith(), 0],
  ['the Delete alone', rigWith(['L', 'DELETE_IN_PROGRESS']), 0],
  ['the end of the Create before it', rigWith(['L', 'CREATE_COMPLETE'], ['L', 'DELETE_IN_PROGRESS']), 120],
  ['a Create that has not ended', rigWith(['L', 'CREATE_IN_PROGRESS'], ['L', 'DELETE_IN_PROGRESS']), 0],
])('the seconds since the last work on a resource whose events show %s', async (_what, rig, seconds) => {
  expect(await secondsSinceWork(aws(rig), { StackId, LogicalResourceId: 'L' }, 2 * MINUTE, 600)).toBe(seconds);
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

const FAILED_ROLLBACK = ['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', ...noise, 'DELETE_IN_PROGRESS', ...noise] as const;

test.each<readonly [string, readonly ToldEvent[], number]>([
  ['the update', ['CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', ...FAILED_ROLLBACK], 1],
  ['the update, also if the rollback was continued', ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', ...FAILED_ROLLBACK], 2],
  ['the update, also if the stack could not be deleted at first', ['CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', ...FAILED_ROLLBACK, 'DELETE_FAILED', 'DELETE_IN_PROGRESS'], 1],
  ['the first update that was not rolled back', ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_FAILED', 'UPDATE_IN_PROGRESS', ...FAILED_ROLLBACK], 2],
])('a stack that is deleted after its rollback failed: its events show when %s began', async (_which, events, minute) => {
  expect(await operationOf(aws(rigWith(...events)), { StackId })).toEqual({ kind: 'delete-after-failed-rollback', began: minute * MINUTE });
});

test.each<readonly [string, readonly ToldEvent[]]>([
  ['is deleted after an update that succeeded', ['CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE', 'DELETE_IN_PROGRESS']],
  ['is deleted after its create was rolled back', ['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED', 'DELETE_IN_PROGRESS']],
  ['is updated', ['CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', 'UPDATE_IN_PROGRESS']],
  ['has no event that shows the update', FAILED_ROLLBACK],
])('a stack that %s has no failed rollback', async (_which, events) => {
  expect(await operationOf(aws(rigWith(...events)), { StackId })).toEqual({ kind: 'other' });
});

const ID = `vm-import-11111111-2222-4333-8444-555555555555-${'a'.repeat(12)}-${'b'.repeat(12)}-`;
const [MINE, OTHER] = [`${ID}${'1'.repeat(12)}`, `${ID}${'2'.repeat(12)}`];

test.each<readonly [boolean, string, Rig]>([
  [true, 'it was created then', rigWith('CREATE_IN_PROGRESS', [MINE, 'CREATE_COMPLETE'], [MINE, 'DELETE_SKIPPED'], 'UPDATE_IN_PROGRESS', [MINE, 'UPDATE_COMPLETE'])],
  [true, 'it was retained under an id that CloudFormation made up', rigWith('CREATE_IN_PROGRESS', ['S-L-1', 'DELETE_SKIPPED'], ...noise.slice(0, 1), 'UPDATE_IN_PROGRESS', [MINE, 'UPDATE_COMPLETE'])],
  [true, 'the events do not go back to when it was made', rigWith('UPDATE_IN_PROGRESS', ...noise)],
  [true, 'another one took its place', rigWith('CREATE_IN_PROGRESS', [MINE, 'CREATE_COMPLETE'], [OTHER, 'UPDATE_COMPLETE'], 'UPDATE_IN_PROGRESS', [MINE, 'UPDATE_COMPLETE'])],
  [true, 'it failed', rigWith('CREATE_IN_PROGRESS', ['S-L-1', 'CREATE_IN_PROGRESS'], [MINE, 'CREATE_FAILED'], 'UPDATE_IN_PROGRESS', [MINE, 'UPDATE_COMPLETE'])],
  [false, 'the operation began with it', rigWith('CREATE_IN_PROGRESS', ['S-L-1', 'CREATE_IN_PROGRESS'], [MINE, 'CREATE_COMPLETE'], 'UPDATE_IN_PROGRESS', [OTHER, 'UPDATE_COMPLETE'])],
  [false, 'only the operation itself has named it', rigWith('CREATE_IN_PROGRESS', [OTHER, 'CREATE_COMPLETE'], [OTHER, 'DELETE_SKIPPED'], 'UPDATE_IN_PROGRESS', [MINE, 'UPDATE_COMPLETE'])],
])('that a resource was retained before an operation is %s where %s', async (isRetained, why, rig) => {
  const madeAt = why.startsWith('the events') ? -MINUTE : MINUTE - 1;
  const resource = { StackId, LogicalResourceId: 'L', PhysicalResourceId: MINE };
  expect(await wasRetainedBefore(aws(rig), resource, { began: 3 * MINUTE, madeAt })).toBe(isRetained);
});

test('what another resource has retained is not this one', async () => {
  const rig = rigWith('CREATE_IN_PROGRESS', ['S-Other-1', 'DELETE_SKIPPED'], 'UPDATE_IN_PROGRESS');
  const resource = { StackId, LogicalResourceId: 'Another', PhysicalResourceId: MINE };
  expect(await wasRetainedBefore(aws(rig), resource, { began: 2 * MINUTE, madeAt: 10_000 })).toBe(false);
});

describe('that CloudFormation went on to another request', () => {
  const later = async (RequestType: 'Update' | 'Delete', startedAt: number, events: readonly ToldEvent[]) => {
    const rig = rigWith(...events);
    rig.stackResource.events = rig.stackResource.events.map((event) => ({ ...event, logicalId: ['mine', 'other one'].includes(event.physicalId) ? 'L' : 'Other' }));
    return hasLaterRequest(aws(rig), { StackId, LogicalResourceId: 'L', PhysicalResourceId: 'mine', RequestType }, startedAt);
  };

  test.each<readonly [boolean, string, number, readonly ToldEvent[]]>([
    [true, 'another Update began', 0, ['CREATE_COMPLETE', ['mine', 'UPDATE_IN_PROGRESS']]],
    [true, 'another Update began and ended', 0, ['CREATE_COMPLETE', ['mine', 'UPDATE_IN_PROGRESS'], ['mine', 'UPDATE_COMPLETE'], ...noise]],
    [false, 'a Delete began', 0, ['CREATE_COMPLETE', ['mine', 'DELETE_IN_PROGRESS']]],
    [false, 'the Update began at the same time: it is the request itself', MINUTE - 10_000, ['CREATE_COMPLETE', ['mine', 'UPDATE_IN_PROGRESS']]],
    [true, 'the Update began ten seconds and a bit later', MINUTE - 10_001, ['CREATE_COMPLETE', ['mine', 'UPDATE_IN_PROGRESS']]],
    [false, 'the Update is an earlier one', 2 * MINUTE, [['mine', 'CREATE_IN_PROGRESS'], 'CREATE_COMPLETE', ['mine', 'UPDATE_IN_PROGRESS'], ...noise]],
    [false, 'there is no event of the resource', 0, ['CREATE_COMPLETE', ...noise]],
  ])('after an Update is %s if %s', async (isLater, _why, startedAt, events) => {
    expect(await later('Update', startedAt, events)).toBe(isLater);
  });

  test.each<readonly [boolean, string, readonly ToldEvent[]]>([
    [true, 'a Create began', [['mine', 'DELETE_IN_PROGRESS'], ['mine', 'DELETE_COMPLETE'], ['other one', 'CREATE_IN_PROGRESS'], ...noise]],
    [false, 'it is the last request', [['mine', 'CREATE_FAILED'], ['mine', 'DELETE_IN_PROGRESS'], ...noise]],
    [false, 'it has ended', [['mine', 'CREATE_FAILED'], ['mine', 'DELETE_IN_PROGRESS'], ['mine', 'DELETE_COMPLETE']]],
    [false, 'the events do not show it yet', [['other one', 'DELETE_COMPLETE'], ['mine', 'CREATE_IN_PROGRESS'], ['mine', 'CREATE_FAILED']]],
    [false, 'there is no event of the resource', ['DELETE_IN_PROGRESS', ...noise]],
  ])('after a Delete is %s if %s', async (isLater, _why, events) => {
    expect(await later('Delete', 0, events)).toBe(isLater);
  });
});
