import type { TemplateResources, TemplateValue } from '../../local-cloud/cloudformation-template';
import { NOTHING_LEFT } from '../rig';
import { disksNamed } from '../snapshot/copied-disks';
import { BROKEN_TYPE, copyTemplate, importTemplate, machineTemplate, StackRig } from '../stack-rig';

/** Another resource. Each update of it fails after so many seconds, also the one of a rollback. */
const breaksAfter = (UpdateSeconds: number, version: number): TemplateResources => (
  { Other: { Type: BROKEN_TYPE, Properties: { UpdateSeconds, version } } });

const image = (semanticVersion: string, Tags: { readonly [name: string]: TemplateValue } = {}): TemplateResources => (
  importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion, platform: 'Linux' }, Tags }, 1, 'Golden', { UpdateReplacePolicy: 'Retain' })
);
const copy = (S3Key: string): TemplateResources => copyTemplate({ Disk: { S3Bucket: 'exports', S3Key, Format: 'RAW' } });
const machine = (name: string): TemplateResources => machineTemplate({ bootKey: 'boot.raw', dataKey: 'data.raw', name, team: 'a' });

const rigFor = (failedRollback: 'forgotten' | 'deleted') => new StackRig({ s3: disksNamed('boot.raw', 'data.raw'), driver: { answers: { failedRollback } } });

describe.each(['forgotten', 'deleted'] as const)('a stack that is deleted after its rollback failed, where CloudFormation has %s what the update made, leaves nothing of', (failedRollback) => {
  test.each<readonly [string, number, TemplateResources, TemplateResources]>([
    ['an image', 200, image('1.0.0'), image('2.0.0')],
    // The image waits for the other resource, so the rollback does not get to it.
    ['an image whose import was cancelled', 20, image('1.0.0', { after: { Ref: 'Other' } }), image('2.0.0')],
    ['a copied disk', 200, copy('boot.raw'), copy('data.raw')],
    ['a registered AMI, which uses snapshots that are older', 100, machine('one'), machine('two')],
  ])('%s', async (_what, seconds, before, after) => {
    const rig = rigFor(failedRollback);
    expect((await rig.driver.createStack('S', { ...breaksAfter(seconds, 1), ...before })).status).toBe('CREATE_COMPLETE');
    const stood = await rig.cloud.remaining();
    expect((await rig.driver.updateStack('S', { ...breaksAfter(seconds, 2), ...after })).status).toBe('UPDATE_ROLLBACK_FAILED');
    expect(await rig.cloud.remaining()).not.toEqual(stood);
    expect((await rig.driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
    await rig.driver.settled();
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});

test('a stack that is deleted after its rollback failed keeps what it retained before', async () => {
  const rig = rigFor('forgotten');
  await rig.driver.createStack('S', { ...breaksAfter(200, 1), ...image('1.0.0') });
  const retained = await rig.cloud.remaining();
  expect((await rig.driver.updateStack('S', { ...breaksAfter(200, 1), ...image('2.0.0') })).status).toBe('UPDATE_COMPLETE');
  expect((await rig.driver.updateStack('S', { ...breaksAfter(200, 2), ...image('3.0.0') })).status).toBe('UPDATE_ROLLBACK_FAILED');
  expect((await rig.cloud.remaining()).images).toHaveLength(3);
  expect((await rig.driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
  expect(await rig.cloud.remaining()).toEqual(retained);
});

/** An import of a snapshot of the user's. */
const imageOf = (SnapshotId: string, semanticVersion: string): TemplateResources => importTemplate({
  ImportImage: { RoleName: 'vmimport', DiskContainers: [{ SnapshotId }] }, ImportVmImage: { name: 'Golden', semanticVersion, platform: 'Linux' },
}, 1, 'Golden');

const listingSources = (answers: object) => new StackRig({ driver: { answers }, settings: { answers: { failedTaskSnapshots: 'source' } } });

describe.each(['forgotten', 'deleted'] as const)('the snapshots of the user that imports began from stay if a failed task lists them as its own, and CloudFormation has %s', (failedRollback) => {
  test('the import of the update whose rollback failed', async () => {
    const rig = listingSources({ failedRollback });
    const [one, other] = [rig.cloud.giveSnapshot(), rig.cloud.giveSnapshot()];
    await rig.driver.createStack('S', { ...breaksAfter(200, 1), ...imageOf(one, '1.0.0') });
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: no OS' } } });
    expect((await rig.driver.updateStack('S', { ...breaksAfter(200, 2), ...imageOf(other, '2.0.0') })).status).toMatch(/^UPDATE_ROLLBACK/);
    expect((await rig.driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
    await rig.driver.settled();
    expect((await rig.cloud.state()).snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual([one, other]);
  });

  test('the import of an earlier update that failed', async () => {
    const rig = listingSources({ failedRollback });
    const sources = [rig.cloud.giveSnapshot(), rig.cloud.giveSnapshot(), rig.cloud.giveSnapshot()] as const;
    await rig.driver.createStack('S', { ...breaksAfter(200, 1), ...imageOf(sources[0], '1.0.0') });
    rig.cloud.addRule({ id: 'bad', match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: no OS' } } });
    expect((await rig.driver.updateStack('S', { ...breaksAfter(200, 1), ...imageOf(sources[1], '2.0.0') })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    rig.cloud.removeRule('bad');
    expect((await rig.driver.updateStack('S', { ...breaksAfter(200, 2), ...imageOf(sources[2], '3.0.0') })).status).toBe('UPDATE_ROLLBACK_FAILED');
    expect((await rig.driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
    await rig.driver.settled();
    expect((await rig.cloud.state()).snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual(sources);
  });
});

test.each(['before', 'after'] as const)('the snapshot of the user stays that a replaced import began from, with the properties of %s', async (replacedProperties) => {
  const rig = listingSources({ replacedProperties });
  const sources = [rig.cloud.giveSnapshot(), rig.cloud.giveSnapshot()] as const;
  rig.cloud.addRule({ match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost' } } });
  expect((await rig.driver.createStack('S', imageOf(sources[0], '1.0.0'))).status).toBe('CREATE_COMPLETE');
  expect((await rig.driver.updateStack('S', imageOf(sources[1], '2.0.0'))).status).toBe('UPDATE_COMPLETE');
  await rig.driver.settled();
  expect((await rig.cloud.state()).snapshots.map(({ SnapshotId }) => SnapshotId)).toEqual(expect.arrayContaining([...sources]));
});
