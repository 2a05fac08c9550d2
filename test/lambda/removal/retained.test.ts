import type { TemplateResources } from '../../local-cloud/cloudformation-template';
import { NOTHING_LEFT, Rig } from '../rig';
import { BROKEN_TYPE, importTemplate, StackRig } from '../stack-rig';

/** What CloudFormation retains is nobody's to remove, also where the same content is asked for again, and given up. */
const RETAINED = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' } as const;
const version = (semanticVersion: string) => ({ ImportVmImage: { name: 'Golden', semanticVersion, platform: 'Linux' } });
const template = (semanticVersion: string): TemplateResources => importTemplate(version(semanticVersion), 1, 'Golden', RETAINED);
/** Another resource, which fails while the import is under way. */
const BROKEN: TemplateResources = { Broken: { Type: BROKEN_TYPE, Properties: { Seconds: 30 } } };
const OTHER: TemplateResources = { Other: { Type: BROKEN_TYPE, Properties: { Seconds: 'never' } } };

describe.each(['update', 'restore'] as const)('what was retained minutes ago stays, when CloudFormation rolls back by %s', (rollbackOfReplacement) => {
  test('an update that brings the resource back', async () => {
    const rig = new StackRig({ driver: { rollbackOfReplacement } });
    await rig.driver.createStack('S', { ...OTHER, ...template('1.0.0') });
    const { images, amis, snapshots } = await rig.cloud.remaining();
    await rig.driver.updateStack('S', OTHER);
    expect((await rig.driver.updateStack('S', { ...OTHER, ...template('1.0.0'), ...BROKEN })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    await rig.driver.settled();
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(2);
    expect(await rig.cloud.remaining()).toEqual({ ...NOTHING_LEFT, images, amis, snapshots });
  });

  test('an update back to its content', async () => {
    const rig = new StackRig({ driver: { rollbackOfReplacement } });
    await rig.driver.createStack('S', { ...OTHER, ...template('1.0.0') });
    await rig.driver.updateStack('S', { ...OTHER, ...template('2.0.0') });
    const both = await rig.cloud.remaining();
    expect(both.images).toHaveLength(2);
    expect((await rig.driver.updateStack('S', { ...template('1.0.0'), ...BROKEN })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    await rig.driver.settled();
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(2);
    expect(await rig.cloud.remaining()).toEqual(both);
  });
});

test('what CloudFormation gave up on, and could not delete, goes with a Delete of the next day', async () => {
  const rig = new StackRig();
  rig.cloud.addRule({ id: 'down', match: { action: 'DeregisterImage' }, effect: { kind: 'throttle' } });
  const outcome = await rig.driver.createStack('S', { ...importTemplate({}, 1), Broken: { Type: BROKEN_TYPE, Properties: { Seconds: 60 } } });
  expect(outcome.status).toBe('ROLLBACK_FAILED');
  expect((await rig.cloud.remaining()).amis).toHaveLength(1);
  rig.cloud.removeRule('down');
  await rig.clock.pause(24 * 60 * 60_000);
  expect((await rig.driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
  expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test('a Delete waits ten minutes for CloudFormation to say whether it rolls back, and then does as it was asked', async () => {
  const rig = new Rig();
  const { id } = await rig.deliver(rig.create());
  rig.stackResource.failure = { statusCode: 400, code: 'Throttling' };
  expect(await rig.deliver(rig.delete(id))).toMatchObject({ status: 'SUCCESS', seconds: 600 });
  expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test.each([
  ['stays where its update had only taken it up', 1, 1],
  ['goes where its update had made it', -60, 0],
])('an image of an adopted task %s, when the update is rolled back', async (_what, updatedAfter, left) => {
  const rig = new Rig();
  const own = await rig.deliver(rig.create());
  const adopting = { ImportImage: undefined, ImportTaskId: own.status === 'SUCCESS' ? own.data.ImportTaskId ?? '' : '' };
  const { id } = await rig.deliver(rig.create(adopting));
  const { StackId: physicalId } = rig.create();
  rig.stackResource.events = [
    { time: rig.clock.now() + updatedAfter * 60_000, logicalId: 'S', physicalId, status: 'UPDATE_IN_PROGRESS' },
    { time: rig.clock.now(), logicalId: 'S', physicalId, status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
  ];
  expect(await rig.deliver(rig.delete(id, adopting))).toMatchObject({ status: 'SUCCESS' });
  expect((await rig.cloud.remaining()).images).toHaveLength(1 + left);
});
