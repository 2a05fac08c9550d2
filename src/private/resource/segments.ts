import { Duration } from 'aws-cdk-lib';
import { ANSWERED_WITHIN } from '../../shared/contract/limits';

/** The part of an import that one custom resource waits for. */
export interface PlannedSegment {
  /** 1 for the first. */
  readonly index: number;
  readonly count: number;
  /** How long this segment may take, in seconds. */
  readonly budget: number;
  /** How long the import may take, in seconds. */
  readonly timeout: number;
}

/** As many segments as a timeout needs, all of the same length; at least one. */
export function segmentsOf(timeout: Duration): [PlannedSegment, ...PlannedSegment[]] {
  const seconds = Math.ceil(timeout.toSeconds({ integral: false }));
  const count = Math.ceil(seconds / ANSWERED_WITHIN);
  const segment = (index: number): PlannedSegment => ({ index, count, budget: Math.ceil(seconds / count), timeout: seconds });
  return [segment(1), ...Array.from({ length: count - 1 }, (_, followers) => segment(followers + 2))];
}
