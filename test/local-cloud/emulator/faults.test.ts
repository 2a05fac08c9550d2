import {
  CancelImportTaskCommand, CreateTagsCommand, DescribeImagesCommand, DescribeImportImageTasksCommand, DescribeSnapshotsCommand, ImportImageCommand,
} from '@aws-sdk/client-ec2';
import { DeleteImageCommand, GetImageCommand, ImportVmImageCommand, ListImageBuildVersionsCommand, ListImagesCommand } from '@aws-sdk/client-imagebuilder';
import { FakeClock, FaultEffect, FaultRule, MemoryDiskSource } from './index';
import { Ec2AndImageBuilder } from './emulator';
import { accountWithDisk, DISK, httpClients, sdkClients } from './sdk-clients';

const MINUTE = 60_000;

function account(settings = {}) {
  const made = accountWithDisk(settings);
  const start = async (tag = 'one') => (await made.ec2.send(new ImportImageCommand({
    DiskContainers: [DISK], TagSpecifications: [{ ResourceType: 'import-image-task', Tags: [{ Key: 'id', Value: tag }] }],
  }))).ImportTaskId ?? '';
  const list = async () => (await made.ec2.send(new DescribeImportImageTasksCommand({}))).ImportImageTasks ?? [];
  const task = async (id: string) => (await made.ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [id] }))).ImportImageTasks?.[0];
  const outcomes = async (calls: number, call: () => Promise<unknown>) => {
    const seen: string[] = [];
    for (let made_ = 0; made_ < calls; made_++) {
      seen.push(await call().then(() => 'ok', (error: Error) => error.name));
    }
    return seen.join(' ');
  };
  return { ...made, start, list, task, outcomes };
}

describe('A fault rule strikes', () => {
  const matches: [string, FaultRule['match'], string][] = [
    ['every call', undefined, 'X X X X X X'],
    ['the third call', { call: 3 }, 'ok ok X ok ok ok'],
    ['every second call', { call: { every: 2 } }, 'ok X ok X ok X'],
    ['the calls from the fourth', { call: { from: 4 } }, 'ok ok ok X X X'],
    ['the second and third call', { call: { from: 2, to: 3 } }, 'ok X X ok ok ok'],
    ['the service', { service: 'ec2' }, 'X X X X X X'],
    ['not the other service', { service: 'imagebuilder' }, 'ok ok ok ok ok ok'],
    ['the action', { action: 'DescribeImportImageTasks' }, 'X X X X X X'],
    ['not another action', { action: 'DescribeImages' }, 'ok ok ok ok ok ok'],
  ];
  test.each(matches)('%s', async (_, match, expected) => {
    const { emulator, list, outcomes } = account();
    emulator.addRule({ match, effect: { kind: 'error', code: 'X', message: 'as told' } });
    expect(await outcomes(6, list)).toBe(expected);
  });

  test('calls that carry, filter by, or name something with its tag', async () => {
    const { emulator, ec2, start, task } = account();
    const other = await start('two');
    emulator.addRule({ match: { tag: { key: 'id', value: 'one' } }, effect: { kind: 'throttle' } });
    const throttled = { name: 'RequestLimitExceeded' };
    await expect(start('one')).rejects.toMatchObject(throttled);
    await expect(ec2.send(new DescribeImportImageTasksCommand({ Filters: [{ Name: 'tag:id', Values: ['one'] }] }))).rejects.toMatchObject(throttled);
    await expect(task(other)).resolves.toBeDefined();
    await ec2.send(new CreateTagsCommand({ Resources: [other], Tags: [{ Key: 'id', Value: 'three' }] }));
    emulator.addRule({ match: { tag: { key: 'id' } }, effect: { kind: 'throttle' } });
    await expect(task(other)).rejects.toMatchObject(throttled);
  });

  test('calls that name its id', async () => {
    const { emulator, start, task } = account();
    const [one, two] = [await start(), await start()];
    emulator.addRule({ match: { id: one }, effect: { kind: 'throttle' } });
    await expect(task(one)).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    await expect(task(two)).resolves.toBeDefined();
  });

  test('until it is removed, and tells how often it matched', async () => {
    const { emulator, list, outcomes } = account();
    const id = emulator.addRule({ effect: { kind: 'throttle' } });
    await outcomes(2, list);
    expect(emulator.rules()).toMatchObject([{ id, matched: 2, effect: { kind: 'throttle' } }]);
    emulator.removeRule(id);
    await expect(list()).resolves.toEqual([]);
    emulator.addRule({ id: 'mine', effect: { kind: 'throttle' } });
    emulator.clearRules();
    expect(emulator.rules()).toEqual([]);
  });

  test.each([
    [{ effect: { kind: 'trottle' } }],
    [{ effect: { kind: 'delay', seconds: 1 } }],
    [{ match: { actoin: 'ImportImage' }, effect: { kind: 'throttle' } }],
    [{ when: {}, effect: { kind: 'throttle' } }],
    [{}],
  ])('never, when it is written %j', (rule) => {
    expect(() => account().emulator.addRule(rule as unknown as FaultRule)).toThrow(RangeError);
  });
});

