import { Construct } from 'constructs';
import { Architecture, Hypervisor, LicenseType } from '../../image-options';
import { VmImportImageProps } from '../../vm-import-image-props';
import { requireList, requireObject, requireOneOf } from './require-type';

/**
 * The values that EC2 documents. They may be more one day: until this library has them, `CfnResource.addPropertyOverride`
 * takes any. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 */
const VALUES = {
  architecture: Object.values(Architecture),
  hypervisor: Object.values(Hypervisor),
  licenseType: Object.values(LicenseType),
} as const satisfies Partial<Record<keyof VmImportImageProps, readonly string[]>>;

const OBJECTS = {
  ami: 'an object with the properties of the AMI',
  clientData: 'an object with comment, uploadStart, uploadEnd or uploadSize',
  encryptionKey: 'a key, such as kms.Key.fromKeyArn makes',
  logGroup: 'a log group, such as logs.LogGroup.fromLogGroupName makes',
  provider: 'a VmImportProvider',
  role: 'a role, such as iam.Role.fromRoleName makes',
  tags: 'an object with a text for each key',
  timeout: 'a Duration, such as Duration.hours(4)',
} as const satisfies Partial<Record<keyof VmImportImageProps, string>>;

/** What is of another type than it was declared to be. */
export function validateTypes(scope: Construct, props: VmImportImageProps): void {
  for (const [name, values] of Object.entries(VALUES)) {
    requireOneOf(scope, name, props[name as keyof typeof VALUES], values);
  }
  for (const [name, instead] of Object.entries(OBJECTS)) {
    const given = props[name as keyof typeof OBJECTS];
    if (given !== undefined) {
      requireObject(scope, name, given, instead);
    }
  }
  requireList(scope, 'licenseConfigurationArns', props.licenseConfigurationArns);
}
