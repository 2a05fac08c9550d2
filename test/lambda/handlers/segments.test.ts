import { succeeded } from '../outcome';
import { Rig } from '../rig';

describe('segments', () => {
  const HOURS = { Segments: '3', Budget: '3000', Timeout: '9000' };

  test('that waits for a free slot logs the wait over all segments, and the timeout that it counts towards', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const first = succeeded(await rig.deliver(rig.create(HOURS)));
    const event = rig.create({ ...HOURS, Segment: '2', ImportId: first.id });
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    rig.clock.advance(6 * 60_000);
    expect(await rig.pass({ ...event, ...named })).toEqual({ IsComplete: false });
    expect(rig.logs.at(-1)).toMatchObject({ action: 'wait', segment: '2/3', status: expect.stringMatching(/^a free slot: queued because .*; requested 56 min ago, times out after 150 min$/) });
  });

  test('hand a long import from one to the next, and the last one answers', async () => {
    const rig = new Rig({ taskDurationMs: 130 * 60_000 });
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const second = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '2', ImportId: first.id })));
    const third = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: second.id })));
    expect([second.id, third.id]).toEqual([`${first.id}/2`, `${first.id}/3`]);
    expect([first.data, second.data]).toEqual([{ Outcome: '' }, { Outcome: '' }]);
    expect(first.seconds).toBe(3000);
    expect(third.data.AmiId).toMatch(/^ami-/);
    expect(rig.count('ImportImage')).toBe(1);
    expect(rig.logs.filter((line) => line.action === 'hand-over')).toHaveLength(2);
  });

  test('but the first take no time when the import is done', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    rig.cloud.clearCalls();
    const second = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '2', ImportId: first.id, PreviousOutcome: first.data.Outcome })));
    const third = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: second.id, PreviousOutcome: second.data.Outcome })));
    expect([second.seconds, third.seconds]).toEqual([0, 0]);
    expect(rig.cloud.calls()).toEqual([]);
    expect(third.data).toEqual(succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: second.id }))).data);
    expect(third.data.ImageArn).toContain(':image/golden/1.0.0/1');
  });

  test('answer every delivery of a request that goes on with a finished import alike, whenever it comes', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const follower = rig.create({ ...HOURS, Segment: '2', ImportId: first.id, PreviousOutcome: first.data.Outcome });
    const answer = await rig.handlers.onEvent(follower, { getRemainingTimeInMillis: () => 60_000 });
    rig.clock.advance(120_000);
    expect(await rig.handlers.onEvent(follower, { getRemainingTimeInMillis: () => 60_000 })).toEqual(answer);
  });

  test('look for themselves where the end that they are told of is another import\'s', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const others = first.data.Outcome?.replace(first.id, first.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))).replace('AmiId=ami', 'AmiId=other');
    rig.cloud.clearCalls();
    const { data } = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: first.id, PreviousOutcome: others })));
    expect(data.AmiId).toMatch(/^ami-/);
    expect(rig.cloud.calls()).not.toEqual([]);
  });

  test('start the import late where it was queued through the one before', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ id: 'full', effect: { kind: 'quota', activeTasks: 0 } });
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    rig.cloud.removeRule('full');
    expect(succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: first.id }))).data.ImageArn).toContain(':image/golden/1.0.0/1');
  });

  test.each(['1', '2', '3'])('%s: a queued import makes one call in a pass in which it does not ask for a task', async (Segment) => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const event = rig.create({ ...HOURS, Segment, ...(Segment === '1' ? {} : { ImportId: first.id }) });
    const begun = await rig.begin(event);
    const passes: string[][] = [];
    for (let pass = 0; pass < 60; pass++) {
      rig.clock.advance(30_000);
      rig.cloud.clearCalls();
      await rig.pass(begun);
      passes.push(rig.cloud.calls().map(({ action }) => action));
    }
    const waiting = passes.filter((calls) => !calls.includes('ImportImage'));
    expect(waiting.length).toBeGreaterThan(40);
    expect(new Set(waiting.map((calls) => calls.join()))).toEqual(new Set(['DescribeImportImageTasks']));
  });

  test('but the first delete nothing', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    rig.cloud.clearCalls();
    expect(succeeded(await rig.deliver(rig.delete(`${first.id}/2`, { ...HOURS, Segment: '2', ImportId: first.id }))).data).toEqual({});
    expect(rig.cloud.calls()).toEqual([]);
  });

  test('that follow an import that is updated in place start nothing', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const follower = { ...HOURS, Segment: '2', ImportId: first.id };
    const second = succeeded(await rig.deliver(rig.create(follower)));
    const updated = succeeded(await rig.deliver(rig.update(second.id, follower, { ...follower, Tags: { team: 'b' } })));
    expect(updated.id).toBe(second.id);
    const replaced = succeeded(await rig.deliver(rig.update(second.id, { ...follower, ImportId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000' }, follower)));
    expect(replaced.data).toEqual(first.data);
    expect(rig.count('ImportImage')).toBe(1);
  });
});
