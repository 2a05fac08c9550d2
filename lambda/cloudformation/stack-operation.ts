import { DescribeStackEventsCommand, type DescribeStackEventsOutput, type StackEvent } from '@aws-sdk/client-cloudformation';
import { isUnknown } from './stack-resource';
import type { Aws } from '../aws/clients';

/** Milliseconds; a request that CloudFormation has given up on is answered, or dead, after its hour. */
const GIVEN_UP_WITHIN = 3 * 60 * 60 * 1000;

/** What the events of a stack say when somebody creates or updates it. */
const BEGINS: readonly (string | undefined)[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];

/**
 * What they say when that failed and was left as it is: what comes next goes on from there, and is rolled back with it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
 */
const NOT_ROLLED_BACK: typeof BEGINS = ['CREATE_FAILED', 'UPDATE_FAILED'];

/** A resource of a stack. */
export interface Worked {
  readonly StackId: string;
  readonly PhysicalResourceId: string;
}

/**
 * When the operation on the stack began in which a resource was last worked on, in milliseconds since the epoch: what is
 * rolled back or cleaned up was made since. Some hours ago, where CloudFormation does not tell.
 */
export async function operationBeganAt(aws: Aws, { StackId, PhysicalResourceId }: Worked, now: number): Promise<number> {
  let began: number | undefined;
  let workedOn = false;
  let isFound = false;
  for await (const event of eventsOf(aws, StackId)) {
    workedOn ||= event.PhysicalResourceId === PhysicalResourceId;
    if (event.PhysicalResourceId !== StackId) {
      continue;
    }
    if (isFound && !NOT_ROLLED_BACK.includes(event.ResourceStatus)) {
      break;
    }
    if (BEGINS.includes(event.ResourceStatus)) {
      began = workedOn ? event.Timestamp?.getTime() : began ?? event.Timestamp?.getTime();
    }
    isFound = workedOn && BEGINS.includes(event.ResourceStatus);
  }
  return began ?? now - GIVEN_UP_WITHIN;
}

/** Whether CloudFormation rolls back: a request does not say. */
export async function isRollingBack(aws: Aws, { StackId }: Pick<Worked, 'StackId'>): Promise<boolean> {
  for await (const { PhysicalResourceId, ResourceStatus } of eventsOf(aws, StackId)) {
    if (PhysicalResourceId === StackId) {
      return String(ResourceStatus).includes('ROLLBACK');
    }
  }
  return false;
}

/**
 * What has happened to a stack, the newest first.
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
