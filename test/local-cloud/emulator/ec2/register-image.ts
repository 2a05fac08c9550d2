import type { BlockDeviceMapping, RegisterImageRequest, RegisterImageResult } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import type { AmiResource } from '../world';
import { checkName, checkNameIsFree } from './ami-name';
import { checkDryRun } from './dry-run';
import { snapshotNamed } from './snapshots';
import { checkedTags } from './tags';

const VALUES: Readonly<Partial<Record<keyof RegisterImageRequest, readonly string[]>>> = {
  Architecture: ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'],
  BootMode: ['legacy-bios', 'uefi', 'uefi-preferred'],
  ImdsSupport: ['v2.0'],
  SriovNetSupport: ['simple'],
  TpmSupport: ['v2.0'],
  VirtualizationType: ['hvm', 'paravirtual'],
};

const VOLUME_TYPES = ['standard', 'io1', 'io2', 'gp2', 'gp3', 'sc1', 'st1'];
/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/uefi-variables.html */
const MAX_UEFI_DATA_BYTES = 64 * 1024;

/**
 * Makes an AMI of snapshots. EC2 checks nothing of what is on them.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
 */
export function registerImage(request: RegisterImageRequest, call: Call): RegisterImageResult {
  const { world, now } = call;
  const { Name = '' } = request;
  checkName(Name);
  checkValues(request);
  checkBoot(request);
  const mappings = (request.BlockDeviceMappings ?? []).map((mapping) => mapped(mapping, call));
  checkRootDevice(request.RootDeviceName, mappings);
  const tags = tagsOf(request);
  checkNameIsFree(Name, call);
  checkDryRun(request.DryRun);
  const ami: AmiResource = {
    kind: 'ami',
    id: world.newId('ami'),
    serial: world.newSerial(),
    createdAt: now,
    tags: new Map(tags),
    launchPermissions: [],
    availableAt: now + world.settings.registrationDurationMs,
    snapshotIds: mappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
    description: {
      Architecture: request.Architecture ?? 'i386',
      BlockDeviceMappings: mappings,
      BootMode: request.BootMode,
      CreationDate: new Date(now).toISOString(),
      Description: request.Description,
      EnaSupport: request.EnaSupport,
      Hypervisor: 'xen',
      ImageLocation: `${world.settings.account}/${Name}`,
      ImageType: 'machine',
      ImdsSupport: request.ImdsSupport,
      Name,
      OwnerId: world.settings.account,
      PlatformDetails: 'Linux/UNIX',
      Public: false,
      RootDeviceName: request.RootDeviceName,
      RootDeviceType: 'ebs',
      SriovNetSupport: request.SriovNetSupport,
      State: 'pending',
      TpmSupport: request.TpmSupport,
      UsageOperation: 'RunInstances',
      VirtualizationType: request.VirtualizationType === 'hvm' ? 'hvm' : 'paravirtual',
    },
  };
  world.amis.set(ami.id, ami);
  [ami.id, ...ami.snapshotIds].forEach((id) => call.touched.add(id));
  return { ImageId: ami.id };
}

