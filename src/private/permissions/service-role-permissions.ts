import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IDependable } from 'constructs';
import { grant, grantPermissions, Permission } from './grant';
import { Conditions, scopeOf } from './key-scope';
import type { DiskContainerConfig } from '../../disk-container';

/** What VM Import/Export needs of its service role for one import. */
export interface ServiceRoleNeeds {
  readonly disks: readonly DiskContainerConfig[];
  readonly encryptionKey?: kms.IKey;
  readonly licenseConfigurationArns: readonly string[];
}

/** Grants what makes an AMI, whatever of. */
export function grantAmiCreation(role: iam.IRole): void {
  amiCreation(Stack.of(role)).forEach((permission) => grant(role, permission));
}

/**
 * Grants what EC2 does in the caller's place to copy an AMI that is encrypted with a key.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions
 */
export function grantCopyWithKey(scope: Construct, role: iam.IRole, key: kms.IKey): IDependable {
  const stack = Stack.of(scope);
  const actions = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncrypt*'];
  const conditions = { StringLike: { 'kms:ViaService': `ec2.${stack.region}.amazonaws.com*` } };
  return grantPermissions(scope, role, [{ kind: 'key', key, actions, ...scopeOf(stack, key, conditions) }]);
}

/**
 * Grants what AWS documents for whoever writes an encrypted snapshot. Which of these actions EBS performs in the caller's place is not
 * documented, so that no condition is safe to require.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-permissions.html#ebsapi-kms-permissions
 */
export function grantSnapshotEncryption(scope: Construct, role: iam.IRole, key: kms.IKey): IDependable {
  const actions = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];
  return grantPermissions(scope, role, [{ kind: 'key', key, actions, ...scopeOf(Stack.of(scope), key) }]);
}

/**
 * Grants reading a disk image in Amazon S3. Without `s3:ListBucket`, Amazon S3 says of an object that is not there that access is denied:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function grantObjectReading(scope: Construct, role: iam.IRole, disk: DiskContainerConfig): IDependable {
  return grantPermissions(scope, role, without('s3:GetBucketLocation', objectReading(Stack.of(scope), disk)));
}

function without(action: string, permissions: readonly Permission[]): Permission[] {
  return permissions.map((permission) => ({ ...permission, actions: permission.actions.filter((each) => each !== action) }));
}

/**
 * Grants what EC2 requires of the caller of ImportImage beside the service role. Without it, EC2 answers "User does not have access to the
 * S3 object". https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html#iam-permissions-image
 */
export function grantCallerReading(scope: Construct, role: iam.IRole, disks: readonly DiskContainerConfig[]): IDependable {
  const permissions = disks.flatMap((disk) => objectReading(Stack.of(scope), disk));
  return grantPermissions(scope, role, without('s3:ListBucket', permissions));
}

/** Grants what one import needs, and says what must stand before it can be used. */
export function grantServiceRole(scope: Construct, role: iam.IRole, needs: ServiceRoleNeeds): IDependable {
  const stack = Stack.of(scope);
  const permissions = [
    ...amiCreation(stack),
    ...needs.disks.flatMap((disk) => objectReading(stack, disk)),
    ...(needs.encryptionKey === undefined ? [] : [encryption(stack, needs.encryptionKey)]),
    ...licensing(needs.licenseConfigurationArns),
  ];
  return grantPermissions(scope, role, permissions);
}

/**
 * The actions that make an AMI of the imported disks, in the Region of the import. The snapshots and the AMI do not exist
 * yet, and VM Import/Export documents no tags or conditions for them; EC2's Describe actions know no resources.
 * https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html
 */
function amiCreation(stack: Stack): Permission[] {
  const arn = (resource: string) => stack.formatArn({ service: 'ec2', account: '', resource, resourceName: '*' });
  return [
    { kind: 'identity', actions: ['ec2:Describe*'], arns: ['*'] },
    { kind: 'identity', actions: ['ec2:CopySnapshot', 'ec2:ModifySnapshotAttribute', 'ec2:RegisterImage'], arns: [arn('snapshot')] },
    { kind: 'identity', actions: ['ec2:RegisterImage'], arns: [arn('image')] },
  ];
}

function objectReading(stack: Stack, { bucket, objectKey }: DiskContainerConfig): Permission[] {
  if (bucket === undefined || objectKey === undefined) {
    return [];
  }
  const key = bucket.encryptionKey;
  return [
    { kind: 'bucket', bucket, actions: ['s3:GetObject'], arns: [bucket.arnForObjects(literal(objectKey))] },
    { kind: 'bucket', bucket, actions: ['s3:GetBucketLocation', 's3:ListBucket'], arns: [bucket.bucketArn] },
    ...(key === undefined ? [] : [{ kind: 'key' as const, key, actions: ['kms:Decrypt'], ...scopeOf(stack, key, viaS3(stack)) }]),
  ];
}

/**
 * S3 alone decrypts what S3 encrypted, so the key opens nothing else. Its name in China ends with another suffix.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function viaS3(stack: Stack): Conditions {
  return { StringLike: { 'kms:ViaService': `s3.${stack.region}.amazonaws.com*` } };
}

/**
 * VM Import/Export documents these actions without a condition. Which of them it calls itself, and which EBS calls for it,
 * is not documented, so that neither kms:ViaService nor kms:GrantIsForAWSResource is safe to require.
 * https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html
 */
function encryption(stack: Stack, key: kms.IKey): Permission {
  const actions = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];
  return { kind: 'key', key, actions, ...scopeOf(stack, key) };
}

function licensing(licenseConfigurationArns: readonly string[]): Permission[] {
  const actions = ['license-manager:GetLicenseConfiguration', 'license-manager:UpdateLicenseSpecificationsForResource'];
  return licenseConfigurationArns.length === 0 ? [] : [
    { kind: 'identity', actions, arns: [...licenseConfigurationArns] },
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslicensemanager.html: no resource type
    { kind: 'identity', actions: ['license-manager:ListLicenseSpecificationsForResource'], arns: ['*'] },
  ];
}

/** A key in which no character is a wildcard or starts a policy variable; tokens stay what they are. */
export function literal(key: string): string {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
  return key.replace(/\$\{Token\[[^\]]*\]\}|[*?$]/g, (part) => (part.length > 1 ? part : `\${${part}}`));
}
