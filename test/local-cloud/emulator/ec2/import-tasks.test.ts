import { CancelImportTaskCommand, DescribeImportImageTasksCommand, paginateDescribeImportImageTasks } from '@aws-sdk/client-ec2';
import type { Filter } from '@aws-sdk/client-ec2';
import { accountWithTasks } from '../account-with-tasks';

const MINUTE = 60_000;

describe('An import task', () => {
  test('walks the documented phases, its progress never falling', async () => {
    const { start, describe, clock } = accountWithTasks();
    const id = await start();
    const seen: string[] = [];
    let progress = 0;
    for (let step = 0; step < 100; step++) {
      const task = await describe(id);
      expect(task?.Status).toBe('active');
      expect(Number(task?.Progress)).toBeGreaterThanOrEqual(progress);
      progress = Number(task?.Progress);
      if (seen.at(-1) !== task?.StatusMessage) {
        seen.push(task?.StatusMessage ?? '');
      }
      clock.advance(0.2 * MINUTE - 1);
    }
    expect(seen).toEqual(['pending', 'validating', 'validated', 'converting', 'updating', 'booting', 'booted', 'preparing ami']);
    clock.advance(MINUTE);
    const done = await describe(id);
    expect(done).toMatchObject({ Status: 'completed', ImageId: expect.stringMatching(/^ami-[0-9a-f]{17}$/) });
    expect(done).not.toHaveProperty('Progress');
    expect(done).not.toHaveProperty('StatusMessage');
  });

  test('tells its phase as its status where that is so, and is active to the filter', async () => {
    const { start, describe, clock, ec2 } = accountWithTasks({ answers: { runningStatus: 'stage' } });
    const id = await start();
    expect((await describe(id))?.Status).toBe('active');
    clock.advance(10 * MINUTE - 1);
    expect(await describe(id)).toMatchObject({ Status: 'converting', StatusMessage: 'converting' });
    const { ImportImageTasks } = await ec2.send(new DescribeImportImageTasksCommand({ Filters: [{ Name: 'task-state', Values: ['active'] }] }));
    expect(ImportImageTasks).toHaveLength(1);
  });

  test('that is unknown answers InvalidConversionTaskId.Malformed', async () => {
    const { describe } = accountWithTasks();
    await expect(describe('import-ami-0123456789abcdef0')).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
  });

  test('is forgotten after its retention; its AMI stays', async () => {
    const { start, describe, clock, emulator } = accountWithTasks({ answers: { taskMemory: 'oneHour' } });
    const id = await start();
    clock.advance(79 * MINUTE);
    expect((await describe(id))?.Status).toBe('completed');
    clock.advance(MINUTE);
    await expect(describe(id)).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
    expect((await emulator.remaining()).amis).toHaveLength(1);
  });

  test('can be forgotten on demand', async () => {
    const { start, describe, clock, emulator } = accountWithTasks();
    const id = await start();
    expect(() => emulator.forgetTask(id)).toThrow(RangeError);
    clock.advance(20 * MINUTE);
    await describe(id);
    emulator.forgetTask(id);
    await expect(describe(id)).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
  });
});

