import { DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import type { Aws } from './aws';
import type { IsCompleteRequest } from './cloudformation';

/** Milliseconds that CloudFormation's note of a request may be later than ours. */
const SAME_REQUEST_WITHIN = 10_000;

/**
 * Whether CloudFormation still waits for the answer to a request. When another resource fails, it gives up on this
 * one and deletes it, but nobody tells the passes that go on; one that was queued all the while must not start an
 * import that nothing will ever delete.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
 */
export async function isStillWanted(aws: Aws, event: IsCompleteRequest): Promise<boolean> {
  try {
    const { StackResourceDetail: resource } = await aws.cloudFormation.send(
      new DescribeStackResourceCommand({ StackName: event.StackId, LogicalResourceId: event.LogicalResourceId }),
      { abortSignal: aws.signal },
    );
    const changedAt = resource?.LastUpdatedTimestamp?.getTime() ?? 0;
    return (
      resource?.ResourceStatus === `${event.RequestType.toUpperCase()}_IN_PROGRESS` &&
      changedAt <= Date.parse(event.Data.StartedAt) + SAME_REQUEST_WITHIN
    );
  } catch (error) {
    // CloudFormation does not know the stack or the resource any more.
    if (error instanceof Error && error.name === 'ValidationError') {
      return false;
    }
    throw error;
  }
}
