import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { DiskContainerConfig } from '../../disk-container';
import { KeyScope, scopeOf } from './key-scope';
import { literal, viaS3 } from './service-role-permissions';

/**
 * What onEvent may look at before an import of these disks. Nothing is added to the policy of a bucket or of a key: what
 * the role alone does not open, the preflight leaves to the import.
 */
export function preflightStatements(stack: Stack, disks: readonly DiskContainerConfig[]): iam.PolicyStatement[] {
  return [
    ...disks.flatMap((disk) => objectStatements(stack, disk)),
    // EC2's Describe actions know no resources.
    ...(disks.some(({ snapshotId }) => snapshotId !== undefined) ? [allow(['ec2:DescribeSnapshots'], ['*'])] : []),
  ];
}

function objectStatements(stack: Stack, { bucket, objectKey }: DiskContainerConfig): iam.PolicyStatement[] {
  if (bucket === undefined || objectKey === undefined) {
    return [];
  }
  const key = bucket.encryptionKey;
  return [
    allow(['s3:GetObject'], [bucket.arnForObjects(literal(objectKey))]),
    // Without it, Amazon S3 says of an object that is not there that access is denied:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    allow(['s3:ListBucket'], [bucket.bucketArn]),
    ...(key === undefined ? [] : [decryption(scopeOf(stack, key, viaS3(stack)))]),
  ];
}

function decryption({ arns, conditions }: KeyScope): iam.PolicyStatement {
  return allow(['kms:Decrypt'], arns, conditions);
}

function allow(actions: string[], resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
}
