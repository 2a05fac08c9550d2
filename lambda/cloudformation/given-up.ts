import { isNamedBy } from './physical-id';
import type { IsCompleteRequest } from './requests';
import { eventsOf } from './stack-operation';
import { isStillWanted } from './still-wanted';
import type { Aws } from '../aws/clients';

/** What the events of a resource say once a Create of it has come to nothing. */
const CAME_TO_NOTHING: readonly (string | undefined)[] = ['CREATE_FAILED', 'DELETE_COMPLETE'];

/**
 * When CloudFormation has ended a Create without learning the name of what it makes, so that no Delete will come to
 * remove that, in milliseconds since the epoch. A Create is delivered at least once; where the function dies in one delivery, the provider framework answers
 * FAILED under a name of its own, whose Delete it swallows, though another delivery of the same request goes on.
 *
 * Nothing where CloudFormation does not tell, where it ever named what was made, and where that is to be retained.
 *
 * @see https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/lib/provider-framework/runtime/cfn-response.ts
 */
export async function givenUpAt(aws: Aws, event: IsCompleteRequest): Promise<number | undefined> {
  if (event.RequestType !== 'Create' || !isNamedBy(event, event.PhysicalResourceId)) {
    return undefined;
  }
  try {
    return (await isStillWanted(aws, event)) ? undefined : await cameToNothingAt(aws, event);
  } catch {
    return undefined;
  }
}

async function cameToNothingAt(aws: Aws, { StackId, LogicalResourceId, PhysicalResourceId, Data }: IsCompleteRequest): Promise<number | undefined> {
  let ended: number | undefined;
  for await (const event of eventsOf(aws, StackId)) {
    const at = Number(event.Timestamp);
    if (at < Date.parse(Data.StartedAt)) {
      break;
    }
    if (event.PhysicalResourceId === PhysicalResourceId) {
      return undefined;
    }
    if (event.LogicalResourceId !== LogicalResourceId) {
      continue;
    }
    if (event.ResourceStatus === 'DELETE_SKIPPED') {
      return undefined;
    }
    ended = CAME_TO_NOTHING.includes(event.ResourceStatus) ? at : ended;
  }
  return ended;
}
