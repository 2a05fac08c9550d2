import type { IsCompleteRequest } from './requests';
import { describeStackResource, SAME_REQUEST_WITHIN } from './stack-resource';
import type { Aws } from '../aws/clients';

/**
 * Whether CloudFormation still waits for the answer to a request. When another resource fails, it gives up on this
 * one and deletes it, but nobody tells the passes that go on; one that was queued all the while must not start an
 * import that nothing will ever delete.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
 */
export async function isStillWanted(aws: Aws, event: IsCompleteRequest): Promise<boolean> {
  const resource = await describeStackResource(aws, event);
  return resource?.state === 'in-progress' && resource.changedAt <= Date.parse(event.Data.StartedAt) + SAME_REQUEST_WITHIN;
}
