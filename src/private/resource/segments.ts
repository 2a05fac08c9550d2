import { Duration } from 'aws-cdk-lib';

/**
 * A custom resource must answer within an hour. What is left of it is for the provider framework, for a poll that is
 * under way, and for retries.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
 */
const LONGEST_SEGMENT_SECONDS = 50 * 60;

/** The part of an import that one custom resource waits for. */
export interface Segment {
  /** 1 for the first. */
  readonly index: number;
  readonly count: number;
  /** How long this segment may take, in seconds. */
  readonly budget: number;
  /** How long the import may take, in seconds. */
  readonly timeout: number;
}

/** As many segments as a timeout needs, all of the same length; at least one. */
export function segmentsOf(timeout: Duration): [Segment, ...Segment[]] {
  const seconds = Math.ceil(timeout.toSeconds({ integral: false }));
  const count = Math.ceil(seconds / LONGEST_SEGMENT_SECONDS);
  const segment = (index: number): Segment => ({ index, count, budget: Math.ceil(seconds / count), timeout: seconds });
  return [segment(1), ...Array.from({ length: count - 1 }, (_, followers) => segment(followers + 2))];
}
