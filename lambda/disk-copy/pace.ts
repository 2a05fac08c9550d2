/** Requests per second when a function begins: all workers of a disk together send fewer than EBS allows by default. */
const FIRST_RATE = 50;
const LEAST_RATE = 0.5;
/** What a throttle leaves of the rate. */
const KEPT = 0.6;
/** How much one success adds to the rate at most. A rate that grows so fast is nearly three times as high after a second. */
const MOST_GROWTH = 1;
/** Seconds that stretch the curve of `rateAfter`: it is back at the rate of the last throttle after 3.7 s. */
const SPAN = 5;
/** Requests in flight at most. All workers of a disk together then have 512: enough for 1,000 requests per second that take 500 ms each. */
const MOST_IN_FLIGHT = 64;
/** Milliseconds that requests without a pause may make up for: timers come late, and the processor is busy at times. */
const LATENESS = 100;

export interface PaceClock {
  readonly now: () => number;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What a request needs from the pace. */
export interface PaceRules {
  /** Once it is aborted, nobody waits any more. */
  readonly signal: AbortSignal;
  /** Whether an error means that the service has too much to do. */
  readonly isOverload: (error: unknown) => boolean;
}

/**
 * Spaces requests in time as the service accepts them. Workers share a quota and cannot see each other, but each one sees its own throttles.
 *
 * The rate grows fast until the first throttle. A throttle cuts it. Then it follows the curve of CUBIC (RFC 9438): fast back to the rate of
 * the throttle, slow around it, fast again if no throttle comes. So a worker is throttled every few seconds, however many workers there are,
 * and their rates become equal: a worker that sends more is throttled more often.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9438#section-4.2
 */
export class Pace {
  private rate = FIRST_RATE;
  private lastThrottle = { at: -Infinity, rate: Infinity };
  private inFlight = 0;
  /** When the next request may begin. */
  private nextAt = -Infinity;
  private lastTurn: Promise<unknown> = Promise.resolve();
  private resume?: () => void;

  public constructor(private readonly clock: PaceClock) {}

  /** Requests that may begin in a second. */
  public get perSecond(): number {
    return this.rate;
  }

  /** Runs a request when its turn has come. Requests begin in the order of their calls. */
  public async run<T>(request: () => Promise<T>, { signal, isOverload }: PaceRules): Promise<T> {
    const turn = this.lastTurn.then(async () => this.turn(signal));
    this.lastTurn = turn;
    const hasWaited = await turn;
    const began = this.clock.now();
    try {
      const result = await request();
      // A worker that is slower than its rate learns nothing from a success.
      if (hasWaited) this.rate += Math.max(0, Math.min(MOST_GROWTH, this.rateAfter(this.clock.now() - this.lastThrottle.at) - this.rate));
      return result;
    } catch (error) {
      // One throttle stands for all requests that were in flight with it.
      if (isOverload(error) && began > this.lastThrottle.at) {
        this.lastThrottle = { at: this.clock.now(), rate: this.rate };
        this.rate = Math.max(LEAST_RATE, this.rate * KEPT);
      }
      throw error;
    } finally {
      this.inFlight -= 1;
      this.resume?.();
    }
  }

  /** Waits until there is room, and until the time of the next request has come. Returns whether that time was still to come. */
  private async turn(signal: AbortSignal): Promise<boolean> {
    while (this.inFlight >= MOST_IN_FLIGHT) {
      await new Promise<void>((resume) => { this.resume = resume; });
    }
    this.inFlight += 1;
    if (signal.aborted) return false;
    const early = this.nextAt - this.clock.now();
    if (early > 0) await this.clock.pause(early);
    this.nextAt = Math.max(this.nextAt, this.clock.now() - LATENESS) + 1_000 / this.rate;
    return early > 0;
  }

  /** Returns the rate so many milliseconds after the last throttle. It is KEPT at 0, and 1 after 3.7 s, each times the rate of the throttle. */
  private rateAfter(milliseconds: number): number {
    return this.lastThrottle.rate * (1 + (milliseconds / 1_000 / SPAN - Math.cbrt(1 - KEPT)) ** 3);
  }
}
