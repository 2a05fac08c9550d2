import {
  paginateDescribeStackEvents, paginateListStacks, StackStatus, type StackEvent, type StackSummary,
} from '@aws-sdk/client-cloudformation';
import { Account } from './account';
import { list, text } from '../../lambda/aws/fields';

export interface Stack {
  readonly id: string;
  /** The last part of the id, unique among all stacks that ever existed. */
  readonly uuid: string;
  readonly name: string;
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly deletedAt?: number;
}

/** `standing`: stacks that exist; `all`: also those that were deleted within the last 90 days. */
export type Which = 'standing' | 'all';

/**
 * Lists the stacks of the account and Region.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
 */
export async function stacksOf(account: Account, which: Which): Promise<Stack[]> {
  const StackStatusFilter = which === 'all' ? undefined : Object.values(StackStatus).filter((status) => status !== 'DELETE_COMPLETE');
  const stacks: Stack[] = [];
  for await (const page of paginateListStacks({ client: account.cloudFormation }, { StackStatusFilter }, { abortSignal: account.signal })) {
    stacks.push(...list(page.StackSummaries).map(toStack));
  }
  return stacks;
}

function toStack({ StackId, StackName, StackStatus: status, DeletionTime }: StackSummary): Stack {
  const id = text(StackId);
  return { id, uuid: id.slice(id.lastIndexOf('/') + 1), name: text(StackName), status: text(status), deletedAt: DeletionTime?.getTime() };
}

/**
 * Returns the events of a stack, newest first. Reads further pages while `wanted` returns true for the last one.
 * CloudFormation returns the events of a deleted stack for 90 days.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
 */
export async function eventsOf(account: Account, stackId: string, wanted: (page: readonly StackEvent[]) => boolean): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  for await (const page of paginateDescribeStackEvents({ client: account.cloudFormation }, { StackName: stackId }, { abortSignal: account.signal })) {
    const found = list(page.StackEvents);
    events.push(...found);
    if (!wanted(found)) {
      break;
    }
  }
  return events;
}
