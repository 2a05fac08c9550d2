import { CancelImportTaskCommand, CreateTagsCommand, DeregisterImageCommand, DescribeImagesCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { DeleteImageCommand, GetImageCommand, ImportVmImageCommand, ListImageBuildVersionsCommand } from '@aws-sdk/client-imagebuilder';
import { accountWithTasks, outcomesOf } from './account-with-tasks';

const MINUTE = 60_000;

describe('A task that a rule concerns', () => {
  test('fails at the progress and with the message given', async () => {
    const { emulator, clock, start, describe: describeTask } = accountWithTasks();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: try again', atProgress: 50 } } });
    const id = await start();
    clock.advance(10 * MINUTE - 1);
    expect(await describeTask(id)).toMatchObject({ Status: 'active', Progress: '49' });
    clock.advance(1);
    expect(await describeTask(id)).toMatchObject({ Status: 'deleting', Progress: '50', StatusMessage: 'ServerError: try again' });
    clock.advance(MINUTE);
    expect(await describeTask(id)).toMatchObject({ Status: 'deleted', StatusMessage: 'ServerError: try again' });
    expect(await emulator.remaining()).toMatchObject({ tasks: [], amis: [], snapshots: [] });
  });

  test('may leave its snapshots behind when it fails', async () => {
    const { emulator, clock, start, describe: describeTask } = accountWithTasks();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: try again', leaves: 'snapshots' } } });
    const id = await start();
    clock.advance(10 * MINUTE);
    const { snapshots, amis } = await emulator.remaining();
    expect([snapshots.length, amis]).toEqual([1, []]);
    expect((await describeTask(id))?.SnapshotDetails?.[0]?.SnapshotId).toBe(snapshots[0]);
  });

  test('is stuck until it is cancelled', async () => {
    const { emulator, clock, start, describe: describeTask, ec2 } = accountWithTasks();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 39 } } });
    const id = await start();
    clock.advance(48 * 60 * MINUTE);
    expect(await describeTask(id)).toMatchObject({ Status: 'active', Progress: '39', StatusMessage: 'converting' });
    await ec2.send(new CancelImportTaskCommand({ ImportTaskId: id }));
    expect(await describeTask(id)).toMatchObject({ Status: 'deleting' });
  });

  test('is slow', async () => {
    const { emulator, clock, start, describe: describeTask } = accountWithTasks();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'slow', factor: 12 } } });
    const id = await start();
    clock.advance(4 * 60 * MINUTE - 1);
    expect((await describeTask(id))?.Status).toBe('active');
    clock.advance(1);
    expect((await describeTask(id))?.Status).toBe('completed');
  });

  test('is told by tag, or by id while it runs already', async () => {
    const { emulator, clock, start, describe: describeTask } = accountWithTasks();
    emulator.addRule({ match: { tag: { key: 'id', value: 'two' } }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: no' } } });
    const [one, two, three] = [await start({ id: 'one' }), await start({ id: 'two' }), await start({ id: 'three' })];
    emulator.addRule({ match: { id: three }, effect: { kind: 'task', outcome: { kind: 'stuck' } } });
    clock.advance(30 * MINUTE);
    expect([(await describeTask(one))?.Status, (await describeTask(two))?.Status, (await describeTask(three))?.Status]).toEqual(['completed', 'deleted', 'active']);
  });
});