describe('An injected error', () => {
  const errors: [FaultEffect, string, number, string, number][] = [
    [{ kind: 'throttle' }, 'RequestLimitExceeded', 503, 'ThrottlingException', 429],
    [{ kind: 'serverError' }, 'InternalError', 500, 'ServiceException', 500],
    [{ kind: 'serverError', status: 503 }, 'Unavailable', 503, 'ServiceUnavailableException', 503],
    [{ kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 }, 'UnauthorizedOperation', 403, 'UnauthorizedOperation', 403],
  ];
  test.each(errors)('%j is %s (%i) of EC2 and %s (%i) of Image Builder, and nothing is done', async (effect, ec2Code, ec2Status, imageBuilderCode, imageBuilderStatus) => {
    const { emulator, start, imagebuilder } = account();
    emulator.addRule({ effect });
    await expect(start()).rejects.toMatchObject({ name: ec2Code, $metadata: { httpStatusCode: ec2Status } });
    await expect(imagebuilder.send(new ListImagesCommand({}))).rejects.toMatchObject({ name: imageBuilderCode, $metadata: { httpStatusCode: imageBuilderStatus } });
    expect((await emulator.remaining()).tasks).toEqual([]);
  });
});

describe.each(['over HTTP', 'through requestHandler()'] as const)('A connection, %s,', (door) => {
  async function open() {
    const disks = new MemoryDiskSource().putObject('bucket', 'disk.vmdk', '');
    const emulator = new Ec2AndImageBuilder({ clock: new FakeClock(), disks });
    const clients = door === 'over HTTP' ? httpClients(emulator, await emulator.listen()) : sdkClients(emulator);
    return { emulator, ...clients };
  }

  test.each([
    ['dropBefore', 0, 'nothing'],
    ['dropAfter', 1, 'everything'],
  ] as const)('%s is cut with %i tasks made', async (kind, made, done) => {
    const { emulator, ec2 } = await open();
    try {
      emulator.addRule({ match: { action: 'ImportImage' }, effect: { kind } });
      await expect(ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }))).rejects.toThrow('socket hang up');
      expect((await emulator.remaining()).tasks).toHaveLength(made);
      expect(emulator.calls()).toMatchObject([{ action: 'ImportImage', outcome: { kind: 'dropped', done } }]);
    } finally {
      ec2.destroy();
      await emulator.close();
    }
  });

  test('is closed in time although a delayed call is under way, which then does nothing', async () => {
    const { emulator, ec2 } = await open();
    emulator.addRule({ effect: { kind: 'delay', ms: MINUTE } });
    const call = expect(ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }))).rejects.toThrow('socket hang up');
    while (emulator.calls().length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await emulator.close();
    await call;
    expect((await emulator.remaining()).tasks).toEqual([]);
    ec2.destroy();
  });
});

describe('A delay', () => {
  test('is spent on the emulator\'s clock before the call is taken up', async () => {
    const { emulator, clock, start } = account();
    emulator.addRule({ effect: { kind: 'delay', ms: 5_000 } });
    const started = start();
    while (clock.pending() === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(4_999);
    expect((await emulator.remaining()).tasks).toEqual([]);
    clock.advance(1);
    await expect(started).resolves.toMatch(/^import-ami-/);
  });

  test('can be given up by the client, while the call is still carried out', async () => {
    const { emulator, clock, ec2 } = account();
    emulator.addRule({ effect: { kind: 'delay', ms: 5_000 } });
    const controller = new AbortController();
    const call = ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }), { abortSignal: controller.signal });
    const given = expect(call).rejects.toMatchObject({ name: 'AbortError' });
    while (clock.pending() === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    controller.abort();
    await given;
    clock.advance(5_000);
    while (emulator.calls()[0]?.outcome === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await emulator.remaining()).tasks).toHaveLength(1);
  });
});

