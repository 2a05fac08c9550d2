import { succeeded } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';

describe('an attempt after the first', () => {
  const FAILS = { match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost', atProgress: 90, leaves: 'snapshots' } } } as const;

  test('starts though a leftover of the first is held, which the delete then removes', async () => {
    const rig = new Rig();
    rig.cloud.addRule(FAILS);
    rig.cloud.addRule({ match: { action: 'DeleteSnapshot', call: 1 }, effect: { kind: 'error', code: 'InvalidSnapshot.InUse', message: 'in use' } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    expect((await rig.cloud.remaining()).snapshots).toHaveLength(2);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('starts when the leftovers of the first are gone', async () => {
    const rig = new Rig();
    rig.cloud.addRule(FAILS);
    succeeded(await rig.deliver(rig.create()));
    const changes = rig.cloud.calls().map(({ action }) => action).filter((action) => ['ImportImage', 'CreateTags', 'DeleteSnapshot'].includes(action));
    expect(changes.slice(0, 4)).toEqual(['ImportImage', 'CreateTags', 'DeleteSnapshot', 'ImportImage']);
  });

  test('and the first leave the snapshot alone that was to be imported, though the failed task lists it', async () => {
    const rig = new Rig({ answers: { failedTaskSnapshots: 'source' } });
    rig.cloud.addRule({ match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost' } } });
    const SnapshotId = rig.cloud.giveSnapshot();
    succeeded(await rig.deliver(rig.create({ ImportImage: { RoleName: 'vmimport', DiskContainers: [{ SnapshotId }] } })));
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(2);
    const given = (await rig.cloud.state()).snapshots.filter((snapshot) => snapshot.SnapshotId === SnapshotId);
    expect(given.map(({ Tags = [] }) => Tags)).toEqual([[]]);
  });

  test('is not started by two handlers at once', async () => {
    const rig = new Rig();
    rig.cloud.addRule(FAILS);
    const event = rig.create();
    const outcomes = await Promise.all([rig.deliver(event), rig.deliver(event)]);
    outcomes.forEach(succeeded);
    expect((await rig.cloud.state()).tasks).toHaveLength(2);
  });
});

test('an import whose token EC2 knows with other tags waits for EC2 to list it', async () => {
  const rig = new Rig();
  const first = rig.create({ Tags: { team: 'a' } });
  const named = await rig.handlers.onEvent(first, { getRemainingTimeInMillis: () => 60_000 });
  rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', of: ['task'], listMs: 60_000 } });
  await rig.pass({ ...first, ...named });
  await rig.pass({ ...first, ...named, ResourceProperties: { ...first.ResourceProperties, Tags: { team: 'b' } } });
  expect(rig.logs.at(-1)).toMatchObject({ action: 'wait', status: expect.stringContaining('IdempotentParameterMismatch') });
  expect((await rig.cloud.state()).tasks).toHaveLength(1);
});
