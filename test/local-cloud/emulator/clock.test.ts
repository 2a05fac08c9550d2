import { FakeClock, ScaledClock, wait } from './clock';

describe('A fake clock', () => {
  test('stands still until it is advanced', () => {
    const clock = new FakeClock(1_000);
    expect(clock.now()).toBe(1_000);
    clock.advance(500);
    expect(clock.now()).toBe(1_500);
  });

  test('runs timers in the order they fall due, each at its own time, those that timers set included', () => {
    const clock = new FakeClock(0);
    const seen: [string, number][] = [];
    clock.after(30, () => seen.push(['late', clock.now()]));
    clock.after(10, () => {
      seen.push(['early', clock.now()]);
      clock.after(5, () => seen.push(['nested', clock.now()]));
    });
    clock.after(60, () => seen.push(['never', clock.now()]));
    clock.advance(50);
    expect(seen).toEqual([['early', 10], ['nested', 15], ['late', 30]]);
    expect([clock.now(), clock.pending()]).toEqual([50, 1]);
  });

  test('does not run a timer that was cancelled', () => {
    const clock = new FakeClock(0);
    const fn = jest.fn();
    clock.after(10, fn)();
    clock.advance(20);
    expect(fn).not.toHaveBeenCalled();
  });

  test('that jumps lets waits pass by themselves, in order', async () => {
    const clock = new FakeClock(0, 'jump');
    const order: number[] = [];
    await Promise.all([wait(clock, 60_000).then(() => order.push(clock.now())), wait(clock, 5_000).then(() => order.push(clock.now()))]);
    expect(order).toEqual([5_000, 60_000]);
  });
});

describe('A wait', () => {
  test('ends at once when it is aborted, and leaves no timer', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const waiting = wait(clock, 1_000, controller.signal);
    controller.abort();
    await waiting;
    await wait(clock, 1_000, controller.signal);
    expect(clock.pending()).toBe(0);
  });
});

describe('A scaled clock', () => {
  test('runs so many times as fast as real time, from the moment its speed is set', () => {
    const real = jest.spyOn(performance, 'now').mockReturnValue(0);
    try {
      const clock = new ScaledClock(10);
      const start = clock.now();
      real.mockReturnValue(1_000);
      expect(clock.now() - start).toBe(10_000);
      clock.setSpeed(100);
      expect(clock.now() - start).toBe(10_000);
      real.mockReturnValue(2_000);
      expect([clock.now() - start, clock.getSpeed()]).toEqual([110_000, 100]);
    } finally {
      real.mockRestore();
    }
  });

  test('shortens timers', async () => {
    await expect(wait(new ScaledClock(1_000_000), 3_600_000)).resolves.toBeUndefined();
  });

  test.each([0, -1, NaN, Infinity])('refuses the speed %p', (speed) => {
    expect(() => new ScaledClock(speed)).toThrow(RangeError);
  });
});
