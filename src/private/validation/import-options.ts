import { IResource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isDateTime, requireList, requireOneOf, requireText, ValidationError } from './requirements';
import { requireTypes } from './types';
import { Architecture, BootMode, ClientData, Hypervisor, LicenseType } from '../../image-options';
import type { VmImportImageProps } from '../../vm-import-image';
import { placeOf } from '../permissions/grant';

/** The form of the values in https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html */
const USAGE_OPERATION = /^RunInstances(?::[0-9A-Za-z]{4})?$/;
const LICENSE_CONFIGURATION_ARN = /^arn:aws[^:]*:license-manager:[^:]+:[0-9]{12}:license-configuration:lic-[0-9a-f]{32}$/;

/** What ImportImage would refuse. */
export function validateImportOptions(scope: Construct, props: VmImportImageProps): void {
  requireText(scope, 'importDescription', props.importDescription);
  if (props.architecture === Architecture.ARM64) {
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html: i386 | x86_64
    throw new ValidationError('architecture is arm64, which VM Import/Export does not support: use VmImportAmi, which imports a disk as it is.', scope);
  }
  if (props.bootMode === BootMode.UEFI_PREFERRED) {
    throw new ValidationError('bootMode is uefi-preferred, which EC2 does not support for imports: use UEFI or LEGACY_BIOS.', scope);
  }
  requireOneOf(scope, 'bootMode', props.bootMode, [BootMode.LEGACY_BIOS, BootMode.UEFI]);
  if (props.encryptionKey !== undefined && props.encrypted === false) {
    throw new ValidationError('encryptionKey is set, but encrypted is false: remove one of them.', scope);
  }
  validateMaxAttempts(scope, props.maxAttempts);
  validateEnvironment(scope, props);
  validateLicense(scope, props);
  if (props.clientData !== undefined) {
    validateClientData(scope, props.clientData);
  }
}

function validateMaxAttempts(scope: Construct, maxAttempts: number | undefined): void {
  const given = maxAttempts !== undefined && !Token.isUnresolved(maxAttempts);
  if (given && !(Number.isInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= 10)) {
    throw new ValidationError(`maxAttempts is ${maxAttempts}: use a whole number of 1 to 10.`, scope);
  }
}

function validateEnvironment(scope: Construct, { encryptionKey, role }: VmImportImageProps): void {
  const { account, region } = Stack.of(scope);
  const differs = (resource: IResource | undefined, of: 'account' | 'region', expected: string) =>
    resource !== undefined && Token.compareStrings(resource.env[of], expected) === TokenComparison.DIFFERENT;
  if (differs(encryptionKey, 'region', region)) {
    throw new ValidationError(
      `The encryptionKey is in ${encryptionKey?.env.region}, but must be in the Region of the import, ${region}: use a key of that Region.`,
      scope,
    );
  }
  if (encryptionKey !== undefined && placeOf(encryptionKey, Stack.of(scope)) === 'in the app') {
    throw new ValidationError(
      `The encryptionKey ${encryptionKey.node.path} is made by this app in the account ${encryptionKey.env.account}, and the CDK does not pass its ARN to other accounts: use kms.Key.fromKeyArn.`,
      scope,
    );
  }
  if (differs(role, 'account', account)) {
    throw new ValidationError(
      `The role is in the account ${role?.env.account}, but VM Import/Export assumes roles of the account of the import only, ${account}: use a role of that account.`,
      scope,
    );
  }
}

function validateLicense(scope: Construct, { licenseType, usageOperation, licenseConfigurationArns = [] }: VmImportImageProps): void {
  if (licenseType !== undefined && usageOperation !== undefined) {
    throw new ValidationError(`Both licenseType ${licenseType} and usageOperation ${usageOperation} are set: use one of them.`, scope);
  }
  if (usageOperation !== undefined && !Token.isUnresolved(usageOperation) && !USAGE_OPERATION.test(usageOperation)) {
    throw new ValidationError(
      `${JSON.stringify(usageOperation)} is not a usage operation: use RunInstances, or one with a code, like RunInstances:0002.`,
      scope,
    );
  }
  const wrong = licenseConfigurationArns.find((arn) => !Token.isUnresolved(arn) && !LICENSE_CONFIGURATION_ARN.test(arn));
  if (wrong !== undefined) {
    throw new ValidationError(
      `${JSON.stringify(wrong)} is not the ARN of a License Manager license configuration: use one like arn:aws:license-manager:eu-west-1:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef.`,
      scope,
    );
  }
}

function validateClientData(scope: Construct, { comment, uploadStart, uploadEnd, uploadSize }: ClientData): void {
  requireText(scope, 'The comment of clientData', comment);
  for (const [name, time] of Object.entries({ uploadStart, uploadEnd })) {
    if (time !== undefined && !Token.isUnresolved(time) && !isDateTime(time)) {
      throw new ValidationError(
        `The ${name} of clientData is ${JSON.stringify(time)}: use an ISO 8601 date and time with its zone, like 2025-01-31T09:00:00Z.`,
        scope,
      );
    }
  }
  if (uploadSize !== undefined && !Token.isUnresolved(uploadSize) && !(uploadSize > 0)) {
    throw new ValidationError(`The uploadSize of clientData is ${uploadSize}: use a number of GiB greater than 0.`, scope);
  }
}

/**
 * The values that EC2 documents. They may be more one day: until this library has them, `CfnResource.addPropertyOverride`
 * takes any. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 */
const VALUES = {
  architecture: Object.values(Architecture),
  hypervisor: Object.values(Hypervisor),
  licenseType: Object.values(LicenseType),
} as const satisfies Partial<Record<keyof VmImportImageProps, readonly string[]>>;

/** Refuses a value of another type than the option has. */
export function validateTypes(scope: Construct, props: VmImportImageProps): void {
  for (const [name, values] of Object.entries(VALUES)) {
    requireOneOf(scope, name, props[name as keyof typeof VALUES], values);
  }
  requireTypes(scope, props);
  requireList(scope, 'licenseConfigurationArns', props.licenseConfigurationArns);
}
