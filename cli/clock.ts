import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as commands have it; tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits; an aborted wait ends at once, as if the time had come. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const REAL_TIME: Clock = {
  now: () => Date.now(),
  wait: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
};