describe('A task that a rule concerns', () => {
  test('fails at the progress and with the message given', async () => {
    const { emulator, clock, start, task } = account();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: try again', atProgress: 50 } } });
    const id = await start();
    clock.advance(10 * MINUTE - 1);
    expect(await task(id)).toMatchObject({ Status: 'active', Progress: '49' });
    clock.advance(1);
    expect(await task(id)).toMatchObject({ Status: 'deleting', Progress: '50', StatusMessage: 'ServerError: try again' });
    clock.advance(MINUTE);
    expect(await task(id)).toMatchObject({ Status: 'deleted', StatusMessage: 'ServerError: try again' });
    expect(await emulator.remaining()).toMatchObject({ tasks: [], amis: [], snapshots: [] });
  });

  test('may leave its snapshots behind when it fails', async () => {
    const { emulator, clock, start, task } = account();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: try again', leaves: 'snapshots' } } });
    const id = await start();
    clock.advance(10 * MINUTE);
    const { snapshots, amis } = await emulator.remaining();
    expect([snapshots.length, amis]).toEqual([1, []]);
    expect((await task(id))?.SnapshotDetails?.[0]?.SnapshotId).toBe(snapshots[0]);
  });

  test('is stuck until it is cancelled', async () => {
    const { emulator, clock, start, task, ec2 } = account();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 39 } } });
    const id = await start();
    clock.advance(48 * 60 * MINUTE);
    expect(await task(id)).toMatchObject({ Status: 'active', Progress: '39', StatusMessage: 'converting' });
    await ec2.send(new CancelImportTaskCommand({ ImportTaskId: id }));
    expect(await task(id)).toMatchObject({ Status: 'deleting' });
  });

  test('is slow', async () => {
    const { emulator, clock, start, task } = account();
    emulator.addRule({ effect: { kind: 'task', outcome: { kind: 'slow', factor: 12 } } });
    const id = await start();
    clock.advance(4 * 60 * MINUTE - 1);
    expect((await task(id))?.Status).toBe('active');
    clock.advance(1);
    expect((await task(id))?.Status).toBe('completed');
  });

  test('is told by tag, or by id while it runs already', async () => {
    const { emulator, clock, start, task } = account();
    emulator.addRule({ match: { tag: { key: 'id', value: 'two' } }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: no' } } });
    const [one, two, three] = [await start('one'), await start('two'), await start('three')];
    emulator.addRule({ match: { id: three }, effect: { kind: 'task', outcome: { kind: 'stuck' } } });
    clock.advance(30 * MINUTE);
    expect([(await task(one))?.Status, (await task(two))?.Status, (await task(three))?.Status]).toEqual(['completed', 'deleted', 'active']);
  });
});

describe('What is invisible for a while', () => {
  test('tasks are missing from lists for one time, and from calls by id for another', async () => {
    const { emulator, clock, start, list, task, ec2 } = account();
    emulator.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', of: ['task'], listMs: 5_000, getMs: 2_000 } });
    const id = await start();
    expect(await list()).toEqual([]);
    await expect(task(id)).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
    await expect(ec2.send(new CancelImportTaskCommand({ ImportTaskId: id }))).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
    clock.advance(2_000);
    expect(await list()).toEqual([]);
    expect(await task(id)).toBeDefined();
    clock.advance(3_000);
    expect(await list()).toHaveLength(1);
  });

  test('AMIs and snapshots', async () => {
    const { emulator, clock, start, ec2 } = account();
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
    const { emulator, clock, start, imagebuilder } = account();
    emulator.addRule({ match: { service: 'imagebuilder' }, effect: { kind: 'invisible', of: ['image'], listMs: 2 * MINUTE } });
    const { imageArn } = await imagebuilder.send(new ImportVmImageCommand({ name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: await start() }));
    const listed = async () => (await imagebuilder.send(new ListImageBuildVersionsCommand({}))).imageSummaryList?.length;
    expect(await listed()).toBe(0);
    expect((await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: imageArn }))).image?.arn).toBe(imageArn);
    clock.advance(2 * MINUTE);
    expect(await listed()).toBe(1);
  });

  test('only what bears the rule\'s tag', async () => {
    const { emulator, start, list } = account();
    emulator.addRule({ match: { tag: { key: 'id', value: 'one' } }, effect: { kind: 'invisible', listMs: MINUTE } });
    await start('one');
    const two = await start('two');
    expect((await list()).map(({ ImportTaskId }) => ImportTaskId)).toEqual([two]);
  });
});

describe('Other limits of an account', () => {
  test('a quota of active tasks', async () => {
    const { emulator, start, outcomes } = account();
    emulator.addRule({ effect: { kind: 'quota', activeTasks: 2 } });
    expect(await outcomes(3, start)).toBe('ok ok ResourceLimitExceeded');
  });

  test('a role that has not propagated, for a time or for so many calls', async () => {
    const { emulator, clock, start, outcomes } = account();
    const role = emulator.addRule({ effect: { kind: 'roleNotPropagated', forMs: MINUTE } });
    expect(await outcomes(2, start)).toBe('InvalidParameter InvalidParameter');
    clock.advance(MINUTE);
    expect(await outcomes(1, start)).toBe('ok');
    emulator.removeRule(role);
    emulator.addRule({ match: { action: 'ImportImage', call: { from: 1, to: 2 } }, effect: { kind: 'roleNotPropagated' } });
    expect(await outcomes(3, start)).toBe('InvalidParameter InvalidParameter ok');
  });

  test('a recipe that holds an image', async () => {
    const { emulator, clock, start, imagebuilder } = account();
    const { imageArn } = await imagebuilder.send(new ImportVmImageCommand({ name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: await start() }));
    clock.advance(30 * MINUTE);
    await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: imageArn }));
    emulator.addRule({ effect: { kind: 'recipeHoldsImage', forMs: MINUTE } });
    const remove = async () => await imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn: imageArn }));
    await expect(remove()).rejects.toMatchObject({ name: 'ResourceDependencyException' });
    clock.advance(MINUTE);
    await expect(remove()).resolves.toMatchObject({ imageBuildVersionArn: imageArn });
  });
});
