/**
 * Whether CloudFormation still waits for the answer to a request, when it sent the request, and when it gave up on it.
 */
import { isNamedBy } from './physical-id';
import type { CloudFormationRequest, IsCompleteRequest } from './requests';
import { describeStackResource, eventsOf } from './stack';
import type { Aws } from '../aws/clients';
import { ASKED_AGAIN_AFTER_MS, CANCELLED_NO_SOONER, DELIVERED_WITHIN_MS, SAME_REQUEST_WITHIN_MS } from '../timing';

/**
 * Returns whether CloudFormation still waits for the answer to a request. If another resource fails, CloudFormation gives up
 * on this one and deletes it, but the passes of the first request continue. Without this question, an import that was queued
 * all the while would start, and nothing would ever delete it.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
 */
export async function isStillWanted(aws: Aws, event: IsCompleteRequest): Promise<boolean> {
  const resource = await describeStackResource(aws, event);
  return resource?.state === 'in-progress' && resource.changedAt <= Date.parse(event.Data.StartedAt) + SAME_REQUEST_WITHIN_MS;
}

/** A request that a pass works on. */
export interface AskedRequest {
  /** Seconds since the request. */
  readonly elapsed: number;
  /** Asks CloudFormation whether it still waits for the answer. */
  readonly isStillWanted: () => Promise<boolean>;
}

/**
 * Returns whether a pass must not create or change anything any more, because CloudFormation gave up on its request. A pass asks right
 * before it creates anything, because a Delete relies on it. In the first seconds it does not ask: nothing else in the stack can have
 * failed yet, and a CloudFormation that lags does not know of the request.
 */
export async function isUnwanted({ elapsed, isStillWanted: isWanted }: AskedRequest): Promise<boolean> {
  return elapsed >= CANCELLED_NO_SOONER && !(await isWanted());
}

/** The clock of the handlers. */
export interface Time {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * Returns when CloudFormation sent a request, in milliseconds since the epoch. If CloudFormation reports no such request, or no such
 * resource, it is asked twice, so that by the first pass every start asks CloudFormation: a delivery to a resource that is gone must
 * start nothing.
 *
 * The request does not contain the time, and two deliveries of one request arrive at different times. Their inputs to the
 * state machine would differ, the provider framework would find its execution running with another input, and it would
 * answer FAILED under a name whose Delete it swallows while the import continues. CloudFormation therefore is asked. If it
 * does not answer, the time of the delivery is used.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (idempotent for the same name and input)
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (delivered at least once)
 */
export async function requestedAt(aws: Aws, event: CloudFormationRequest, time: Time): Promise<number> {
  const delivered = time.now();
  const recorded = await recordedAt(aws, event);
  if (recorded === undefined || Math.abs(delivered - recorded) <= SAME_REQUEST_WITHIN_MS) {
    return recorded ?? delivered;
  }
  // Either this is a second delivery, perhaps of a request that has ended, or CloudFormation still reports the request
  // before this one. In the second case `isStillWanted` would take this request for abandoned.
  await time.pause(ASKED_AGAIN_AFTER_MS);
  const settled = await recordedAt(aws, event);
  return settled !== undefined && Math.abs(delivered - settled) <= DELIVERED_WITHIN_MS ? settled : delivered;
}

/** Returns undefined if CloudFormation does not answer, and the epoch if it reports no request of this type. */
async function recordedAt(aws: Aws, event: CloudFormationRequest): Promise<number | undefined> {
  try {
    const resource = await describeStackResource(aws, event);
    return resource?.state === 'in-progress' ? resource.changedAt : 0;
  } catch {
    return undefined;
  }
}

/** The events of a resource whose Create ended. */
const CREATE_ENDED: readonly (string | undefined)[] = ['CREATE_COMPLETE', 'CREATE_FAILED', 'DELETE_COMPLETE'];

/**
 * Returns when CloudFormation ended a Create without learning the physical id, in milliseconds since the epoch. No Delete
 * will follow. There are two ways to get there:
 *
 * - Lambda delivers a Create at least once. If the function dies in one delivery, the provider framework answers FAILED under a
 *   name of its own and swallows the Delete of that name, while another delivery of the request continues.
 * - CloudFormation sends a Create again while the first one runs, with another ResponseURL. The two imports have different names,
 *   and CloudFormation takes the first answer.
 *
 * Returns undefined if CloudFormation does not report it, if it ever learned the id, and if the resource is retained.
 *
 * @see https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/lib/provider-framework/runtime/cfn-response.ts
 */
export async function givenUpAt(aws: Aws, event: IsCompleteRequest): Promise<number | undefined> {
  if (event.RequestType !== 'Create' || !isNamedBy(event, event.PhysicalResourceId)) {
    return undefined;
  }
  try {
    return (await isStillWanted(aws, event)) ? undefined : await createEndedAt(aws, event);
  } catch {
    return undefined;
  }
}

async function createEndedAt(aws: Aws, { StackId, LogicalResourceId, PhysicalResourceId, Data }: IsCompleteRequest): Promise<number | undefined> {
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
    ended = CREATE_ENDED.includes(event.ResourceStatus) ? at : ended;
  }
  return ended;
}
