import { IResource, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { DiskContainerConfig } from '../disk-container';
import { warnOfImmutableRole, warnOfPolicyElsewhere } from './grant-warnings';

/** What VM Import/Export needs of its service role for one import. */
export interface ServiceRoleNeeds {
  readonly disks: readonly DiskContainerConfig[];
  readonly encryptionKey?: kms.IKey;
  readonly licenseConfigurationArns: readonly string[];
}

/** By operator and key, as grants take them. */
type Conditions = Record<string, Record<string, unknown>>;

/** Actions on resources; on a bucket or a key, its policy may have to allow them, too. */
type Permission = { readonly actions: string[]; readonly arns: string[]; readonly conditions?: Conditions } & (
  | { readonly kind: 'identity' }
  | { readonly kind: 'bucket'; readonly bucket: s3.IBucket }
  | { readonly kind: 'key'; readonly key: kms.IKey }
);

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
  const permission: Permission = { kind: 'key', key, actions, arns: [key.keyArn], conditions };
  const granted = grant(role, permission);
  warnWhereOutOfReach(scope, role, permission);
  return granted;
}

/** Grants what one import needs, and says what must stand before it can be used. */
export function grantServiceRole(scope: Construct, role: iam.IRole, needs: ServiceRoleNeeds): IDependable {
  const stack = Stack.of(scope);
  const permissions = [
    ...amiCreation(stack),
    ...needs.disks.flatMap((disk) => objectReading(stack, disk)),
    ...(needs.encryptionKey === undefined ? [] : [encryption(needs.encryptionKey)]),
    ...licensing(needs.licenseConfigurationArns),
  ];
  const grants = permissions.map((permission) => grant(role, permission));
  warnOfImmutableRole(scope, role, grants, permissions.map(statementOf));
  permissions.forEach((permission) => warnWhereOutOfReach(scope, role, permission));
  return new DependencyGroup(...grants);
}

function warnWhereOutOfReach(scope: Construct, role: iam.IRole, permission: Permission): void {
  const resource = policyHolder(permission);
  if (resource !== undefined && isOutOfReach(resource, Stack.of(scope))) {
    warnOfPolicyElsewhere(scope, { role, statement: statementOf(permission), resource, holder: permission.kind === 'bucket' ? 'bucket' : 'key' });
  }
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
    ...(key === undefined ? [] : [{ kind: 'key' as const, key, actions: ['kms:Decrypt'], arns: [key.keyArn], conditions: viaS3(stack) }]),
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
function encryption(key: kms.IKey): Permission {
  const actions = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];
  return { kind: 'key', key, actions, arns: [key.keyArn] };
}

function licensing(licenseConfigurationArns: readonly string[]): Permission[] {
  const actions = ['license-manager:GetLicenseConfiguration', 'license-manager:UpdateLicenseSpecificationsForResource'];
  return licenseConfigurationArns.length === 0 ? [] : [
    { kind: 'identity', actions, arns: [...licenseConfigurationArns] },
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslicensemanager.html: no resource type
    { kind: 'identity', actions: ['license-manager:ListLicenseSpecificationsForResource'], arns: ['*'] },
  ];
}

function grant(grantee: iam.IRole, permission: Permission): iam.Grant {
  const { actions, arns: resourceArns, conditions } = permission;
  switch (permission.kind) {
    case 'identity':
      return iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
    case 'bucket':
      return iam.Grant.addToPrincipalOrResource({ grantee, actions, resourceArns, resource: permission.bucket });
    case 'key':
      return isOutOfReach(permission.key, Stack.of(grantee))
        // The CDK would allow all keys of the other account.
        ? iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions })
        : withConditions(permission.key.grant(grantee, ...actions), conditions);
  }
}

/** Keys know no grants with conditions. */
function withConditions(given: iam.Grant, conditions: Conditions = {}): iam.Grant {
  [...given.principalStatements, ...given.resourceStatements].forEach((statement) => statement.addConditions(conditions));
  return given;
}

function statementOf({ actions, arns, conditions }: Permission): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: arns, conditions });
}

function policyHolder(permission: Permission): IResource | undefined {
  switch (permission.kind) {
    case 'identity':
      return undefined;
    case 'bucket':
      return permission.bucket;
    case 'key':
      return permission.key;
  }
}

/** Whether a resource of another account has a policy that this app cannot change. */
function isOutOfReach(resource: IResource, stack: Stack): boolean {
  return Token.compareStrings(resource.env.account, stack.account) === TokenComparison.DIFFERENT && !Resource.isOwnedResource(resource);
}

/** A key in which no character is a wildcard or starts a policy variable; tokens stay what they are. */
export function literal(key: string): string {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
  return key.replace(/\$\{Token\[[^\]]*\]\}|[*?$]/g, (part) => (part.length > 1 ? part : `\${${part}}`));
}
