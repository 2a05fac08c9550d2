import { createHash } from 'node:crypto';
import { LONGEST_ROUND, PASS_TAKES, ROUNDS } from '../timing';

/** Whether a pass may ask EC2 to start an import, or leaves that to a pass within so many seconds. */
export type Turn = { readonly kind: 'ask' } | { readonly kind: 'later'; readonly within: number };

export interface Queued {
  readonly id: string;
  /** Seconds since the import was requested, over all segments. */
  readonly age: number;
  /** Seconds between two passes. */
  readonly pollInterval: number;
}

/**
 * Returns whether it is the turn of a queued import. If every import asked in every pass, EC2 would throttle hundreds of queued
 * imports, and the calls of the running ones with them. The id decides when an import has its turn, so the turns spread and
 * nothing has to be stored.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export function turnOf({ id, age, pollInterval }: Queued): Turn {
  const wanted = Number(ROUNDS.find(({ passes }) => age / pollInterval < passes)?.round);
  const within = Math.min(wanted, Math.max(1, Math.floor(LONGEST_ROUND / pollInterval))) * pollInterval;
  const sinceTurn = (age + offsetOf(id) % within) % within;
  return sinceTurn < pollInterval + PASS_TAKES ? { kind: 'ask' } : { kind: 'later', within };
}

function offsetOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE();
}
