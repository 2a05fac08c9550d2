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

const INLINE: Suppression = { id: 'NIST.800.53.R5-IAMNoInlinePolicy', reason: 'The policy belongs to this role alone, and comes and goes with it.' };

/** docs/security.md says of each permission why it is not narrower. */
const WILDCARDS = [
  ['EC2 Describe actions, lists of License Manager and network interfaces of Lambda know no resources.', /^(Resource::\*|Action::ec2:Describe\*)$/],
  ['What an import makes has no id before; tags, Region and type bind it.', /^Resource::arn:.*:ec2:.*:(image|snapshot|import-image-task)\/\*$/],
  ['Image Builder numbers the builds; name or tags bind them.', /^Resource::arn:.*:imagebuilder:.*:image\/.*\/\*$/],
  ['The families of actions that VM Import/Export documents, on one key.', /^Action::kms:(GenerateDataKey|ReEncrypt)\*$/],
  ['A key that is known by an alias, or that the app makes in another account, has no ARN here; conditions bind it.', /^Resource::arn:.*:kms:.*:key\/\*$/],
  ['All versions of one function of this stack.', /^Resource::<.*\.Arn>:\*$/],
] as const;

const POLICY: readonly Suppression[] = [
  INLINE,
  ...WILDCARDS.map(([reason, regex]) => ({ id: 'AwsSolutions-IAM5', reason, applies_to: [{ regex: regex.toString() }] })),
];

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
 * nothing of it. What an option of the library would change is not explained away: log groups without `logEncryptionKey`,
 * functions without `vpc`.
 *
 * https://github.com/cdklabs/cdk-nag#suppressing-a-rule
 */
export function explainToNag(construct: IConstruct): void {
  for (const resource of construct.node.findAll().filter((node) => CfnResource.isCfnResource(node))) {
    const suppressions = suppressionsOf(resource);
    if (suppressions.length > 0) {
      resource.addMetadata('cdk_nag', { rules_to_suppress: suppressions });
    }
  }
}

function suppressionsOf(resource: CfnResource): readonly Suppression[] {
  switch (resource.cfnResourceType) {
    case iam.CfnRole.CFN_RESOURCE_TYPE_NAME:
    case iam.CfnPolicy.CFN_RESOURCE_TYPE_NAME:
    case iam.CfnManagedPolicy.CFN_RESOURCE_TYPE_NAME:
      return POLICY;
    case lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME:
      return FUNCTION;
    case sfn.CfnStateMachine.CFN_RESOURCE_TYPE_NAME:
      return STATE_MACHINE;
    default:
      return [];
  }
}
