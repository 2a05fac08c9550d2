/** When a pass is taken. */
export interface PassTime {
  /** Seconds since the request. */
  readonly elapsed: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
