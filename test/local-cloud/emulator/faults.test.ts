import { CreateTagsCommand, DescribeImportImageTasksCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import { ListImagesCommand } from '@aws-sdk/client-imagebuilder';
import { accountWithTasks, outcomesOf } from './account-with-tasks';
import { Ec2AndImageBuilder, FakeClock, FaultEffect, FaultRule, MemoryDiskSource } from './index';
import { DISK, httpClients, sdkClients } from './sdk-clients';

const MINUTE = 60_000;

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
    const { emulator, list } = accountWithTasks();
    emulator.addRule({ match, effect: { kind: 'error', code: 'X', message: 'as told' } });
    expect(await outcomesOf(6, list)).toBe(expected);
  });

  test('calls that carry, filter by, or name something with its tag', async () => {
    const { emulator, ec2, start, describe: describeTask } = accountWithTasks();
    const other = await start({ id: 'two' });
    emulator.addRule({ match: { tag: { key: 'id', value: 'one' } }, effect: { kind: 'throttle' } });
    const throttled = { name: 'RequestLimitExceeded' };
    await expect(start({ id: 'one' })).rejects.toMatchObject(throttled);
    await expect(ec2.send(new DescribeImportImageTasksCommand({ Filters: [{ Name: 'tag:id', Values: ['one'] }] }))).rejects.toMatchObject(throttled);
    await expect(describeTask(other)).resolves.toBeDefined();
    await ec2.send(new CreateTagsCommand({ Resources: [other], Tags: [{ Key: 'id', Value: 'three' }] }));
    emulator.addRule({ match: { tag: { key: 'id' } }, effect: { kind: 'throttle' } });
    await expect(describeTask(other)).rejects.toMatchObject(throttled);
  });

  test('calls that name its id', async () => {
    const { emulator, start, describe: describeTask } = accountWithTasks();
    const [one, two] = [await start(), await start()];
    emulator.addRule({ match: { id: one }, effect: { kind: 'throttle' } });
    await expect(describeTask(one)).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    await expect(describeTask(two)).resolves.toBeDefined();
  });

  test('until it is removed, and tells how often it matched', async () => {
    const { emulator, list } = accountWithTasks();
    const id = emulator.addRule({ effect: { kind: 'throttle' } });
    await outcomesOf(2, list);
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
    expect(() => accountWithTasks().emulator.addRule(rule as unknown as FaultRule)).toThrow(RangeError);
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
    const { emulator, start, imagebuilder } = accountWithTasks();
    emulator.addRule({ effect });
    await expect(start()).rejects.toMatchObject({ name: ec2Code, $metadata: { httpStatusCode: ec2Status } });
    await expect(imagebuilder.send(new ListImagesCommand({}))).rejects.toMatchObject({
      name: imageBuilderCode, $metadata: { httpStatusCode: imageBuilderStatus },
    });
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
    const { emulator, clock, start } = accountWithTasks();
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
    const { emulator, clock, ec2 } = accountWithTasks();
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