describe('DescribeImportImageTasks', () => {
  test('shows every task once over its pages, even if tasks come in between', async () => {
    const { ec2, start } = accountWithTasks();
    const ids = [await start(), await start(), await start(), await start(), await start()];
    const seen: (string | undefined)[] = [];
    let pages = 0;
    for await (const page of paginateDescribeImportImageTasks({ client: ec2, pageSize: 2 }, {})) {
      seen.push(...(page.ImportImageTasks ?? []).map(({ ImportTaskId }) => ImportTaskId));
      pages += 1;
      if (pages === 1) {
        ids.push(await start());
      }
    }
    expect([seen, pages]).toEqual([ids, 3]);
  });

  const filters: [string, Filter[], string[]][] = [
    ['a tag', [{ Name: 'tag:team', Values: ['red'] }], ['one']],
    ['one of two values', [{ Name: 'tag:team', Values: ['red', 'blue'] }], ['one', 'two']],
    ['a star', [{ Name: 'tag:team', Values: ['*e*'] }], ['one', 'two', 'three']],
    ['a question mark', [{ Name: 'tag:team', Values: ['r?d'] }], ['one']],
    ['an escaped star', [{ Name: 'tag:team', Values: ['re\\*d'] }], []],
    ['a dot, which is no wildcard', [{ Name: 'tag:team', Values: ['r.d'] }], []],
    ['a tag key', [{ Name: 'tag-key', Values: ['stage'] }], ['two']],
    ['two filters at once', [{ Name: 'tag:team', Values: ['*'] }, { Name: 'tag:stage', Values: ['beta'] }], ['two']],
    ['the state', [{ Name: 'task-state', Values: ['active'] }], ['one', 'two', 'three']],
    ['a state that none is in', [{ Name: 'task-state', Values: ['completed', 'deleted'] }], []],
  ];
  test.each(filters)('filters by %s', async (_, Filters, expected) => {
    const { ec2, start } = accountWithTasks();
    const names = new Map([
      [await start({ team: 'red' }), 'one'], [await start({ team: 'blue', stage: 'beta' }), 'two'], [await start({ team: 'green' }), 'three'],
    ]);
    const { ImportImageTasks } = await ec2.send(new DescribeImportImageTasksCommand({ Filters }));
    expect((ImportImageTasks ?? []).map(({ ImportTaskId }) => names.get(ImportTaskId ?? ''))).toEqual(expected);
  });

  test.each([
    ['a filter it does not know', { Filters: [{ Name: 'colour', Values: ['red'] }] }, 'InvalidParameterValue'],
    ['a filter without values', { Filters: [{ Name: 'task-state' }] }, 'InvalidParameterValue'],
    ['pages of nothing', { MaxResults: 0 }, 'InvalidParameterValue'],
    ['a token that it did not give', { NextToken: 'nonsense' }, 'InvalidPaginationToken'],
    ['pages of named tasks', { MaxResults: 5, ImportTaskIds: ['import-ami-00000000000000001'] }, 'InvalidParameterCombination'],
  ])('refuses %s', async (_, input, code) => {
    const { ec2, start } = accountWithTasks();
    await start();
    await expect(ec2.send(new DescribeImportImageTasksCommand(input))).rejects.toMatchObject({ name: code });
  });
});

describe('CancelImportTask', () => {
  test('ends an active task: deleting, then deleted, with the reason, and without an AMI', async () => {
    const { ec2, start, describe, clock, emulator } = accountWithTasks();
    const id = await start();
    clock.advance(10 * MINUTE);
    const cancel = async () => ec2.send(new CancelImportTaskCommand({ ImportTaskId: id, CancelReason: 'no longer wanted' }));
    expect(await cancel()).toMatchObject({ ImportTaskId: id, PreviousState: 'active', State: 'deleting' });
    expect(await describe(id)).toMatchObject({ Status: 'deleting', StatusMessage: 'no longer wanted', Progress: '50' });
    expect(await cancel()).toMatchObject({ PreviousState: 'deleting', State: 'deleting' });
    clock.advance(30 * MINUTE);
    expect(await describe(id)).toMatchObject({ Status: 'deleted' });
    expect(await emulator.remaining()).toMatchObject({ tasks: [], amis: [], snapshots: [] });
  });

  test('refuses a task that is completed, and one that is not there', async () => {
    const { ec2, start, clock } = accountWithTasks();
    const id = await start();
    clock.advance(20 * MINUTE);
    await expect(ec2.send(new CancelImportTaskCommand({ ImportTaskId: id }))).rejects.toMatchObject({ name: 'IncorrectState' });
    await expect(ec2.send(new CancelImportTaskCommand({ ImportTaskId: 'import-ami-0' }))).rejects.toMatchObject({ name: 'InvalidConversionTaskId.Malformed' });
    await expect(ec2.send(new CancelImportTaskCommand({}))).rejects.toMatchObject({ name: 'MissingParameter' });
  });
});
