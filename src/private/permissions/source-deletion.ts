import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { DiskContainerConfig } from '../../disk-container';
import { grantPermissions, Permission } from './grant-permissions';
import { literal } from './service-role-permissions';

/** Lets isComplete delete the disks that are to be deleted, and see what it deletes. */
export function grantSourceDeletion(scope: Construct, role: iam.IRole, disks: readonly DiskContainerConfig[]): IDependable {
  const permissions = disks.flatMap(({ bucket, objectKey, deleteSourceOnSuccess }) =>
    (deleteSourceOnSuccess && bucket !== undefined && objectKey !== undefined ? deletion(bucket, bucket.arnForObjects(literal(objectKey))) : []));
  return permissions.length === 0 ? new DependencyGroup() : grantPermissions(scope, role, permissions);
}

/**
 * An object without versions is deleted on the condition that it is the one that was imported, which takes `s3:GetObject`
 * as well, and never without one: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
function deletion(bucket: s3.IBucket, object: string): Permission[] {
  return [
    { kind: 'bucket', bucket, actions: ['s3:DeleteObject'], arns: [object], conditions: { Null: { 's3:if-match': 'false' } } },
    { kind: 'bucket', bucket, actions: ['s3:DeleteObjectVersion', 's3:GetObject'], arns: [object] },
    // Without it, Amazon S3 says of an object that is gone already that access is denied:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    { kind: 'bucket', bucket, actions: ['s3:ListBucket'], arns: [bucket.bucketArn] },
  ];
}
