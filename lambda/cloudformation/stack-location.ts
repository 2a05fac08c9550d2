import { Failure } from './failure';

/** Where a stack lives, and which one it is, read from its id. */
export interface StackLocation {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** The last part of the id: no two stacks ever have the same. */
  readonly uuid: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html#cfn-pseudo-param-stackid */
const STACK_ID =
  /^arn:(?<partition>[^:]+):cloudformation:(?<region>[^:]+):(?<account>[^:]+):stack\/[^/]+\/(?<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function locationOf(stackId: string): StackLocation {
  const { partition, region, account, uuid } = STACK_ID.exec(stackId)?.groups ?? {};
  if (partition === undefined || region === undefined || account === undefined || uuid === undefined) {
    throw new Failure(`"${stackId}" is not the id of a CloudFormation stack, which is an ARN that ends in a UUID; deploy the stack with CloudFormation.`);
  }
  return { partition, region, account, uuid };
}
