import { isNamedBy } from '../cloudformation/physical-id';
import type { CloudFormationRequest } from '../cloudformation/requests';

export type Phase = 'creating' | 'updating';

/**
 * Whether the import stood before this request: then it must not be started again, and its end is none. A segment that a
 * longer timeout adds, or that a rollback takes back to the import of before, is told so by the segment before it.
 */
export function phaseOf(event: CloudFormationRequest & { readonly PhysicalResourceId: string }): Phase {
  const { ImportId: previous, PreviousOutcome } = event.ResourceProperties;
  if (previous !== undefined && new URLSearchParams(String(PreviousOutcome)).get('phase') === 'updating') {
    return 'updating';
  }
  if (event.RequestType !== 'Update') {
    return 'creating';
  }
  const stoodBefore = previous === undefined ? !isNamedBy(event, event.PhysicalResourceId) : event.OldResourceProperties.ImportId === previous;
  return stoodBefore ? 'updating' : 'creating';
}
