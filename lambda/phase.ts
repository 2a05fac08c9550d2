import type { CloudFormationRequest } from './cloudformation';
import { isNamedBy } from './identity';

export type Phase = 'creating' | 'updating';

/** Whether the import stood before this request: then it must not be started again. */
export function phaseOf(event: CloudFormationRequest & { readonly PhysicalResourceId: string }, previous: string | undefined): Phase {
  if (event.RequestType !== 'Update') {
    return 'creating';
  }
  const stoodBefore = previous === undefined ? !isNamedBy(event, event.PhysicalResourceId) : event.OldResourceProperties.ImportId === previous;
  return stoodBefore ? 'updating' : 'creating';
}
