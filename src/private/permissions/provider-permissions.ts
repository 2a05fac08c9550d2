import { Fn, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { allow, grantPermissions, Permission } from './grant';
import { KeyScope, scopeOf } from './key-scope';
import { literal, viaS3 } from './service-role-permissions';
import type { DiskContainerConfig } from '../../disk-container';
import { ID_PREFIX, ID_TAG, imageNameInArn, TAG_PREFIX } from '../../shared/contract/names';

/**
 * The last part of the stack's id, which no other stack ever has.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html#cfn-pseudo-param-stackid
 */
export function stackUuid(stack: Stack): string {
  return Fn.select(2, Fn.split('/', stack.stackId));
}

/** Conditions that bind a call to the imports of one stack. */
export interface ImportsOfStack {
  /** What the call is about carries the id of one. */
  readonly ours: iam.Conditions;
  /** What the call tags gets the id of one. */
  readonly toBeOurs: iam.Conditions;
  /** Both. */
  readonly staysOurs: iam.Conditions;
}

/**
 * The ids of the imports of a stack begin with its UUID; lambda/cloudformation/physical-id.ts makes them. To be made once for a role:
 * statements are merged only where their conditions hold the same token.
 */
export function importsOf(stack: Stack): ImportsOfStack {
  const anyId = Fn.join('', [ID_PREFIX, stackUuid(stack), '-*']);
  const onResource = { [`aws:ResourceTag/${ID_TAG}`]: anyId };
  const inRequest = { [`aws:RequestTag/${ID_TAG}`]: anyId };
  return { ours: { StringLike: onResource }, toBeOurs: { StringLike: inRequest }, staysOurs: { StringLike: { ...onResource, ...inRequest } } };
}

/**
 * Tags that no AMI or snapshot of a fresh import carries. VM Import/Export does not tag what it makes, so the handler has
 * to, and IAM knows no condition that tells the AMI of an import from any other. What carries one of these was made by
 * somebody else: another import, Image Builder, Data Lifecycle Manager, AWS Backup.
 */
const TAGS_OF_OTHERS = [ID_TAG, 'Ec2ImageBuilderArn', 'aws:backup:source-resource', 'aws:dlm:lifecycle-policy-id'];
const NOBODYS = { Null: Object.fromEntries(TAGS_OF_OTHERS.map((key) => [`aws:ResourceTag/${key}`, 'true'])) };

/** Tags are removed by their keys, and never those of the library; a call without keys would remove all. */
const USER_TAGS_ONLY = {
  'Null': { 'aws:TagKeys': 'false' },
  'ForAllValues:StringNotLike': { 'aws:TagKeys': `${TAG_PREFIX}*` },
};

/**
 * What isComplete may do for any import.
 *
 * What a Delete needs is bound to the tag and never to what is in the template: when an update drops, renames or rolls
 * back an import, CloudFormation changes this policy first and sends the Delete afterwards.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2imagebuilder.html
 */
export function commonStatements(stack: Stack, { ours, toBeOurs, staysOurs }: ImportsOfStack): iam.PolicyStatement[] {
  const task = stack.formatArn({ service: 'ec2', resource: 'import-image-task', resourceName: '*' });
  const ami = ec2Arn(stack, 'image', '*');
  const snapshot = ec2Arn(stack, 'snapshot', '*');
  return [
    // Whether CloudFormation still waits for an import that is queued; when what it gave up on began.
    allow(['cloudformation:DescribeStackEvents', 'cloudformation:DescribeStackResource'], [stack.stackId]),
    // EC2's Describe actions know no resources.
    allow(['ec2:DescribeImages', 'ec2:DescribeImportImageTasks', 'ec2:DescribeSnapshots'], ['*']),
    // The AMI that an import will make has no id yet, and gets no tags from the request; the task does.
    allow(['ec2:ImportImage'], [ami]),
    allow(['ec2:ImportImage'], [task], toBeOurs),
    allow(['ec2:CreateTags'], [task], { ...toBeOurs, StringEquals: { 'ec2:CreateAction': 'ImportImage' } }),
    allow(['ec2:CreateTags'], [ami, snapshot], { ...toBeOurs, ...NOBODYS }),
    allow(['ec2:CreateTags'], [task, ami, snapshot], staysOurs),
    allow(['ec2:DeleteTags'], [task, ami, snapshot], { ...ours, ...USER_TAGS_ONLY }),
    allow(['ec2:CancelImportTask'], [task], ours),
    allow(['ec2:DeregisterImage'], [ami], ours),
    allow(['ec2:DeleteSnapshot'], [snapshot], ours),
    allow(['imagebuilder:DeleteImage', 'imagebuilder:TagResource'], [imageArn(stack, '*')], ours),
    allow(['imagebuilder:UntagResource'], [imageArn(stack, '*')], { ...ours, ...USER_TAGS_ONLY }),
    readImages(stack),
    // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-service-linked-role.html
    allow(
      ['iam:CreateServiceLinkedRole'],
      [stack.formatArn({
        service: 'iam',
        region: '',
        resource: 'role',
        resourceName: 'aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder',
      })],
      { StringEquals: { 'iam:AWSServiceName': 'imagebuilder.amazonaws.com' } },
    ),
  ];
}

/** What the functions must be allowed for one import. */
export interface AllowedImport {
  readonly imageName: string;
  /** The service role; none for an adopted task. */
  readonly role?: iam.IRole;
  /** The user's snapshots that it imports. */
  readonly snapshotIds: readonly string[];
}

/**
 * What onEvent looks at before it names an import that may stand already: AMIs, images by their names, the images that
 * carry the tag; and when CloudFormation made its request.
 */
export function namingStatements(stack: Stack): iam.PolicyStatement[] {
  return [
    allow(['cloudformation:DescribeStackResource'], [stack.stackId]),
    allow(['ec2:DescribeImages', 'ec2:DescribeImportImageTasks'], ['*']),
    readImages(stack),
  ];
}

/**
 * Allows reading images without a condition on their tags. Image Builder may deny a caller whose permission requires a tag when the
 * image is gone, and shows the tags of a new image late. All builds of a version, which are listed, have no tags either.
 */
function readImages(stack: Stack): iam.PolicyStatement {
  return allow(['imagebuilder:GetImage', 'imagebuilder:ListImageBuildVersions'], [imageArn(stack, '*')]);
}

/** Returns what isComplete may do to make one image. */
export function imageStatement(stack: Stack, { toBeOurs }: ImportsOfStack, imageName: string): iam.PolicyStatement {
  return allow(['imagebuilder:ImportVmImage', 'imagebuilder:TagResource'], [imageArn(stack, nameInArn(imageName))], toBeOurs);
}

/** What isComplete may do to import one of the user's snapshots. */
export function sourceSnapshotStatement(stack: Stack, snapshotId: string): iam.PolicyStatement {
  return allow(['ec2:ImportImage'], [ec2Arn(stack, 'snapshot', snapshotId)]);
}

/** Handing the service role of an import to VM Import/Export. */
export function passRoleStatement(role: iam.IRole): iam.PolicyStatement {
  return allow(['iam:PassRole'], [role.roleArn], { StringEquals: { 'iam:PassedToService': 'vmie.amazonaws.com' } });
}

/** AMIs and snapshots have ARNs without an account. */
export function ec2Arn(stack: Stack, resource: 'image' | 'snapshot', resourceName: string): string {
  return stack.formatArn({ service: 'ec2', account: '', resource, resourceName });
}

function imageArn(stack: Stack, name: string): string {
  return stack.formatArn({
    service: 'imagebuilder', resource: 'image', resourceName: `${name}/*`,
  });
}

/**
 * An image's name as its ARN has it. What a name that is only known at deployment becomes cannot be computed in a
 * template.
 */
function nameInArn(imageName: string): string {
  return Token.isUnresolved(imageName) ? '*' : imageNameInArn(imageName);
}

/**
 * What onEvent may look at before an import of these disks. Nothing is added to the policy of a bucket or of a key: what
 * the role alone does not open, the preflight leaves to the import.
 */
export function preflightStatements(stack: Stack, disks: readonly DiskContainerConfig[]): iam.PolicyStatement[] {
  return [
    ...disks.flatMap((disk) => objectStatements(stack, disk)),
    ...(disks.length > 0 ? [defaultKeyStatement()] : []),
    // EC2's Describe actions know no resources.
    ...(disks.some(({ snapshotId }) => snapshotId !== undefined) ? [allow(['ec2:DescribeSnapshots'], ['*'])] : []),
  ];
}

/** Asking which key encrypts the snapshots of an import that names none. These actions have no resources. */
function defaultKeyStatement(): iam.PolicyStatement {
  return allow(['ec2:GetEbsDefaultKmsKeyId', 'ec2:GetEbsEncryptionByDefault'], ['*']);
}

/** A disk to copy, as far as the permissions depend on it. */
export interface CopiedDisk {
  readonly disk: DiskContainerConfig;
  /** The key that encrypts the snapshot. */
  readonly encryptionKey?: kms.IKey;
  /** @default true */
  readonly preflight?: boolean;
}

/**
 * Returns the permissions of onEvent before a disk is copied: it looks for the previous snapshot, to which a rollback returns. If there is a
 * preflight, it also reads the disk and asks for the default key. EC2's Describe actions do not support resource-level permissions.
 */
export function copyNamingStatements(stack: Stack, { disk, preflight = true }: CopiedDisk): iam.PolicyStatement[] {
  return [...(preflight ? [...objectStatements(stack, disk), defaultKeyStatement()] : []), allow(['ec2:DescribeSnapshots'], ['*'])];
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

/**
 * The permissions of isComplete to register an AMI. The AMI has no id before. AWS does not document whether IAM sees the tags of the
 * request for it, hence "if exists": https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export function registrationStatements(stack: Stack, { ours, toBeOurs }: ImportsOfStack): iam.PolicyStatement[] {
  const ami = ec2Arn(stack, 'image', '*');
  return [
    allow(['ec2:RegisterImage'], [ami], { StringLikeIfExists: toBeOurs.StringLike }),
    allow(['ec2:RegisterImage'], [ec2Arn(stack, 'snapshot', '*')], ours),
    allow(['ec2:CreateTags'], [ami], { ...toBeOurs, StringEquals: { 'ec2:CreateAction': 'RegisterImage' } }),
  ];
}

/**
 * The permissions of isComplete for snapshots that are written block by block. A new snapshot has no id before; the tag of its import
 * binds it. StartSnapshot tags the snapshot itself: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticblockstore.html
 */
export function diskCopyStatements(stack: Stack, { ours, toBeOurs }: ImportsOfStack): iam.PolicyStatement[] {
  const snapshots = [ec2Arn(stack, 'snapshot', '*')];
  return [
    allow(['ebs:StartSnapshot'], snapshots, toBeOurs),
    allow(['ebs:CompleteSnapshot'], snapshots, ours),
  ];
}
