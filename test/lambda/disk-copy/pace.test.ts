import { Pace } from '../../../lambda/disk-copy/pace';

const overload = new Error('overload');
const isOverload = (error: unknown) => error === overload;
const settled = async () => new Promise<void>(resolve => setImmediate(resolve));

/** A pace on a clock that only its pauses, the answers of the service and the test move. */
function paced() {
  const stop = new AbortController();
  const rules = { signal: stop.signal, isOverload };
  const time = { now: 1_000_000 };
  const pauses: number[] = [];
  const pace = new Pace({
    now: () => time.now,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      time.now += milliseconds;
    },
  });
  const succeed = async (answerMs = 0) => pace.run(async () => { time.now += answerMs; }, rules);
  const fail = async (error = overload) => pace.run(async () => { throw error; }, rules).catch(() => {});
  /** Requests that the test answers, with the time at which each began. */
  const open: { readonly at: number; readonly succeed: () => void; readonly fail: (error: Error) => void }[] = [];
  const begin = async () => pace.run(async () => new Promise<void>((resolve, reject) => {
    open.push({ at: time.now, succeed: resolve, fail: reject });
  }), rules).catch(() => {});
  const seconds = async (count: number) => {
    for (const end = time.now + count * 1_000; time.now < end;) await succeed();
  };
  return { pace, time, pauses, stop, succeed, fail, open, begin, seconds };
}

describe('the pace of requests', () => {
  test('begins at 50 requests per second, in the order of the calls', async () => {
    const { begin, open, time } = paced();
    const started = time.now;
    const all = Array.from({ length: 12 }, begin);
    await settled();
    // 100 ms may be made up for: that is where the first ones come from.
    expect(open.map(({ at }) => at - started)).toEqual([0, 0, 0, 0, 0, 0, 20, 40, 60, 80, 100, 120]);
    open.forEach(one => one.succeed());
    await Promise.all(all);
  });

  test('makes up for 100 ms of a late request, and for no more', async () => {
    const { begin, open, time } = paced();
    const first = Array.from({ length: 6 }, begin);
    await settled();
    for (const [late, together] of [[60, 3], [60_000, 6]] as const) {
      time.now += late;
      const before = open.length;
      const all = Array.from({ length: 8 }, begin);
      await settled();
      expect(open.slice(before).filter(({ at }) => at === open[before]?.at)).toHaveLength(together);
      open.forEach(one => one.succeed());
      await Promise.all(all);
    }
    await Promise.all(first);
  });

  test('has at most 64 requests in flight', async () => {
    const { begin, open } = paced();
    const all = Array.from({ length: 66 }, begin);
    await settled();
    expect(open).toHaveLength(64);
    open[0]?.succeed();
    await settled();
    expect(open).toHaveLength(65);
    open.forEach(one => one.succeed());
    await settled();
    open.forEach(one => one.succeed());
    await Promise.all(all);
    expect(open).toHaveLength(66);
  });

  test('grows by one for each success, nearly threefold in a second, until the first throttle', async () => {
    const { pace, seconds } = paced();
    await seconds(1);
    expect(pace.perSecond / 50).toBeCloseTo(Math.E, 0);
    await seconds(1);
    expect(pace.perSecond / 50).toBeCloseTo(Math.E ** 2, 0);
  });

  test('does not grow by successes of a worker that is slower', async () => {
    const { pace, succeed } = paced();
    for (let call = 0; call < 100; call++) await succeed(21);
    expect(pace.perSecond).toBe(50);
  });

  test('drops to 60 % at a throttle, once for all requests in flight, and again for a later one', async () => {
    const { pace, begin, open, fail, time } = paced();
    const all = Array.from({ length: 6 }, begin);
    await settled();
    time.now += 100;
    open.forEach(one => one.fail(overload));
    await Promise.all(all);
    expect(pace.perSecond).toBe(30);
    time.now += 1;
    await fail();
    expect(pace.perSecond).toBe(18);
  });

  test('comes back after a throttle: fast, slow around the rate of the throttle, then fast beyond it', async () => {
    const { pace, fail, seconds } = paced();
    await seconds(2);
    const before = pace.perSecond;
    await fail();
    const shares: number[] = [];
    for (let second = 0; second < 7; second++) {
      await seconds(1);
      shares.push(Math.round(pace.perSecond / before * 100));
    }
    expect(shares).toEqual([85, 96, 100, 100, 102, 110, 129]);
  });

  test('never drops below a request in two seconds', async () => {
    const { pace, time, fail, succeed } = paced();
    for (let call = 0; call < 20; call++) {
      time.now += 1;
      await fail();
    }
    expect(pace.perSecond).toBe(0.5);
    await succeed();
    expect(pace.perSecond).toBe(0.5);
  });

  test('stays as it is at an error that is no overload', async () => {
    const { pace, fail } = paced();
    await fail(new Error('other'));
    expect(pace.perSecond).toBe(50);
  });

  test('passes on results and errors', async () => {
    const { pace, stop } = paced();
    const rules = { signal: stop.signal, isOverload };
    await expect(pace.run(async () => 7, rules)).resolves.toBe(7);
    await expect(pace.run(async () => { throw overload; }, rules)).rejects.toBe(overload);
  });

  test('holds nobody up once the copy has failed', async () => {
    const { pace, pauses, stop } = paced();
    stop.abort();
    let calls = 0;
    await Promise.all(Array.from({ length: 100 }, async () => pace.run(async () => { calls += 1; }, { signal: stop.signal, isOverload })));
    expect([calls, pauses]).toEqual([100, []]);
  });
});
