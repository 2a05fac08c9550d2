import { Fn, Stack } from 'aws-cdk-lib';

/**
 * The last part of the stack's id, which no other stack ever has.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html#cfn-pseudo-param-stackid
 */
export function stackUuid(stack: Stack): string {
  return Fn.select(2, Fn.split('/', stack.stackId));
}
