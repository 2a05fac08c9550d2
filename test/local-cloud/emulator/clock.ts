/** The emulator's idea of time, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Runs `fn` once, `ms` of this clock later; the returned function cancels it. */
  after(ms: number, fn: () => void): () => void;
}

/** Waits on a clock; an aborted wait ends at once, as if the time had come. */
export async function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) {
    return;
  }
  await new Promise<void>((resolve) => {
    const abort = () => {
      cancel();
      resolve();
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Real time, run `speed` times as fast; the speed may change while it runs. */
export class ScaledClock implements Clock {
  private origin = Date.now();
  private realOrigin = performance.now();

  constructor(private speed = 1) {
    assertSpeed(speed);
  }

  now(): number {
    return this.origin + (performance.now() - this.realOrigin) * this.speed;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = setTimeout(fn, Math.max(0, ms / this.speed));
    return () => clearTimeout(timer);
  }

  /** Timers that already run keep the speed they were started with. */
  setSpeed(speed: number): void {
    assertSpeed(speed);
    this.origin = this.now();
    this.realOrigin = performance.now();
    this.speed = speed;
  }

  getSpeed(): number {
    return this.speed;
  }
}

function assertSpeed(speed: number): void {
  if (!Number.isFinite(speed) || speed <= 0) {
    throw new RangeError(`A clock's speed is a positive number, got ${speed}`);
  }
}

interface Timer {
  readonly due: number;
  readonly fn: () => void;
}

/**
 * Time that stands still until it is told to move.
 *
 * `manual`: timers fire in `advance()` only. `jump`: when somebody waits, time moves by itself to the
 * earliest timer, so a client that sleeps on this clock (or a delayed answer) never blocks a test.
 */
export class FakeClock implements Clock {
  private timers: Timer[] = [];
  private time: number;

  constructor(start: number = Date.UTC(2026, 0, 1), private readonly mode: 'manual' | 'jump' = 'manual') {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  after(ms: number, fn: () => void): () => void {
    const timer: Timer = { due: this.time + Math.max(0, ms), fn };
    this.timers.push(timer);
    if (this.mode === 'jump') {
      setImmediate(() => this.jump());
    }
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves time on and runs what falls due on the way, earliest first, each at its own time. */
  advance(ms: number): void {
    const target = this.time + ms;
    for (let next = this.earliest(); next && next.due <= target; next = this.earliest()) {
      this.fire(next);
    }
    this.time = Math.max(this.time, target);
  }

  /** How many timers wait. */
  pending(): number {
    return this.timers.length;
  }

  private jump(): void {
    const next = this.earliest();
    if (next) {
      this.fire(next);
    }
  }

  private fire(timer: Timer): void {
    this.timers = this.timers.filter((other) => other !== timer);
    this.time = Math.max(this.time, timer.due);
    timer.fn();
  }

  private earliest(): Timer | undefined {
    return this.timers.reduce<Timer | undefined>((first, timer) => (first && first.due <= timer.due ? first : timer), undefined);
  }
}
