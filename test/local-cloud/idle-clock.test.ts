import { IdleClock } from './idle-clock';

const realMoment = async () => new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

describe('a clock that moves when nobody works', () => {
  test('takes no time for long pauses, and ends them in order', async () => {
    const clock = new IdleClock(0);
    const ended: [string, number][] = [];
    const pause = async (name: string, ms: number) => {
      await clock.pause(ms);
      ended.push([name, clock.now()]);
    };
    await Promise.all([pause('long', 3_600_000), pause('short', 1_000), pause('middle', 60_000)]);
    expect(ended).toEqual([['short', 1_000], ['middle', 60_000], ['long', 3_600_000]]);
  });

  test('stands still while somebody works', async () => {
    const clock = new IdleClock(0);
    const pause = clock.pause(1_000);
    const seen = await clock.during(async () => {
      await realMoment();
      return clock.now();
    });
    await pause;
    expect([seen, clock.now()]).toEqual([0, 1_000]);
  });

  test('moves for a delay that is part of the work, past pauses that end before it', async () => {
    const clock = new IdleClock(0);
    const ended: number[] = [];
    const pauses = [500, 5_000].map(async (ms) => clock.pause(ms).then(() => ended.push(clock.now())));
    await clock.during(async () => {
      await new Promise<void>((resolve) => clock.after(2_000, resolve));
      expect([clock.now(), ended]).toEqual([2_000, [500]]);
    });
    await Promise.all(pauses);
    expect(ended).toEqual([500, 5_000]);
  });

  test('forgets a delay that was cancelled', async () => {
    const clock = new IdleClock(0);
    const fired = jest.fn();
    clock.after(10, fired)();
    await clock.pause(20);
    expect(fired).not.toHaveBeenCalled();
  });

  test('still moves after work that failed', async () => {
    const clock = new IdleClock(0);
    await expect(clock.during(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await clock.pause(10);
    expect(clock.now()).toBe(10);
  });
});
