/**
 * A request limit as AWS describes them: a bucket of tokens, one a request, that fills again at a fixed rate.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** `now` and all later times are milliseconds of one clock. */
  constructor(private readonly capacity: number, private readonly refillPerSecond: number, now: number) {
    this.tokens = capacity;
    this.filledAt = now;
  }

  /** Takes a token; false when there is none. */
  take(now: number): boolean {
    if (this.capacity === Infinity) {
      return true;
    }
    const refill = ((now - this.filledAt) / 1000) * this.refillPerSecond;
    this.tokens = Math.min(this.capacity, this.tokens + refill);
    this.filledAt = now;
    if (this.tokens < 1) {
      return false;
    }
    this.tokens -= 1;
    return true;
  }
}