describe('What is invisible for a while', () => {
  test('tasks are missing from lists for one time, and from calls by id for another', async () => {
    const { emulator, clock, start, list, describe: describeTask, ec2 } = accountWithTasks();
    emulator.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', of: ['task'], listMs: 5_000, getMs: 2_000 } });
    const id = await start();
    expect(await list()).toEqual([]);
    await expect(describeTask(id)).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
    await expect(ec2.send(new CancelImportTaskCommand({ ImportTaskId: id }))).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
    clock.advance(2_000);
    expect(await list()).toEqual([]);
    expect(await describeTask(id)).toBeDefined();
    clock.advance(3_000);
    expect(await list()).toHaveLength(1);
  });

  test('AMIs and snapshots', async () => {
    const { emulator, clock, start, ec2 } = accountWithTasks();
    emulator.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', of: ['ami', 'snapshot'], listMs: MINUTE, getMs: MINUTE } });
    await start();
    clock.advance(20 * MINUTE);
    const { amis: [ami = ''], snapshots: [snapshot = ''] } = await emulator.remaining();
    const look = async () => [
      (await ec2.send(new DescribeImagesCommand({}))).Images?.length, (await ec2.send(new DescribeSnapshotsCommand({}))).Snapshots?.length,
    ];
    expect(await look()).toEqual([0, 0]);
    await expect(ec2.send(new CreateTagsCommand({ Resources: [ami], Tags: [{ Key: 'a', Value: 'b' }] }))).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    await expect(ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshot] }))).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    clock.advance(MINUTE);
    expect(await look()).toEqual([1, 1]);
  });

  test('Image Builder images are missing from lists while GetImage knows them', async () => {
    const { emulator, clock, start, imagebuilder } = accountWithTasks();
    emulator.addRule({ match: { service: 'imagebuilder' }, effect: { kind: 'invisible', of: ['image'], listMs: 2 * MINUTE } });
    const { imageArn } = await imagebuilder.send(new ImportVmImageCommand({ name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: await start() }));
    const listed = async () => (await imagebuilder.send(new ListImageBuildVersionsCommand({}))).imageSummaryList?.length;
    expect(await listed()).toBe(0);
    expect((await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: imageArn }))).image?.arn).toBe(imageArn);
    clock.advance(2 * MINUTE);
    expect(await listed()).toBe(1);
  });

  test('only what bears the rule\'s tag', async () => {
    const { emulator, start, list } = accountWithTasks();
    emulator.addRule({ match: { tag: { key: 'id', value: 'one' } }, effect: { kind: 'invisible', listMs: MINUTE } });
    await start({ id: 'one' });
    const two = await start({ id: 'two' });
    expect((await list()).map(({ ImportTaskId }) => ImportTaskId)).toEqual([two]);
  });
});

describe('What lingers for a while', () => {
  test('is listed after it was deleted, and known to be gone by its id', async () => {
    const { emulator, clock, start, ec2, imagebuilder } = accountWithTasks();
    emulator.addRule({ effect: { kind: 'lingering', listMs: MINUTE } });
    const { imageArn } = await imagebuilder.send(new ImportVmImageCommand({ name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: await start() }));
    clock.advance(30 * MINUTE);
    const { amis: [ami], snapshots: [snapshot] } = await emulator.remaining();
    await imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn: imageArn }));
    await ec2.send(new DeregisterImageCommand({ ImageId: ami, DeleteAssociatedSnapshots: true }));
    const listed = async () => [
      (await ec2.send(new DescribeImagesCommand({}))).Images?.map(({ ImageId }) => ImageId),
      (await ec2.send(new DescribeSnapshotsCommand({}))).Snapshots?.map(({ SnapshotId }) => SnapshotId),
      (await imagebuilder.send(new ListImageBuildVersionsCommand({}))).imageSummaryList?.map(({ arn }) => arn),
    ];
    expect(await listed()).toEqual([[ami], [snapshot], [imageArn]]);
    await expect(imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: imageArn }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await emulator.remaining()).toMatchObject({ amis: [], snapshots: [], images: [] });
    clock.advance(MINUTE);
    expect(await listed()).toEqual([[], [], []]);
  });
});

describe('Other limits of an account', () => {
  test('a quota of active tasks', async () => {
    const { emulator, start } = accountWithTasks();
    emulator.addRule({ effect: { kind: 'quota', activeTasks: 2 } });
    expect(await outcomesOf(3, start)).toBe('ok ok ResourceLimitExceeded');
  });

  test('a role that has not propagated, for a time or for so many calls', async () => {
    const { emulator, clock, start } = accountWithTasks();
    const role = emulator.addRule({ effect: { kind: 'roleNotPropagated', forMs: MINUTE } });
    expect(await outcomesOf(2, start)).toBe('InvalidParameter InvalidParameter');
    clock.advance(MINUTE);
    expect(await outcomesOf(1, start)).toBe('ok');
    emulator.removeRule(role);
    emulator.addRule({ match: { action: 'ImportImage', call: { from: 1, to: 2 } }, effect: { kind: 'roleNotPropagated' } });
    expect(await outcomesOf(3, start)).toBe('InvalidParameter InvalidParameter ok');
  });

  test('a recipe that holds an image', async () => {
    const { emulator, clock, start, imagebuilder } = accountWithTasks();
    const { imageArn } = await imagebuilder.send(new ImportVmImageCommand({ name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: await start() }));
    clock.advance(30 * MINUTE);
    await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: imageArn }));
    emulator.addRule({ effect: { kind: 'recipeHoldsImage', forMs: MINUTE } });
    const remove = async () => imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn: imageArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceDependencyException' });
    clock.advance(MINUTE);
    await expect(remove()).resolves.toMatchObject({ imageBuildVersionArn: imageArn });
  });
});
