/**
 * What a segment leaves to the next one: how the import ended, when it has seen that, so that the segments that are left
 * answer at once and ask AWS nothing. CloudFormation carries it, as an attribute of the one and a property of the other.
 */
import { phaseOf } from './phase';
import { importIdOfSegment } from '../cloudformation/physical-id';
import type { IsCompleteRequest } from '../cloudformation/requests';

type Attributes = Readonly<Record<string, string>>;

/** An import that is done. */
export interface Outcome {
  /** When that was seen, in milliseconds since the epoch. */
  readonly endedAt: number;
  readonly attributes: Attributes;
}

/** Of an import that goes on: `Fn::GetAtt` of a missing attribute would fail the stack. */
export const GOES_ON = { Outcome: '' };

/** What a request is answered with whose import is done: the last segment has the attributes, the others tell the next one. */
export function answerOf(event: IsCompleteRequest, { endedAt, attributes }: Outcome): Attributes {
  const { PhysicalResourceId, RequestType, ResourceProperties: { Segment, Segments } } = event;
  if (RequestType === 'Delete' || Segment === Segments) {
    return attributes;
  }
  const importId = importIdOfSegment(PhysicalResourceId);
  return { Outcome: new URLSearchParams({ importId, endedAt: String(endedAt), phase: phaseOf(event), ...attributes }).toString() };
}

/** The outcome that the segment before has told of; none where its import went on, or where it was another one. */
export function outcomeIn(told: string, id: string): Outcome | undefined {
  const { importId, endedAt, phase: _phase, ...attributes } = Object.fromEntries(new URLSearchParams(told));
  return importId === id ? { endedAt: Number(endedAt), attributes } : undefined;
}
