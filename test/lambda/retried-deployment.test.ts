import { NOTHING_LEFT } from './rig';
import { BROKEN_TYPE, importTemplate, StackRig } from './stack-rig';
import type { TemplateResources } from '../local-cloud/cloudformation-template';
import type { Answers } from '../local-cloud/emulator';

const HOUR = 60 * 60_000;
const GOLDEN = importTemplate({}, 2);
const GOLDEN_AND_BROKEN: TemplateResources = { ...GOLDEN, Other: { Type: BROKEN_TYPE, Properties: { Seconds: '240' } } };
const CLIENT_ERROR = { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Unknown OS / Missing OS files.', leaves: 'snapshots' } } as const;

const PRESIGNED_ANEW = { deliveries: 'presignedAnew', requestIds: 'fresh' } as const;

interface Circumstances {
  readonly answers?: Partial<Answers>;
  /** When each delivery of a request of `delivered` arrives, in milliseconds. */
  readonly deliveries?: readonly number[];
  /** Which requests are delivered as `deliveries` say. All unless given. */
  readonly delivered?: 'Create' | 'Update';
  readonly rollbackOfReplacement?: 'update' | 'restore';
}

/** A stack that has been created empty, in a CloudFormation that sends the RequestId of the first try again. */
async function emptyStack({ answers, deliveries = [0], delivered, rollbackOfReplacement }: Circumstances = {}): Promise<StackRig> {
  const all = { requestIds: 'reused', executions: 'unnamed', ...answers } as const;
  const rig = new StackRig({
    settings: { answers: all },
    driver: {
      answers: all, rollbackOfReplacement, deliveries: ({ RequestType }) => (delivered === undefined || RequestType === delivered ? deliveries : [0]),
    },
  });
  await rig.driver.createStack('S', {});
  return rig;
}

async function expectDeletedWithoutTrace(rig: StackRig): Promise<void> {
  expect(await rig.driver.deleteStack('S')).toMatchObject({ status: 'DELETE_COMPLETE' });
  await rig.driver.settled();
  expect([...rig.doubled]).toEqual([]);
  expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
}

function createIds(rig: StackRig): ReadonlySet<string> {
  return new Set(rig.driver.requests.filter(({ RequestType, LogicalResourceId }) => RequestType === 'Create' && LogicalResourceId === 'Golden').map(({ RequestId }) => RequestId));
}

describe('a deployment that is tried again with the RequestId of its first try', () => {
  test('imports, though the import of the first try failed', async () => {
    const rig = await emptyStack();
    rig.cloud.addRule({ match: { action: 'ImportImage', call: 1 }, effect: CLIENT_ERROR });
    expect(await rig.driver.updateStack('S', GOLDEN)).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(await rig.driver.updateStack('S', GOLDEN)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(createIds(rig).size).toBe(1);
    expect((await rig.cloud.remaining()).images).toHaveLength(1);
    await expectDeletedWithoutTrace(rig);
  });

  test.each(['forEver', 'oneHour'] as const)('imports, though the import of the first try was done and removed, and EC2 remembers its task %s', async (taskMemory) => {
    const rig = await emptyStack({ answers: { taskMemory } });
    expect(await rig.driver.updateStack('S', GOLDEN_AND_BROKEN)).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    await rig.clock.pause(2 * HOUR);
    expect(await rig.driver.updateStack('S', GOLDEN)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(createIds(rig).size).toBe(1);
    await expectDeletedWithoutTrace(rig);
  });

  test('makes an image of an adopted task, though the image of the first try was removed', async () => {
    const rig = await emptyStack();
    await rig.driver.createStack('Donor', GOLDEN);
    const [task] = (await rig.cloud.state()).tasks;
    const adoption = importTemplate({ ImportImage: undefined as never, ImportTaskId: task?.ImportTaskId ?? '', ImportVmImage: { name: 'Adopted', semanticVersion: '1.0.0', platform: 'Linux' } }, 1);
    expect(await rig.driver.updateStack('S', { ...adoption, Other: { Type: BROKEN_TYPE, Properties: { Seconds: '240' } } })).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(await rig.driver.updateStack('S', adoption)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect((await rig.cloud.remaining()).images).toHaveLength(2);
    await rig.driver.deleteStack('Donor');
    await expectDeletedWithoutTrace(rig);
  });

  test('starts one import, though each try is delivered twice', async () => {
    const rig = await emptyStack({ deliveries: [0, 40_000] });
    expect(await rig.driver.updateStack('S', GOLDEN_AND_BROKEN)).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(await rig.driver.updateStack('S', GOLDEN)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect((await rig.cloud.state()).tasks).toHaveLength(2);
    await expectDeletedWithoutTrace(rig);
  });

  test('starts nothing, where the provider framework names its executions after the RequestId and fails by itself', async () => {
    const rig = await emptyStack({ answers: { executions: 'named' } });
    expect(await rig.driver.updateStack('S', GOLDEN_AND_BROKEN)).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    const again = await rig.driver.updateStack('S', GOLDEN);
    expect(again.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(again.events.map(({ reason }) => reason).join()).toContain('Execution Already Exists');
    expect((await rig.cloud.state()).tasks).toHaveLength(1);
    await expectDeletedWithoutTrace(rig);
  });
});

describe('a Create that CloudFormation sends again with another ResponseURL while the first one runs', () => {
  test('leaves the one import that CloudFormation has taken', async () => {
    const rig = await emptyStack({ answers: PRESIGNED_ANEW, deliveries: [0, 40_000] });
    expect(await rig.driver.updateStack('S', importTemplate({}, 1))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await rig.driver.settled();
    expect((await rig.cloud.remaining()).images).toHaveLength(1);
    await expectDeletedWithoutTrace(rig);
  });

  test('leaves nothing where executions are named, so that the framework answers FAILED for the second', async () => {
    const rig = await emptyStack({ answers: { ...PRESIGNED_ANEW, executions: 'named' }, deliveries: [0, 40_000] });
    expect(await rig.driver.updateStack('S', importTemplate({}, 1))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    await rig.driver.settled();
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});

describe.each(['update', 'restore'] as const)('an Update back to a content whose Create was delivered twice, rolled back by %s', (rollbackOfReplacement) => {
  test('leaves nothing of the second import, which CloudFormation has known in this Update only', async () => {
    const rig = await emptyStack({
      answers: PRESIGNED_ANEW, deliveries: [0, 0], delivered: 'Create', rollbackOfReplacement,
    });
    const version = (semanticVersion: string) => importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion, platform: 'Linux' } }, 1);
    await rig.driver.updateStack('S', version('1.0.0'));
    await rig.driver.updateStack('S', version('2.0.0'));
    expect((await rig.cloud.remaining()).images).toHaveLength(2);
    const back = await rig.driver.updateStack('S', { ...version('1.0.0'), Other: { Type: BROKEN_TYPE, Properties: { Seconds: '30' } } });
    expect(back).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    await rig.driver.settled();
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(3);
    expect((await rig.cloud.remaining()).images).toEqual([rig.driver.resource('S', 'Golden')?.attributes.ImageArn]);
    await expectDeletedWithoutTrace(rig);
  });
});

describe('an Update that CloudFormation sends again with another ResponseURL while the first one runs', () => {
  test('leaves the one import that CloudFormation has taken', async () => {
    const rig = await emptyStack({ answers: PRESIGNED_ANEW, deliveries: [0, 40_000], delivered: 'Update' });
    await rig.driver.updateStack('S', importTemplate({}, 1));
    const replacement = importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } }, 1);
    expect(await rig.driver.updateStack('S', replacement)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await rig.driver.settled();
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(3);
    expect((await rig.cloud.remaining()).images).toEqual([rig.driver.resource('S', 'Golden')?.attributes.ImageArn]);
    await expectDeletedWithoutTrace(rig);
  });
});
