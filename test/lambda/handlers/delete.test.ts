import { DeleteImageCommand } from '@aws-sdk/client-imagebuilder';
import { reasonOf, succeeded } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';

describe('a delete', () => {
  test('that AWS refuses for another reason fails with what AWS said', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ match: { action: 'DeregisterImage' }, effect: { kind: 'error', code: 'OperationNotPermitted', message: 'deregistration protection is on' } });
    expect(reasonOf(await rig.deliver(rig.delete(id)))).toMatch(/^AWS refused a call of the VM import: OperationNotPermitted: deregistration protection is on \(hint: lift the protection with /);
  });

  test('removes image, AMI and snapshots at once', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('while the task runs cancels it and waits for its end', async () => {
    const rig = new Rig();
    const { PhysicalResourceId: id } = await rig.begin(rig.create());
    rig.clock.advance(5 * 60_000);
    succeeded(await rig.deliver(rig.delete(id)));
    expect((await rig.cloud.state()).tasks.map((task) => task.Status)).toEqual(['deleted']);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('of what was never started takes a second look and is done', async () => {
    const rig = new Rig();
    const { PhysicalResourceId } = await rig.handlers.onEvent(rig.create(), { getRemainingTimeInMillis: () => 60_000 });
    expect(succeeded(await rig.deliver(rig.delete(PhysicalResourceId))).seconds).toBe(120);
  });

  test.each<readonly [number, string, readonly (readonly [ago: number, status: string, logicalId?: string])[]]>([
    [0, 'at once, if its create ended two minutes ago', [[200, 'CREATE_IN_PROGRESS'], [120, 'CREATE_FAILED'], [0, 'DELETE_IN_PROGRESS']]],
    [0, 'at once, if nothing has happened to it for long', [[9_000, 'CREATE_IN_PROGRESS'], [8_000, 'CREATE_COMPLETE', 'Other'], [0, 'DELETE_IN_PROGRESS']]],
    [60, 'when two minutes have passed since its create ended', [[70, 'CREATE_IN_PROGRESS'], [60, 'CREATE_FAILED'], [0, 'DELETE_IN_PROGRESS']]],
    [60, 'when two minutes have passed since the update of it ended', [[300, 'CREATE_COMPLETE'], [60, 'UPDATE_FAILED'], [10, 'UPDATE_FAILED', 'Other'], [0, 'DELETE_IN_PROGRESS']]],
    [0, 'at once, if an earlier Delete of it failed', [[200, 'CREATE_FAILED'], [190, 'DELETE_IN_PROGRESS'], [180, 'DELETE_FAILED'], [0, 'DELETE_IN_PROGRESS']]],
    [120, 'after two minutes, if CloudFormation still works on it', [[300, 'CREATE_COMPLETE'], [200, 'UPDATE_IN_PROGRESS'], [0, 'DELETE_IN_PROGRESS']]],
    [120, 'after two minutes, if CloudFormation does not show the Delete yet', [[9_000, 'CREATE_COMPLETE']]],
    [120, 'after two minutes, if CloudFormation shows nothing but the Delete', [[200, 'CREATE_COMPLETE', 'Other'], [0, 'DELETE_IN_PROGRESS']]],
  ])('of what was never started is done after %d s: %s', async (seconds, _when, events) => {
    const rig = new Rig();
    const { PhysicalResourceId: id } = await rig.handlers.onEvent(rig.create(), { getRemainingTimeInMillis: () => 60_000 });
    const { LogicalResourceId } = rig.create();
    rig.stackResource.events = events.map(([ago, status, logicalId = LogicalResourceId]) => (
      { time: rig.clock.now() - ago * 1_000, logicalId, physicalId: id, status }
    ));
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(seconds);
  });

  test('of what was never started is done after ten minutes, if CloudFormation answers no question about events', async () => {
    const rig = new Rig();
    const { PhysicalResourceId: id } = await rig.handlers.onEvent(rig.create(), { getRemainingTimeInMillis: () => 60_000 });
    rig.stackResource.failureOfEvents = { statusCode: 503, code: 'ServiceUnavailable' };
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(600);
  });

  test('of an import whose image somebody deleted long ago removes the AMI at once', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    await rig.clients.imageBuilder.send(new DeleteImageCommand({ imageBuildVersionArn: data.ImageArn }));
    rig.clock.advance(24 * 60 * 60_000);
    const { LogicalResourceId: logicalId } = rig.create();
    rig.stackResource.events = [
      { time: rig.clock.now() - 23 * 60 * 60_000, logicalId, physicalId: id, status: 'CREATE_COMPLETE' },
      { time: rig.clock.now(), logicalId, physicalId: id, status: 'DELETE_IN_PROGRESS' },
    ];
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(30);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('right after the task was started finds it, though EC2 does not list it yet', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', listMs: 45_000, getMs: 45_000 } });
    const { PhysicalResourceId: id } = await rig.begin(rig.create());
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('waits for a recipe to let go of the image', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ effect: { kind: 'recipeHoldsImage', forMs: 10 * 60_000 } });
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(600);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('says what holds the image when it cannot finish in its hour, and leaves the AMI that the image needs', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ effect: { kind: 'recipeHoldsImage' } });
    const outcome = await rig.deliver(rig.delete(id));
    expect(reasonOf(outcome)).toContain(`could not be deleted within 50 min: Image Builder image ${data.ImageArn} is held: ResourceDependencyException`);
    expect(outcome.seconds).toBe(3000);
    expect((await rig.cloud.remaining()).amis).toEqual([data.AmiId]);
  });

  test('accepts that somebody was faster', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    await Promise.all([rig.deliver(rig.delete(id)), rig.deliver(rig.delete(id))]);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('never touches the snapshot that the disk was made from', async () => {
    const rig = new Rig();
    const source = rig.cloud.giveSnapshot();
    const properties = { ImportImage: { RoleName: 'vmimport', DiskContainers: [{ SnapshotId: source }] } };
    const { id } = succeeded(await rig.deliver(rig.create(properties)));
    succeeded(await rig.deliver(rig.delete(id, properties)));
    const { snapshots } = await rig.cloud.state();
    expect(snapshots.map((snapshot) => [snapshot.SnapshotId, snapshot.Tags ?? []])).toEqual([[source, []]]);
  });

  test('finds the AMI of an import that died before it was tagged', async () => {
    const rig = new Rig();
    const { PhysicalResourceId: id } = await rig.begin(rig.create());
    rig.clock.advance(25 * 60_000);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});
