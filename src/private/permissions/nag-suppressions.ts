import { CfnResource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { IConstruct } from 'constructs';

/** A rule of cdk-nag that a resource breaks, and why it may. */
interface Suppression {
  readonly id: string;
  readonly reason: string;
  /** The findings that it explains, where a rule has several. */
  readonly applies_to?: { readonly regex: string }[];
}

const INLINE: Suppression = { id: 'NIST.800.53.R5-IAMNoInlinePolicy', reason: 'The policy belongs to this role alone and is deleted with it.' };

/** The kinds of wildcards in our policies. docs/security.md gives the reason of each permission. */
const WILDCARDS = [
  {
    reason: 'These actions do not support resource-level permissions.',
    finding: /^(Resource::\*|Action::ec2:Describe\*)$/,
    inStatement: /"Resource":"\*"/,
  },
  {
    reason: 'An import creates these resources, so their ids are unknown; tags, Region and type restrict them.',
    finding: /^Resource::arn:.*:ec2:.*:(image|snapshot|import-image-task)\/\*$/,
    inStatement: /:(image|snapshot|import-image-task)\/\*"/,
  },
  {
    reason: 'Image Builder assigns the build number; name or tags restrict the image.',
    finding: /^Resource::arn:.*:imagebuilder:.*:image\/.*\/\*$/,
    inStatement: /:imagebuilder:/,
  },
  {
    reason: 'VM Import/Export, and whoever writes an encrypted snapshot, need these families of actions; the key is restricted.',
    finding: /^Action::kms:(GenerateDataKey|ReEncrypt)\*$/,
    inStatement: /kms:(GenerateDataKey|ReEncrypt)\*/,
  },
  {
    reason: 'The ARN of this key is unknown at synthesis; conditions restrict it.',
    finding: /^Resource::arn:.*:kms:.*:key\/\*$/,
    inStatement: /:key\/\*"/,
  },
  {
    reason: 'The copies of the disks of this stack; the UUID of the stack restricts them.',
    finding: /^Resource::arn:.*:states:.*:execution:\*:.*-\*$/,
    inStatement: /:execution:\*:/,
  },
  {
    reason: 'All versions of one function of this stack.',
    finding: /^Resource::<.*\.Arn>:\*$/,
    inStatement: /":\*"/,
  },
] as const;

const FUNCTION: readonly Suppression[] = [
  { id: 'AwsSolutions-L1', reason: 'The runtime that all partitions have, and that the bundle is tested with.' },
  { id: 'NIST.800.53.R5-LambdaConcurrency', reason: 'A limit would only delay imports; CloudFormation and the waiter bound the calls.' },
  { id: 'NIST.800.53.R5-LambdaDLQ', reason: 'Who calls it sees its failures: CloudFormation, or the waiter that tells CloudFormation.' },
];

const STATE_MACHINE: readonly Suppression[] = [
  { id: 'AwsSolutions-SF1', reason: 'What an execution does is in the logs of the functions that it calls.' },
  { id: 'AwsSolutions-SF2', reason: 'The provider framework of the CDK offers no tracing of its waiter.' },
];

/**
 * Explains to cdk-nag what it finds in the resources of a construct, in their metadata, so that apps without cdk-nag need
 * no part of it. Findings that an option of the library removes stay findings: log groups without `logEncryptionKey`,
 * functions without `vpc`.
 *
 * https://github.com/cdklabs/cdk-nag#suppressing-a-rule
 */
export function explainToNag(construct: IConstruct): void {
  for (const resource of construct.node.findAll().filter((node) => CfnResource.isCfnResource(node))) {
    switch (resource.cfnResourceType) {
      case lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME:
        suppress(resource, FUNCTION);
        break;
      case sfn.CfnStateMachine.CFN_RESOURCE_TYPE_NAME:
        suppress(resource, STATE_MACHINE);
        break;
      case iam.CfnPolicy.CFN_RESOURCE_TYPE_NAME:
      case iam.CfnManagedPolicy.CFN_RESOURCE_TYPE_NAME:
        explainPolicyToNag(resource, JSON.stringify(resource.stack.resolve((resource as iam.CfnPolicy | iam.CfnManagedPolicy).policyDocument)));
        break;
    }
  }
}

/**
 * Explains to cdk-nag the wildcards in a role or policy that has these statements, and no others: 80 imports have 80 roles, and each
 * explanation counts towards the size of the template.
 *
 * @param statements resolved statements as JSON
 */
export function explainPolicyToNag(resource: CfnResource, statements: string): void {
  suppress(resource, [
    ...(resource instanceof iam.CfnManagedPolicy ? [] : [INLINE]),
    ...WILDCARDS.filter(({ inStatement }) => inStatement.test(statements))
      .map(({ reason, finding }) => ({ id: 'AwsSolutions-IAM5', reason, applies_to: [{ regex: finding.toString() }] })),
  ]);
}

function suppress(resource: CfnResource, suppressions: readonly Suppression[]): void {
  resource.addMetadata('cdk_nag', { rules_to_suppress: suppressions });
}