function checkValues(request: RegisterImageRequest): void {
  for (const [name, allowed] of Object.entries(VALUES)) {
    const value = request[name as keyof RegisterImageRequest];
    if (typeof value === 'string' && !allowed.includes(value)) {
      throw new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid. Valid values: ${allowed.join(', ')}`);
    }
  }
  if ((request.Description ?? '').length > 255) {
    throw new AwsError('InvalidParameterValue', 'The description of an AMI has up to 255 characters');
  }
  if (request.ImageLocation !== undefined) {
    throw new Error('The emulator registers EBS-backed AMIs only');
  }
}

/**
 * The combinations of boot mode, architecture and TPM that EC2 refuses.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html (arm64 boots by UEFI only)
 * @see https://github.com/flatcar/mantle/pull/582 (TPM with `uefi`, not with `uefi-preferred`)
 * @see https://github.com/balena-os/balena-yocto-scripts/pull/298 (no TPM on arm64, with EC2's sentence)
 */
function checkBoot({ Architecture = 'i386', BootMode, TpmSupport, UefiData, VirtualizationType = 'paravirtual' }: RegisterImageRequest): void {
  if (Architecture === 'arm64' && VirtualizationType !== 'hvm') {
    throw new AwsError('InvalidParameterCombination', 'The architecture arm64 requires the virtualization type hvm');
  }
  if (Architecture === 'arm64' && BootMode === 'legacy-bios') {
    throw new AwsError('InvalidParameterCombination', `The boot mode ${BootMode} is not supported for the architecture arm64`);
  }
  if (TpmSupport !== undefined && Architecture !== 'x86_64') {
    throw new AwsError('InvalidParameterValue', `Invalid machineArchitecture value '${Architecture}' for tpmSupport`);
  }
  if (TpmSupport !== undefined && BootMode !== 'uefi') {
    throw new AwsError('InvalidParameterCombination', 'The parameter TpmSupport requires the boot mode uefi');
  }
  if (UefiData === undefined) {
    return;
  }
  if (BootMode !== 'uefi' && BootMode !== 'uefi-preferred') {
    throw new AwsError('InvalidParameterCombination', 'The parameter UefiData requires the boot mode uefi or uefi-preferred');
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(UefiData) || Buffer.from(UefiData, 'base64').byteLength > MAX_UEFI_DATA_BYTES) {
    throw new AwsError('InvalidParameterValue', `The parameter UefiData is not Base64 of at most ${MAX_UEFI_DATA_BYTES} bytes`);
  }
}

/** Returns a mapping as the AMI has it: size and encryption come from the snapshot. */
function mapped(mapping: BlockDeviceMapping, call: Call): BlockDeviceMapping {
  const { DeviceName, Ebs } = mapping;
  if (!DeviceName) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter DeviceName of each block device mapping');
  }
  if (Ebs?.SnapshotId === undefined) {
    return mapping;
  }
  if (Ebs.Encrypted !== undefined || Ebs.KmsKeyId !== undefined) {
    throw new AwsError('InvalidBlockDeviceMapping', 'The encryption state of a volume cannot be specified together with its snapshot');
  }
  const { VolumeType = 'gp2' } = Ebs;
  if (!VOLUME_TYPES.includes(VolumeType)) {
    throw new AwsError('InvalidParameterValue', `Value (${VolumeType}) for parameter volumeType is invalid`);
  }
  const { description } = snapshotNamed(Ebs.SnapshotId, call);
  if (description.State !== 'completed') {
    throw new AwsError('IncorrectState', `Snapshot ${Ebs.SnapshotId} is in invalid state - ${description.State}`);
  }
  const { VolumeSize = 1 } = description;
  if (Ebs.VolumeSize !== undefined && Ebs.VolumeSize < VolumeSize) {
    throw new AwsError('InvalidBlockDeviceMapping', `Volume of size ${Ebs.VolumeSize}GB is smaller than snapshot '${Ebs.SnapshotId}', expect size >= ${VolumeSize}GB`);
  }
  return {
    DeviceName,
    Ebs: {
      ...Ebs,
      DeleteOnTermination: Ebs.DeleteOnTermination ?? true,
      Encrypted: description.Encrypted,
      VolumeSize: Ebs.VolumeSize ?? VolumeSize,
      VolumeType,
    },
  };
}

function checkRootDevice(root: string | undefined, mappings: readonly BlockDeviceMapping[]): void {
  if (root === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter RootDeviceName');
  }
  const devices = mappings.map(({ DeviceName }) => DeviceName);
  const twice = devices.find((device, index) => devices.indexOf(device) !== index);
  if (twice !== undefined) {
    throw new AwsError('InvalidBlockDeviceMapping', `The device '${twice}' is used in more than one block-device mapping`);
  }
  if (!mappings.some(({ DeviceName, Ebs }) => DeviceName === root && Ebs?.SnapshotId !== undefined)) {
    throw new AwsError('InvalidBlockDeviceMapping', 'No root snapshot specified in device mapping.');
  }
}

function tagsOf({ TagSpecifications = [] }: RegisterImageRequest): readonly (readonly [string, string])[] {
  const stray = TagSpecifications.find(({ ResourceType }) => ResourceType !== 'image');
  if (stray) {
    throw new AwsError('InvalidParameterValue', `'${stray.ResourceType ?? ''}' is not a valid taggable resource type for this operation.`);
  }
  return checkedTags(TagSpecifications.flatMap(({ Tags }) => Tags ?? []));
}
