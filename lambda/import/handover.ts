/**
 * What a segment leaves to the next one: how the import ended, if the segment saw it. The remaining segments then answer at
 * once without a call to AWS. CloudFormation carries it from the attribute `Outcome` of a segment to a property of the next.
 */
import type { SegmentAttributes } from '../../src/shared/contract/image-resource';
import { importIdOfSegment, isNamedBy } from '../cloudformation/physical-id';
import type { CloudFormationRequest, IsCompleteRequest } from '../cloudformation/requests';

type Attributes = Readonly<Record<string, string>>;

/** An import that is done. */
export interface SeenEnd {
  /** When a segment saw it, in milliseconds since the epoch. */
  readonly endedAt: number;
  readonly attributes: Attributes;
}

/** The answer while the import continues: `Fn::GetAtt` of a missing attribute would fail the stack. */
export const CONTINUES: SegmentAttributes = { Outcome: '' };

/** Returns the answer to a request whose import is done: the last segment gets the attributes, the others tell the next one. */
export function answerAtEnd(event: IsCompleteRequest, { endedAt, attributes }: SeenEnd): Attributes {
  const { PhysicalResourceId, RequestType, ResourceProperties: { Segment, Segments } } = event;
  if (RequestType === 'Delete' || Segment === Segments) {
    return attributes;
  }
  const importId = importIdOfSegment(PhysicalResourceId);
  const answer: SegmentAttributes = {
    Outcome: new URLSearchParams({ importId, endedAt: String(endedAt), phase: phaseOf(event), ...attributes }).toString(),
  };
  return answer;
}

/** Parses what the segment before has left. Returns undefined if its import continued, or was another import. */
export function parseOutcome(outcome: string, id: string): SeenEnd | undefined {
  const { importId, endedAt, phase: _phase, ...attributes } = Object.fromEntries(new URLSearchParams(outcome));
  return importId === id ? { endedAt: Number(endedAt), attributes } : undefined;
}

/** `updating`: the import existed before the request. Such a request must not start it again, and its end is not the end of an import. */
export type Phase = 'creating' | 'updating';

/**
 * Returns the phase of a request. A segment that a longer timeout adds, or that a rollback takes back to the previous import,
 * learns it from the segment before it.
 */
export function phaseOf(event: CloudFormationRequest & { readonly PhysicalResourceId: string }): Phase {
  const { ImportId: previous, PreviousOutcome } = event.ResourceProperties;
  if (previous !== undefined && new URLSearchParams(String(PreviousOutcome)).get('phase') === 'updating') {
    return 'updating';
  }
  if (event.RequestType !== 'Update') {
    return 'creating';
  }
  const existedBefore = previous === undefined ? !isNamedBy(event, event.PhysicalResourceId) : event.OldResourceProperties.ImportId === previous;
  return existedBefore ? 'updating' : 'creating';
}
