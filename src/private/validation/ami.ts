import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { isDateTime, requireList, requireObject, requireOneOf, requireText, ValidationError } from './requirements';
import { AmiOptions, DeregistrationProtection, LaunchPermissions } from '../../ami-options';
import type { VmImportImageProps } from '../../vm-import-image';
import { toPaste } from '../permissions/paste';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html */
const NAME = /^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/;
const MOST_DESCRIPTION = 255;
const YEAR = 365.25 * 24 * 60 * 60 * 1000;

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchPermission.html */
const LISTS = [
  ['accountIds', 'the id of an account', /^[0-9]{12}$/, '123456789012'],
  [
    'organizationArns', 'the ARN of an organization', /^arn:aws[^:]*:organizations::[0-9]{12}:organization\/o-[a-z0-9]{10,32}$/,
    'arn:aws:organizations::123456789012:organization/o-0123456789',
  ],
  [
    'organizationalUnitArns', 'the ARN of an organizational unit',
    /^arn:aws[^:]*:organizations::[0-9]{12}:ou\/o-[a-z0-9]{10,32}\/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$/,
    'arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567',
  ],
] as const;

/** What the AMI is made of. */
type AmiSource = Pick<VmImportImageProps, 'ami' | 'encrypted' | 'encryptionKey' | 'importTaskId'>;

/** What EC2 would refuse. */
export function validateAmi(scope: Construct, props: AmiSource, ami: AmiOptions = {}): void {
  requireText(scope, 'The description of the AMI', ami.description, MOST_DESCRIPTION);
  requireOneOf(scope, 'The deregistrationProtection of the AMI', ami.deregistrationProtection, Object.values(DeregistrationProtection));
  if (ami.name !== undefined && !Token.isUnresolved(ami.name) && !NAME.test(ami.name)) {
    throw new ValidationError(
      `${JSON.stringify(ami.name)} cannot be the name of an AMI: use 3 to 128 letters, digits, spaces and ()[]./-'@_.`,
      scope,
    );
  }
  if (props.importTaskId !== undefined && props.ami !== undefined && ami.name === undefined) {
    throw new ValidationError(
      `This stack cannot modify the AMI of the import task ${props.importTaskId}: set ami.name to create a copy.`,
      scope,
    );
  }
  if (ami.liftProtectionOnDelete === true && ami.deregistrationProtection === undefined) {
    throw new ValidationError('liftProtectionOnDelete is set without deregistrationProtection: set both, or neither.', scope);
  }
  validateDeprecation(scope, ami);
  if (ami.launchPermissions !== undefined) {
    validateSharing(scope, props, ami.launchPermissions);
  }
}

/** Returns a time as text. Untyped code may set a JavaScript Date, which the template shows as the same ISO 8601 text. */
function timeText(time: unknown): unknown {
  return time instanceof Date && Number.isFinite(time.getTime()) ? time.toISOString() : time;
}

function validateDeprecation(scope: Construct, { deprecateAt: given, launchPermissions }: AmiOptions): void {
  const deprecateAt = timeText(given);
  if (deprecateAt === undefined || Token.isUnresolved(deprecateAt)) {
    return;
  }
  if (typeof deprecateAt !== 'string' || !isDateTime(deprecateAt)) {
    throw new ValidationError(
      `The deprecateAt of the AMI is ${JSON.stringify(deprecateAt)}: use an ISO 8601 date and time with its zone, like 2027-01-31T09:30:00Z.`,
      scope,
    );
  }
  const years = launchPermissions?.publicAccess === true ? 2 : 10;
  if (Date.parse(deprecateAt) > Date.now() + years * YEAR) {
    throw new ValidationError(`The deprecateAt of the AMI is ${deprecateAt}: use a time within ${years} years, the most that EC2 accepts.`, scope);
  }
}

function validateSharing(scope: Construct, { encrypted, encryptionKey }: AmiSource, permissions: LaunchPermissions): void {
  requireObject(scope, 'The launchPermissions of the AMI', permissions, 'an object, such as { accountIds: ["123456789012"] }');
  for (const [list, what, form, example] of LISTS) {
    const given = permissions[list] ?? [];
    requireList(scope, list, given);
    // A token that is the whole list has one element, which says nothing.
    if (Token.isUnresolved(given)) {
      continue;
    }
    const wrong = given.find((value) => !Token.isUnresolved(value) && !form.test(value));
    if (wrong !== undefined) {
      throw new ValidationError(`${JSON.stringify(wrong)} in ${list} is not ${what}: use one like ${example}.`, scope);
    }
    const twice = given.find((value, index) => given.indexOf(value) < index);
    if (twice !== undefined) {
      throw new ValidationError(`${twice} is in ${list} more than once: list it once.`, scope);
    }
  }
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
  if (permissions.publicAccess === true && (encrypted === true || encryptionKey !== undefined)) {
    throw new ValidationError('The AMI is encrypted and has publicAccess, which EC2 does not allow: remove one of them.', scope);
  }
  if (encrypted === true && encryptionKey === undefined && sharesWithAnybody(permissions)) {
    throw new ValidationError('An AMI that is encrypted with the default key of EBS cannot be shared: set encryptionKey, or remove launchPermissions.', scope);
  }
}

export function sharesWithAnybody(permissions: LaunchPermissions): boolean {
  return permissions.publicAccess === true || LISTS.some(([list]) => (permissions[list] ?? []).length > 0);
}

/** What EC2 may refuse for reasons that are not known here, and what others must be allowed to use the AMI. */
export function addAmiWarnings(
  scope: Construct, { deprecateAt: given, launchPermissions = {} }: AmiOptions, encryptionKey: kms.IKey | undefined,
): void {
  const deprecateAt = timeText(given);
  const warnings = Annotations.of(scope);
  if (typeof deprecateAt === 'string' && !Token.isUnresolved(deprecateAt) && Date.parse(deprecateAt) <= Date.now()) {
    warnings.addWarningV2('cdk-vm-import:deprecatedAmi', `The deprecateAt of the AMI, ${deprecateAt}, has passed: a new AMI is deprecated as soon as it exists.`);
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
