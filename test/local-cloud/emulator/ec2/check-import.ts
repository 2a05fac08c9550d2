import { BootModeValues } from '@aws-sdk/client-ec2';
import type { ImportImageRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import type { Call } from '../call';

/** @see https://docs.aws.amazon.com/vm-import/latest/userguide/vmie_prereqs.html#limitations-image */
const MAX_DISKS = 21;

const VALUES: Readonly<Partial<Record<keyof ImportImageRequest, readonly string[]>>> = {
  Architecture: ['i386', 'x86_64'],
  BootMode: Object.values(BootModeValues),
  Hypervisor: ['xen'],
  LicenseType: ['AWS', 'BYOL'],
  Platform: ['Windows', 'Linux'],
};

/**
 * What EC2 refuses before it makes a task.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 */
export function checkImportImage(request: ImportImageRequest, { world }: Call): void {
  // VM Import/Export has no ARM64: the User Guide's requirements; the sentence is in hashicorp/packer-plugin-amazon#264.
  if (request.Architecture === 'arm64') {
    throw new AwsError('InvalidParameter', 'architecture=arm64 has an invalid format');
  }
  for (const [name, allowed] of Object.entries(VALUES)) {
    const value = request[name as keyof ImportImageRequest];
    if (typeof value === 'string' && !allowed.includes(name === 'Platform' && world.answer('smallLetters') === 'yes' ? platformOf(value) : value)) {
      throw new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid. Valid values: ${allowed.join(', ')}`);
    }
  }
  if (request.BootMode === 'uefi-preferred') {
    throw new AwsError('InvalidParameterValue', 'The boot mode uefi-preferred is not supported for imports');
  }
  if (request.KmsKeyId !== undefined && !request.Encrypted) {
    throw new AwsError('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
  }
  if (request.LicenseType !== undefined && request.UsageOperation !== undefined) {
    throw new AwsError('InvalidParameterCombination', 'The parameters LicenseType and UsageOperation cannot be used together');
  }
  checkToken(request.ClientToken);
  const disks = request.DiskContainers ?? [];
  if (disks.length === 0) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter DiskContainers');
  }
  if (disks.length > MAX_DISKS) {
    throw new AwsError('InvalidParameter', `An import takes at most ${MAX_DISKS} disks, got ${disks.length}`);
  }
  const stray = (request.TagSpecifications ?? []).find(({ ResourceType }) => ResourceType !== 'import-image-task');
  if (stray) {
    throw new AwsError('InvalidParameterValue', `'${stray.ResourceType ?? ''}' is not a valid taggable resource type for this operation.`);
  }
}

/**
 * The platform as EC2 writes it. EC2 takes it in small letters too: Packer's post-processor amazon-import sends `linux` and `windows`.
 *
 * @see https://developer.hashicorp.com/packer/integrations/hashicorp/amazon/latest/components/post-processor/import
 */
export function platformOf(value: string): string {
  return value.charAt(0).toUpperCase() + value.slice(1);
}

/** @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
function checkToken(token: string | undefined): void {
  if (token !== undefined && !/^[\x21-\x7e]{1,64}$/.test(token)) {
    throw new AwsError('InvalidParameterValue', 'A client token is at most 64 ASCII characters');
  }
}
