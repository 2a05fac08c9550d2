import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AmiOptions, LaunchPermissions } from '../../ami-options';
import { toPaste } from '../permissions/paste';
import { sharesWithAnybody } from './validate-ami';

/** What EC2 may refuse for reasons that are not known here, and what others must be allowed to use the AMI. */
export function addAmiWarnings(scope: Construct, { deprecateAt, launchPermissions = {} }: AmiOptions, encryptionKey: kms.IKey | undefined): void {
  const warnings = Annotations.of(scope);
  if (deprecateAt !== undefined && !Token.isUnresolved(deprecateAt) && Date.parse(deprecateAt) <= Date.now()) {
    warnings.addWarningV2('cdk-vm-import:deprecatedAmi', `The deprecateAt of the AMI, ${deprecateAt}, has passed: a new AMI is deprecated as soon as it stands.`);
  }
  if (launchPermissions.publicAccess === true) {
    warnings.addWarningV2(
      'cdk-vm-import:publicAmi',
      'Everybody with an AWS account may launch the AMI and read what is on its disks. EC2 refuses it while block public access for AMIs is enabled in the account, which is the default.',
    );
  }
  if (encryptionKey !== undefined && sharesWithAnybody(launchPermissions)) {
    warnings.addWarningV2(
      'cdk-vm-import:sharedKeyPolicy',
      `Who launches the AMI must be allowed to use the key ${encryptionKey.node.path}. Add to its policy, unless it is there: ${toPaste(scope, keyStatements(launchPermissions, Stack.of(scope)))}`,
    );
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/share-amis-org-ou-manage.html */
const ACTIONS = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];

function keyStatements(
  { accountIds = [], organizationArns = [], organizationalUnitArns = [] }: LaunchPermissions, stack: Stack,
): iam.PolicyStatement[] {
  const allow = (principals: iam.IPrincipal[], conditions?: iam.Conditions) =>
    new iam.PolicyStatement({ actions: ACTIONS, resources: ['*'], principals, conditions });
  const root = (account: string) => new iam.ArnPrincipal(stack.formatArn({ service: 'iam', region: '', account, resource: 'root' }));
  const anybody = [new iam.AnyPrincipal()];
  return [
    ...(accountIds.length > 0 ? [allow(known(accountIds, '<account>').map(root))] : []),
    ...(organizationArns.length > 0
      ? [allow(anybody, { StringEquals: { 'aws:PrincipalOrgID': known(organizationArns, '<organization>').map(lastOf) } })]
      : []),
    ...(organizationalUnitArns.length > 0
      ? [allow(anybody, { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': known(organizationalUnitArns, 'ou/<organization>/<unit>').map(pathOf) } })]
      : []),
  ];
}

/** The values, with what stands for those that are only known at deployment. */
function known(values: readonly string[], unknown: string): string[] {
  return Token.isUnresolved(values) ? [unknown] : values.map((value) => (Token.isUnresolved(value) ? unknown : value));
}

/** The id at the end of an ARN. */
function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** An organizational unit and those below it, wherever it is in its organization. */
function pathOf(arn: string): string {
  const [organization, unit] = arn.split('/').slice(1);
  return `${organization}/*/${unit}/*`;
}
