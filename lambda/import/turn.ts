import { createHash } from 'node:crypto';

/** Whether a pass may ask EC2 to start an import, or leaves that to a later one: within so many seconds. */
export type Turn = { readonly kind: 'ask' } | { readonly kind: 'later'; readonly within: number };

/** Seconds between two times that an import asks at most, unless it is polled less often. */
const LONGEST_ROUND = 240;

/** Of how many passes one asks, by how many there were: at once first, then less and less often. */
const ROUNDS: readonly (readonly [passes: number, round: number])[] = [[2, 1], [6, 2], [14, 4]];
const LAST_ROUND = 8;

/** Seconds by which the time from one pass to the next is longer than the poll interval: so no turn is missed, and some have two. */
const PASS_TAKES = 5;

export interface Queued {
  readonly id: string;
  /** Seconds since the import was asked for, all segments taken together. */
  readonly age: number;
  /** Seconds between two passes. */
  readonly pollInterval: number;
}

/**
 * Imports that EC2 cannot start yet take turns. If all asked in every pass, hundreds in the queue would be throttled, and
 * with them the calls of those that run. When an import has its turn is told by its id, so that they spread, and nothing has to
 * be kept.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export function turnOf({ id, age, pollInterval }: Queued): Turn {
  const passes = age / pollInterval;
  const wanted = ROUNDS.find(([most]) => passes < most)?.[1] ?? LAST_ROUND;
  const within = Math.min(wanted, Math.max(1, Math.floor(LONGEST_ROUND / pollInterval))) * pollInterval;
  const sinceTurn = (age + offsetOf(id) % within) % within;
  return sinceTurn < pollInterval + PASS_TAKES ? { kind: 'ask' } : { kind: 'later', within };
}

function offsetOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE();
}
