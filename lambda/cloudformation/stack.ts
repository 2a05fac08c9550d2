/**
 * What CloudFormation reports about a stack and its resources.
 */
import { DescribeStackEventsCommand, DescribeStackResourceCommand, type DescribeStackEventsOutput, type StackEvent } from '@aws-sdk/client-cloudformation';
import { parseImportId } from './physical-id';
import type { CloudFormationRequest } from './requests';
import type { Aws } from '../aws/clients';
import { CLOCKS_DIFFER_MS, GIVEN_UP_WITHIN_MS, SAME_REQUEST_WITHIN_MS } from '../timing';

/** The resource of a request. */
export interface StackResource {
  /** `in-progress`: CloudFormation works on a request of the same type. */
  readonly state: 'in-progress' | 'other';
  /** When CloudFormation last recorded a change, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** Asks for the resource of a request. Returns undefined if CloudFormation does not know the stack or the resource. */
export async function describeStackResource(
  aws: Aws, { StackId, LogicalResourceId, RequestType }: CloudFormationRequest,
): Promise<StackResource | undefined> {
  try {
    const { StackResourceDetail: resource } = await aws.cloudFormation.send(
      new DescribeStackResourceCommand({ StackName: StackId, LogicalResourceId }),
      { abortSignal: aws.signal },
    );
    return {
      state: resource?.ResourceStatus === inProgress(RequestType) ? 'in-progress' : 'other',
      changedAt: resource?.LastUpdatedTimestamp?.getTime() ?? 0,
    };
  } catch (error) {
    if (isUnknown(error)) {
      return undefined;
    }
    throw error;
  }
}

function inProgress(type: CloudFormationRequest['RequestType']): string {
  return `${type.toUpperCase()}_IN_PROGRESS`;
}

/**
 * Returns when CloudFormation began to work on the request of this type for a resource, by its events, in milliseconds since the epoch.
 * Returns undefined if the events show no such request, or that it ended, or that the stack operation went on to its next phase.
 */
export async function requestBeganAt(aws: Aws, { StackId, LogicalResourceId, RequestType }: CloudFormationRequest): Promise<number | undefined> {
  let began: number | undefined;
  for await (const event of eventsOf(aws, StackId)) {
    const isOfResource = event.LogicalResourceId === LogicalResourceId;
    if (event.PhysicalResourceId === StackId || (isOfResource && event.ResourceStatus !== inProgress(RequestType))) {
      break;
    }
    // CloudFormation may record one request more than once ("Resource creation Initiated").
    began = isOfResource ? Number(event.Timestamp) : began;
  }
  return began;
}

/**
 * Returns for how many seconds CloudFormation has waited for no Create and no Update of a resource that it deletes, by its events, or
 * `longest` if that is less. Returns 0 if the events do not show the Delete yet, or do not show the end of the request before it.
 */
export async function secondsSinceWork(
  aws: Aws, { StackId, LogicalResourceId }: Pick<CloudFormationRequest, 'StackId' | 'LogicalResourceId'>, now: number, longest: number,
): Promise<number> {
  let isDeleting = false;
  for await (const event of eventsOf(aws, StackId)) {
    const ago = (now - Number(event.Timestamp)) / 1_000;
    if (isDeleting && ago >= longest) {
      return longest;
    }
    if (event.LogicalResourceId !== LogicalResourceId) {
      continue;
    }
    if (!isDeleting && event.ResourceStatus !== 'DELETE_IN_PROGRESS') {
      return 0;
    }
    isDeleting = true;
    if (!String(event.ResourceStatus).startsWith('DELETE_')) {
      return /^(CREATE|UPDATE)_(COMPLETE|FAILED)$/.test(String(event.ResourceStatus)) ? ago : 0;
    }
  }
  return 0;
}

/**
 * Returns whether CloudFormation went on to a Create or an Update of a resource after a request, by its events. A Delete has ended if another
 * event follows its own. An Update is followed by one that is later than `startedAt`, in milliseconds since the epoch.
 */
export async function hasLaterRequest(
  aws: Aws, { StackId, LogicalResourceId, PhysicalResourceId, RequestType }: StackMember & Pick<CloudFormationRequest, 'RequestType'>, startedAt: number,
): Promise<boolean> {
  let newest: string | undefined;
  for await (const event of eventsOf(aws, StackId)) {
    if (event.LogicalResourceId !== LogicalResourceId) {
      continue;
    }
    const status = String(event.ResourceStatus);
    newest ??= status;
    if (RequestType === 'Delete') {
      if (newest.startsWith('DELETE_')) {
        return false;
      }
      // CloudFormation made this id up, so it is that of no other Delete.
      if (status.startsWith('DELETE_') && event.PhysicalResourceId === PhysicalResourceId) {
        return true;
      }
    } else if (Number(event.Timestamp) <= startedAt + SAME_REQUEST_WITHIN_MS) {
      return false;
    } else if (BEGINS.includes(status)) {
      return true;
    }
  }
  return false;
}

/** A resource of a stack. */
export interface PhysicalResource {
  readonly StackId: string;
  readonly PhysicalResourceId: string;
}

/** A resource of a stack, under a logical id. */
export interface StackMember extends PhysicalResource {
  readonly LogicalResourceId: string;
}

const ENDS_WELL: readonly (string | undefined)[] = ['CREATE_COMPLETE', 'UPDATE_COMPLETE'];
const BEGINS: readonly (string | undefined)[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];

/**
 * An operation that failed and was not rolled back. The next operation continues it, and is rolled back together with it.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
 */
const NOT_ROLLED_BACK: typeof BEGINS = ['CREATE_FAILED', 'UPDATE_FAILED'];

/**
 * Returns when the stack operation began that last touched a resource, in milliseconds since the epoch. Whatever a rollback
 * or a cleanup removes was created since then. Returns a time some hours ago if CloudFormation does not report it.
 */
export async function operationBeganAt(aws: Aws, { StackId, PhysicalResourceId }: PhysicalResource, now: number): Promise<number> {
  let began: number | undefined;
  let touched = false;
  let isFound = false;
  for await (const event of eventsOf(aws, StackId)) {
    touched ||= event.PhysicalResourceId === PhysicalResourceId;
    if (event.PhysicalResourceId !== StackId) {
      continue;
    }
    if (isFound && !NOT_ROLLED_BACK.includes(event.ResourceStatus)) {
      break;
    }
    if (BEGINS.includes(event.ResourceStatus)) {
      began = touched ? event.Timestamp?.getTime() : began ?? event.Timestamp?.getTime();
    }
    isFound = touched && BEGINS.includes(event.ResourceStatus);
  }
  return began ?? now - GIVEN_UP_WITHIN_MS;
}

/**
 * Returns whether CloudFormation retained a resource before an operation began: it knew the physical id then, or it retained the resource without
 * knowing the id. What the logical id meant when the operation began is not retained: a rollback deletes it only if it returned to another import.
 * Returns true if the events do not go back to the time at which the resource was made.
 */
export async function wasRetainedBefore(
  aws: Aws, { StackId, LogicalResourceId, PhysicalResourceId }: StackMember, { began, madeAt }: { readonly began: number; readonly madeAt: number },
): Promise<boolean> {
  let meant: string | undefined;
  for await (const event of eventsOf(aws, StackId)) {
    const at = Number(event.Timestamp);
    if (at < madeAt - CLOCKS_DIFFER_MS) {
      return false;
    }
    if (event.LogicalResourceId === LogicalResourceId && isRetainedUnnamed(event)) {
      return true;
    }
    if (at >= began) {
      continue;
    }
    if (event.LogicalResourceId === LogicalResourceId && ENDS_WELL.includes(event.ResourceStatus)) {
      meant ??= event.PhysicalResourceId;
    }
    if (event.PhysicalResourceId === PhysicalResourceId) {
      return meant !== PhysicalResourceId;
    }
  }
  return true;
}

/** Returns whether an event says that CloudFormation retained a resource under an id that it made up. What is retained under the name of another import is that import. */
export function isRetainedUnnamed({ ResourceStatus, PhysicalResourceId }: StackEvent): boolean {
  return ResourceStatus === 'DELETE_SKIPPED' && parseImportId(String(PhysicalResourceId)) === undefined;
}

/** Returns whether CloudFormation rolls the stack back. */
export async function isRollingBack(aws: Aws, stack: Pick<PhysicalResource, 'StackId'>): Promise<boolean> {
  return (await operationOf(aws, stack)).kind === 'rollback';
}

export type StackOperation =
  | { readonly kind: 'rollback' | 'other' }
  /** `began`: when the update began whose rollback failed, in milliseconds since the epoch. */
  | { readonly kind: 'delete-after-failed-rollback'; readonly began: number };

/** Returns what CloudFormation does with a stack, by its events. A request itself does not say. */
export async function operationOf(aws: Aws, { StackId }: Pick<PhysicalResource, 'StackId'>): Promise<StackOperation> {
  let newest: string | undefined;
  let hasFailedRollback = false;
  let began: number | undefined;
  for await (const event of eventsOf(aws, StackId)) {
    if (event.PhysicalResourceId !== StackId) {
      continue;
    }
    const status = String(event.ResourceStatus);
    newest ??= status;
    if (!newest.startsWith('DELETE_')) {
      return { kind: newest.includes('ROLLBACK') ? 'rollback' : 'other' };
    }
    if (!hasFailedRollback) {
      if (!status.startsWith('DELETE_') && status !== 'UPDATE_ROLLBACK_FAILED') {
        break;
      }
      hasFailedRollback = status === 'UPDATE_ROLLBACK_FAILED';
    } else if (BEGINS.includes(status)) {
      began = Number(event.Timestamp);
    } else if (began !== undefined && !NOT_ROLLED_BACK.includes(status)) {
      break;
    }
  }
  return began === undefined ? { kind: 'other' } : { kind: 'delete-after-failed-rollback', began };
}

/**
 * Reads the events of a stack, newest first.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
 */
export async function* eventsOf(aws: Aws, StackName: string): AsyncGenerator<StackEvent, void, void> {
  let NextToken: string | undefined;
  do {
    const page = await pageOf(aws, StackName, NextToken);
    yield* page.StackEvents ?? [];
    NextToken = page.NextToken;
  } while (NextToken);
}

async function pageOf(aws: Aws, StackName: string, NextToken: string | undefined): Promise<DescribeStackEventsOutput> {
  try {
    return await aws.cloudFormation.send(new DescribeStackEventsCommand({ StackName, NextToken }), { abortSignal: aws.signal });
  } catch (error) {
    if (isUnknown(error)) {
      return {};
    }
    throw error;
  }
}

/** CloudFormation's answer for a stack or a resource that it does not know. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationError';
}
