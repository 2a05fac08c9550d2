import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { allow, ec2Arn, ImportsOfStack } from './provider-permissions';

/**
 * What isComplete may do to an AMI of an import, or to a copy of one; for as long as some import has properties of its
 * AMI. All of it for any of them: a property that is taken out is taken back.
 */
export function amiStatements(stack: Stack, { ours }: ImportsOfStack): iam.PolicyStatement[] {
  return [allow(
    [
      'ec2:DescribeImageAttribute',
      'ec2:DisableImageDeprecation',
      'ec2:DisableImageDeregistrationProtection',
      'ec2:EnableImageDeprecation',
      'ec2:EnableImageDeregistrationProtection',
      'ec2:ModifyImageAttribute',
    ],
    [ec2Arn(stack, 'image', '*')],
    ours,
  )];
}

/**
 * What isComplete may do to copy an AMI. The copy and its snapshots have no ids before; IAM knows no tags of the AMI that
 * is copied. Whether it sees those of the request there is not documented, hence "if exists".
 */
export function copyStatements(stack: Stack, { toBeOurs }: ImportsOfStack): iam.PolicyStatement[] {
  const resources = [ec2Arn(stack, 'image', '*'), ec2Arn(stack, 'snapshot', '*')];
  return [
    allow(['ec2:CopyImage'], resources, { StringLikeIfExists: toBeOurs.StringLike }),
    allow(['ec2:CreateTags'], resources, { ...toBeOurs, StringEquals: { 'ec2:CreateAction': 'CopyImage' } }),
  ];
}
