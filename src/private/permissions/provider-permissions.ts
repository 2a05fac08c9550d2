import { Fn, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { stackUuid } from '../provider/stack-uuid';

/** The tag on everything that an import makes; its value is the id of the import. */
const ID_TAG = 'cdk-vm-import:id';

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
 * The ids of the imports of a stack begin with its UUID; lambda/identity.ts makes them. To be made once for a role:
 * statements are merged only where their conditions hold the same token.
 */
export function importsOf(stack: Stack): ImportsOfStack {
  const anyId = Fn.join('', ['vm-import-', stackUuid(stack), '-*']);
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
  'ForAllValues:StringNotLike': { 'aws:TagKeys': 'cdk-vm-import:*' },
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
    allow(['imagebuilder:DeleteImage', 'imagebuilder:GetImage', 'imagebuilder:TagResource'], [imageArn(stack, '*')], ours),
    allow(['imagebuilder:UntagResource'], [imageArn(stack, '*')], { ...ours, ...USER_TAGS_ONLY }),
    // The resource of this action is all builds of a version, which carries no tags.
    allow(['imagebuilder:ListImageBuildVersions'], [imageArn(stack, '*')]),
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
export function namingStatements(stack: Stack, { ours }: ImportsOfStack): iam.PolicyStatement[] {
  return [
    allow(['cloudformation:DescribeStackResource'], [stack.stackId]),
    allow(['ec2:DescribeImages'], ['*']),
    allow(['imagebuilder:GetImage'], [imageArn(stack, '*')], ours),
    allow(['imagebuilder:ListImageBuildVersions'], [imageArn(stack, '*')]),
  ];
}

/** What isComplete may do to make one image. Image Builder reads tags of a new image late, so GetImage asks for none. */
export function imageStatements(stack: Stack, { toBeOurs }: ImportsOfStack, imageName: string): iam.PolicyStatement[] {
  const resources = [imageArn(stack, nameInArn(imageName))];
  return [
    allow(['imagebuilder:GetImage'], resources),
    allow(['imagebuilder:ImportVmImage', 'imagebuilder:TagResource'], resources, toBeOurs),
  ];
}

/** What isComplete may do to import one of the user's snapshots. */
export function sourceSnapshotStatement(stack: Stack, snapshotId: string): iam.PolicyStatement {
  return allow(['ec2:ImportImage'], [ec2Arn(stack, 'snapshot', snapshotId)]);
}

/** Handing the service role of an import to VM Import/Export. */
export function passRoleStatement(role: iam.IRole): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['iam:PassRole'],
    resources: [role.roleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'vmie.amazonaws.com' } },
  });
}

export function allow(actions: string[], resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
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
  return Token.isUnresolved(imageName) ? '*' : imageName.toLowerCase().replace(/[ _]/g, '-');
}
