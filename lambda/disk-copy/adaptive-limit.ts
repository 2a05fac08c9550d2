/** Requests in flight when a worker begins. */
const FIRST = 16;
/** All workers of a disk together then have 512: more than enough for 1,000 calls per second at 100 ms each. */
const MOST = 64;

/**
 * Bounds the requests in flight by what the service takes: additive increase, multiplicative decrease, as TCP does.
 * Every limit's worth of successes raises the limit by one; a throttled request halves it, once for all that were in flight with it.
 */
export class AdaptiveLimit {
  private limit = FIRST;
  private inFlight = 0;
  /** Counts decreases: a request that began before the last one says nothing new. */
  private decreases = 0;
  private readonly waiting: (() => void)[] = [];

  /** Requests that may be in flight now. */
  public get current(): number {
    return Math.floor(this.limit);
  }

  /** Runs a request as soon as there is room. `isOverload` says which errors mean that the service has too much to do. */
  public async run<T>(request: () => Promise<T>, isOverload: (error: unknown) => boolean): Promise<T> {
    while (this.inFlight >= this.current) {
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
    this.inFlight += 1;
    const began = this.decreases;
    try {
      const result = await request();
      this.limit = Math.min(MOST, this.limit + 1 / this.limit);
      return result;
    } catch (error) {
      if (isOverload(error) && began === this.decreases) {
        this.limit = Math.max(1, this.limit / 2);
        this.decreases += 1;
      }
      throw error;
    } finally {
      this.inFlight -= 1;
      this.waiting.splice(0, this.current - this.inFlight).forEach(resume => resume());
    }
  }
}
