import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** The tag on everything that an import makes; its value is the id of the import. */
const ID_TAG = 'cdk-vm-import:id';
const ANY_ID = 'vm-import-*';
const OURS = { StringLike: { [`aws:ResourceTag/${ID_TAG}`]: ANY_ID } };
const TO_BE_OURS = { StringLike: { [`aws:RequestTag/${ID_TAG}`]: ANY_ID } };

/**
 * What isComplete may do for any import.
 *
 * What a Delete needs is bound to the tag and never to what is in the template: when an update drops, renames or rolls
 * back an import, CloudFormation changes this policy first and sends the Delete afterwards.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2imagebuilder.html
 */
export function commonStatements(stack: Stack): iam.PolicyStatement[] {
  const task = stack.formatArn({ service: 'ec2', resource: 'import-image-task', resourceName: '*' });
  const amiAndSnapshots = ['image', 'snapshot'].map((resource) => stack.formatArn({ service: 'ec2', account: '', resource, resourceName: '*' }));
  const [ami, snapshot] = amiAndSnapshots;
  const allow = (actions: string[], resources: (string | undefined)[], conditions?: iam.Conditions) => new iam.PolicyStatement({
    actions, resources: resources.filter((resource) => resource !== undefined), conditions,
  });
  return [
    // Whether CloudFormation still waits for an import that is queued.
    allow(['cloudformation:DescribeStackResource'], [stack.stackId]),
    // EC2's Describe actions know no resources.
    allow(['ec2:DescribeImages', 'ec2:DescribeImportImageTasks', 'ec2:DescribeSnapshots'], ['*']),
    // The AMI that an import makes and the snapshots that it reads carry no tag of ours yet; its task does.
    allow(['ec2:ImportImage'], amiAndSnapshots),
    allow(['ec2:ImportImage'], [task], TO_BE_OURS),
    allow(['ec2:CreateTags'], [task], { ...TO_BE_OURS, StringEquals: { 'ec2:CreateAction': 'ImportImage' } }),
    allow(['ec2:CreateTags'], amiAndSnapshots, TO_BE_OURS),
    allow(['ec2:CancelImportTask'], [task], OURS),
    allow(['ec2:DeregisterImage'], [ami], OURS),
    allow(['ec2:DeleteSnapshot'], [snapshot], OURS),
    allow(['ec2:CreateTags', 'ec2:DeleteTags'], [task, ...amiAndSnapshots], OURS),
    allow([
      'imagebuilder:DeleteImage',
      'imagebuilder:GetImage',
      'imagebuilder:TagResource',
      'imagebuilder:UntagResource',
    ], [imageArn(stack, '*')], OURS),
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

/** What onEvent looks at before it names an import that may stand already: AMIs, and images by their names. */
export function namingStatements(stack: Stack): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ actions: ['ec2:DescribeImages'], resources: ['*'] }),
    new iam.PolicyStatement({ actions: ['imagebuilder:ListImageBuildVersions'], resources: [imageArn(stack, '*')] }),
  ];
}

/** What isComplete may do to make one image. */
export function imageStatement(stack: Stack, imageName: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['imagebuilder:GetImage', 'imagebuilder:ImportVmImage', 'imagebuilder:TagResource'],
    resources: [imageArn(stack, nameInArn(imageName))],
  });
}

/** Handing the service role of an import to VM Import/Export. */
export function passRoleStatement(role: iam.IRole): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['iam:PassRole'],
    resources: [role.roleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'vmie.amazonaws.com' } },
  });
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
