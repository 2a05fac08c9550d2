import { reasonOf, succeeded } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';

const REFUSED = { kind: 'error', code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' } as const;

describe('what AWS leaves open', () => {
  test.each([
    ['a full quota has the code InvalidParameter', { fullQuota: 'InvalidParameter' }],
    ['DescribeImportImageTasks refuses a filter by tag', { tagFilter: 'refused' }],
    ['DescribeImportImageTasks takes a wildcard literally', { tagFilter: 'exact' }],
  ] as const)('an import succeeds and is deleted though %s', async (_what, answers) => {
    const rig = new Rig({ answers });
    rig.cloud.addRule({ id: 'full', effect: { kind: 'quota', activeTasks: 0 } });
    setTimeoutOnClock(rig, 10 * 60_000, () => rig.cloud.removeRule('full'));
    const { id } = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('a Delete that cancels a task which is ending succeeds whatever EC2 answers', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'CancelImportTask', call: 1 }, effect: { kind: 'error', code: 'InvalidParameter', message: 'The task is ending' } });
    const { PhysicalResourceId } = await rig.begin(rig.create());
    succeeded(await rig.deliver(rig.delete(PhysicalResourceId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('EC2 is asked with a refused filter only once', async () => {
    const rig = new Rig({ answers: { tagFilter: 'refused' } });
    succeeded(await rig.deliver(rig.create()));
    const refused = rig.cloud.calls({ action: 'DescribeImportImageTasks' }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode !== undefined);
    expect(refused).toHaveLength(1);
  });

  test('a Delete finds an AMI that somebody disabled', async () => {
    const rig = new Rig({ answers: { person: 'disablesAmi' } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.clock.advance(60 * 60_000);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('an update of tags keeps the attributes of an AMI that somebody disabled', async () => {
    const rig = new Rig({ answers: { person: 'disablesAmi' } });
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    rig.clock.advance(60 * 60_000);
    const updated = succeeded(await rig.deliver(rig.update(id, {}, { Tags: { team: 'a' } })));
    expect(updated.data).toEqual(data);
  });
});

describe('a permission that AWS refuses', () => {
  test('once, twenty minutes after the request, is waited for', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'CreateTags', call: 1 }, effect: REFUSED });
    succeeded(await rig.deliver(rig.create()));
  });

  test('for five minutes, fails the import with what AWS says', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'CreateTags' }, effect: REFUSED });
    const outcome = await rig.deliver(rig.create());
    expect(reasonOf(outcome)).toMatch(/^The provider of VmImportImage lacks a permission: UnauthorizedOperation/);
    expect(outcome.seconds).toBeGreaterThanOrEqual(20 * 60 + 300);
    expect(outcome.seconds).toBeLessThan(20 * 60 + 300 + 120);
  });

  test('to delete what a failed attempt left, does not fail the import', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost', atProgress: 90, leaves: 'snapshots' } } });
    rig.cloud.addRule({ id: 'no', match: { action: 'DeleteSnapshot' }, effect: REFUSED });
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.removeRule('no');
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});

/** Runs something once the rig's clock has advanced so far. */
function setTimeoutOnClock(rig: Rig, ms: number, run: () => void): void {
  const due = rig.clock.now() + ms;
  const advance = rig.clock.advance.bind(rig.clock);
  rig.clock.advance = (by: number) => {
    advance(by);
    if (rig.clock.now() >= due) run();
  };
}
