import {
  paginateDescribeStackEvents, paginateListStacks, StackStatus, type StackEvent, type StackSummary,
} from '@aws-sdk/client-cloudformation';
import { Account } from './account';
import { list, text } from './said';

export interface Stack {
  readonly id: string;
  /** The last part of the id; no other stack ever has it. */
  readonly uuid: string;
  readonly name: string;
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly deletedAt?: number;
}

/** `standing`: all that are not deleted; `all`: those that were deleted within 90 days, too. */
export type Which = 'standing' | 'all';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html */
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
 * What happened in a stack, newest first, for as long as `wanted` says of a page. A deleted stack answers to its id for 90
 * days.
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
