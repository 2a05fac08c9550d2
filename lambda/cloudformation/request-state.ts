/**
 * Whether CloudFormation still waits for the answer to a request, when it sent the request, and when it gave up on it.
 */
import { isNamedBy } from './physical-id';
import type { CloudFormationRequest, IsCompleteRequest } from './requests';
import { describeStackResource, eventsOf, isRetainedUnnamed, requestBeganAt } from './stack';
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
  if (resource?.state !== 'in-progress') {
    return false;
  }
  const startedAt = Date.parse(event.Data.StartedAt);
  const isOlder = resource.changedAt < startedAt - SAME_REQUEST_WITHIN_MS;
  // An older time may be that of the resource rather than that of the request. The events have both.
  const began = (isOlder ? await requestBeganAt(aws, event) : undefined) ?? resource.changedAt;
  return began <= startedAt + SAME_REQUEST_WITHIN_MS;
}

function isSameTime(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME_REQUEST_WITHIN_MS;
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
  if (recorded === undefined || isSameTime(recorded, delivered)) {
    return recorded ?? delivered;
  }
  // Either this is a second delivery, perhaps of a request that has ended, or CloudFormation still reports the request
  // before this one. In the second case `isStillWanted` would take this request for abandoned.
  await time.pause(ASKED_AGAIN_AFTER_MS);
  const settled = await recordedAt(aws, event);
  if (settled === undefined || settled === NO_REQUEST || isSameTime(settled, delivered)) {
    return settled || delivered;
  }
  const began = await requestBeganAt(aws, event).catch(() => undefined) ?? settled;
  // Both deliveries must get the same time, so the events count only if CloudFormation reported the time of the resource.
  const requested = isSameTime(began, settled) ? settled : began;
  return Math.abs(delivered - requested) <= DELIVERED_WITHIN_MS ? requested : delivered;
}

/** The epoch. No request is that old. */
const NO_REQUEST = 0;

/** Returns undefined if CloudFormation does not answer, and `NO_REQUEST` if it reports no request of this type. */
async function recordedAt(aws: Aws, event: CloudFormationRequest): Promise<number | undefined> {
  try {
    const resource = await describeStackResource(aws, event);
    return resource?.state === 'in-progress' ? resource.changedAt : NO_REQUEST;
  } catch {
    return undefined;
  }
}

/** The events of a resource whose request ended. */
const ENDED: Readonly<Record<Exclude<CloudFormationRequest['RequestType'], 'Delete'>, readonly (string | undefined)[]>> = {
  Create: ['CREATE_COMPLETE', 'CREATE_FAILED', 'DELETE_COMPLETE'],
  Update: ['UPDATE_COMPLETE', 'UPDATE_FAILED', 'DELETE_COMPLETE'],
};

/**
 * Returns when CloudFormation ended a request without learning the physical id that the request named, in milliseconds since the
 * epoch. No Delete will follow. There are three ways to get there:
 *
 * - Lambda delivers a Create at least once. If the function dies in one delivery, the provider framework answers FAILED under a
 *   name of its own and swallows the Delete of that name, while another delivery of the request continues.
 * - CloudFormation sends a request again while the first one runs, with another ResponseURL. The two imports have different names,
 *   and CloudFormation takes the first answer.
 * - CloudFormation gives up on an Update, and does not roll the resource back.
 *
 * Returns undefined if CloudFormation does not report it, if it ever learned the id, and if the resource is retained. Returns `unclear` while
 * CloudFormation works on another Update, which may go on with what the request created.
 *
 * @see https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/custom-resources/lib/provider-framework/runtime/cfn-response.ts
 */
export async function givenUpAt(aws: Aws, event: IsCompleteRequest): Promise<number | 'unclear' | undefined> {
  if (event.RequestType === 'Delete' || !isNamedBy(event, event.PhysicalResourceId)) {
    return undefined;
  }
  try {
    return (await isStillWanted(aws, event)) ? undefined : await requestEndedAt(aws, event, ENDED[event.RequestType]);
  } catch {
    return undefined;
  }
}

async function requestEndedAt(
  aws: Aws, { StackId, LogicalResourceId, PhysicalResourceId, Data }: IsCompleteRequest, statuses: readonly (string | undefined)[],
): Promise<number | 'unclear' | undefined> {
  let ended: number | undefined;
  let latest: string | undefined;
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
    latest ??= event.ResourceStatus;
    if (isRetainedUnnamed(event)) {
      return undefined;
    }
    ended = statuses.includes(event.ResourceStatus) ? at : ended;
  }
  return latest === 'UPDATE_IN_PROGRESS' && ended !== undefined ? 'unclear' : ended;
}
