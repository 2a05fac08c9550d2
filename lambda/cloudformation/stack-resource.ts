import { DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import type { CloudFormationRequest } from './requests';
import type { Aws } from '../aws/clients';

/** Milliseconds by which CloudFormation's note of a request and ours may differ. */
export const SAME_REQUEST_WITHIN = 10_000;

/** What CloudFormation says of the resource of a request. */
export interface StackResource {
  /** CloudFormation works on a request of this kind. */
  readonly state: 'in-progress' | 'other';
  /** When it last noted something, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** Nothing where CloudFormation does not know the stack or the resource (any more). */
export async function describeStackResource(
  aws: Aws, { StackId, LogicalResourceId, RequestType }: CloudFormationRequest,
): Promise<StackResource | undefined> {
  try {
    const { StackResourceDetail: resource } = await aws.cloudFormation.send(
      new DescribeStackResourceCommand({ StackName: StackId, LogicalResourceId }),
      { abortSignal: aws.signal },
    );
    return {
      state: resource?.ResourceStatus === `${RequestType.toUpperCase()}_IN_PROGRESS` ? 'in-progress' : 'other',
      changedAt: resource?.LastUpdatedTimestamp?.getTime() ?? 0,
    };
  } catch (error) {
    if (isUnknown(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Whether CloudFormation says that it does not know a stack, or a resource of it. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationError';
}
