import type { Clock } from './emulator/clock';

interface Timer {
  readonly due: number;
  readonly kind: 'pause' | 'delay';
  readonly fire: () => void;
}

/**
 * Time that moves on by itself, to the next thing that is due, whenever nobody works: a pause of half an hour takes
 * no time, and nothing times out because a handler needed a moment of real time to answer.
 *
 * A delay (`after`, as the emulator knows it) is part of somebody's work and so does not wait for the work to end;
 * pauses that end before it are kept in order.
 */
export class IdleClock implements Clock {
  private timers: Timer[] = [];
  private working = 0;
  private looking = false;

  constructor(private time: number = Date.UTC(2026, 0, 1)) {}

  public now(): number {
    return this.time;
  }

  public after(ms: number, fn: () => void): () => void {
    const timer = this.add('delay', ms, fn);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** A delay to wait for, as part of somebody's work. */
  public async delay(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Resolves when so much time has passed. */
  public async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.add('pause', ms, resolve);
    });
  }

  /** Time stands still while this is under way, but for delays. */
  public async during<T>(work: () => Promise<T>): Promise<T> {
    this.working += 1;
    try {
      return await work();
    } finally {
      this.working -= 1;
      this.look();
    }
  }

  private add(kind: Timer['kind'], ms: number, fire: () => void): Timer {
    const timer: Timer = { due: this.time + Math.max(0, ms), kind, fire };
    this.timers.push(timer);
    this.look();
    return timer;
  }

  /** Looks later whether time may move: what just ended may be about to begin something new. */
  private look(): void {
    if (!this.looking) {
      this.looking = true;
      setImmediate(() => {
        this.looking = false;
        this.moveOn();
      });
    }
  }

  private moveOn(): void {
    const [first, ...others] = this.timers;
    if (!first || (this.working > 0 && !this.timers.some(({ kind }) => kind === 'delay'))) {
      return;
    }
    const next = others.reduce((earliest, timer) => (timer.due < earliest.due ? timer : earliest), first);
    this.timers = this.timers.filter((timer) => timer !== next);
    this.time = Math.max(this.time, next.due);
    next.fire();
    this.look();
  }
}
