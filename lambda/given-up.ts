import type { Aws } from './aws';
import type { IsCompleteRequest } from './cloudformation';
import { isNamedBy } from './identity';
import { eventsOf } from './stack-operation';
import { isStillWanted } from './still-wanted';

/** What the events of a resource say once a Create of it has come to nothing. */
const CAME_TO_NOTHING: readonly (string | undefined)[] = ['CREATE_FAILED', 'DELETE_COMPLETE'];

/**
 * Whether CloudFormation has ended a Create without learning the name of what it makes, so that no Delete will come to
 * remove that. A Create is delivered at least once; where the function dies in one delivery, the provider framework answers
 * FAILED under a name of its own, whose Delete it swallows, though another delivery of the same request goes on.
 *
 * It is not where CloudFormation does not tell, where it ever named what was made, and where that is to be retained.
 *
 * @see https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/lib/provider-framework/runtime/cfn-response.ts
 */
export async function isGivenUp(aws: Aws, event: IsCompleteRequest): Promise<boolean> {
  if (event.RequestType !== 'Create' || !isNamedBy(event, event.PhysicalResourceId)) {
    return false;
  }
  try {
    return !(await isStillWanted(aws, event)) && (await cameToNothing(aws, event));
  } catch {
    return false;
  }
}

async function cameToNothing(aws: Aws, { StackId, LogicalResourceId, PhysicalResourceId, Data }: IsCompleteRequest): Promise<boolean> {
  const since = Date.parse(Data.StartedAt);
  let ended = false;
  for await (const event of eventsOf(aws, StackId)) {
    if (event.PhysicalResourceId === PhysicalResourceId) {
      return false;
    }
    if (event.LogicalResourceId !== LogicalResourceId || Number(event.Timestamp) < since) {
      continue;
    }
    if (event.ResourceStatus === 'DELETE_SKIPPED') {
      return false;
    }
    ended ||= CAME_TO_NOTHING.includes(event.ResourceStatus);
  }
  return ended;
}
