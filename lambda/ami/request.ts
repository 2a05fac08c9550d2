import type { LaunchPermission, RegisterImageRequest } from '@aws-sdk/client-ec2';
import type {
  AmiResourceProperties, BlockDeviceProperties, DeregistrationProtection, LaunchPermissionProperties, RegistrationProperties,
} from '../../src/shared/contract/ami-resource';
import type { Tags } from '../aws/tags';
import { Failure } from '../cloudformation/failure';
import type { StackLocation } from '../cloudformation/physical-id';
import { PropertyReader } from '../cloudformation/property-reader';
import type { CloudFormationRequest, UpdateRequest } from '../cloudformation/requests';

/** The properties of an AMI that can change while it exists. An absent property stays as it is. */
export interface AmiProperties {
  readonly description?: string;
  /** Who may launch it. An empty list means nobody but its owner. */
  readonly launchPermissions?: readonly LaunchPermission[];
  readonly imdsSupport?: 'v2.0';
  /** Milliseconds since the epoch. */
  readonly deprecateAt?: number;
  readonly protection?: DeregistrationProtection;
}

/** Where the AMI comes from. */
export type AmiSource =
  /** It is the AMI of an import. */
  | { readonly kind: 'imported'; readonly amiId: string }
  /** It is a copy of the AMI of an import, because EC2 cannot rename an AMI. */
  | { readonly kind: 'copy'; readonly amiId: string; readonly name: string }
  /** It is registered from snapshots. Without a name, it is named after the resource. */
  | { readonly kind: 'registration'; readonly name?: string; readonly parameters: RegistrationParameters };

/** How an AMI is registered. These parameters cannot change while it exists. */
export type RegistrationParameters = Pick<
  RegisterImageRequest,
  'Architecture' | 'BlockDeviceMappings' | 'BootMode' | 'EnaSupport' | 'ImdsSupport' | 'RootDeviceName' | 'TpmSupport' | 'UefiData' | 'VirtualizationType'
>;

/** What a `Custom::VmImportAmi` resource requests; the contract has the meaning of each property. */
export interface AmiRequest {
  readonly source: AmiSource;
  readonly wanted: AmiProperties;
  /** Properties that the previous version of the resource set and this one does not. They go back to what they were. */
  readonly retired: ReadonlySet<keyof AmiProperties>;
  /** What a Delete does with a protection that this resource set. */
  readonly onDelete: 'keep-protection' | 'lift-protection';
  readonly tags: Tags;
  readonly retiredTagKeys: readonly string[];
}

/** An AMI resource as every pass sees it. */
export interface AmiResource {
  readonly id: string;
  readonly request: AmiRequest;
  readonly location: StackLocation;
}

/**
 * Parses the properties of a request.
 *
 * @throws Failure that names a property of the wrong form
 */
export function parseAmiRequest(request: CloudFormationRequest): AmiRequest {
  const properties = new PropertyReader<AmiResourceProperties>('ResourceProperties', request.ResourceProperties);
  const wanted = parseProperties(properties);
  const tags = properties.map('Tags');
  const previous = request.RequestType === 'Update' ? new PropertyReader<AmiResourceProperties>('OldResourceProperties', request.OldResourceProperties) : undefined;
  const before = previous ? parseProperties(previous) : {};
  return {
    source: parseSource(properties),
    wanted,
    retired: new Set(NAMES.filter((name) => before[name] !== undefined && wanted[name] === undefined)),
    onDelete: properties.has('LiftProtection') && properties.boolean('LiftProtection') ? 'lift-protection' : 'keep-protection',
    tags,
    retiredTagKeys: Object.keys(previous?.map('Tags') ?? {}).filter((key) => !(key in tags)),
  };
}

/** Parses the properties that an update replaces. */
export function parsePreviousAmiRequest(request: UpdateRequest): AmiRequest {
  return parseAmiRequest({ ...request, RequestType: 'Create', ResourceProperties: request.OldResourceProperties });
}

function parseSource(properties: PropertyReader<AmiResourceProperties>): AmiSource {
  const name = properties.optional('Name');
  if (properties.has('Registration')) {
    return { kind: 'registration', name, parameters: parseRegistration(properties.child('Registration')) };
  }
  const amiId = properties.string('SourceImageId');
  return name === undefined ? { kind: 'imported', amiId } : { kind: 'copy', amiId, name };
}

const ARCHITECTURES = ['x86_64', 'arm64'] as const;
const BOOT_MODES = ['legacy-bios', 'uefi', 'uefi-preferred'] as const;
const VOLUME_TYPES = ['gp3', 'gp2', 'standard'] as const;

function parseRegistration(registration: PropertyReader<RegistrationProperties>): RegistrationParameters {
  const bootMode = registration.optional('BootMode');
  return {
    Architecture: parseOneOf('Architecture', registration.string('Architecture'), ARCHITECTURES),
    // A property that is empty comes from an attribute without a value.
    ...(bootMode ? { BootMode: parseOneOf('BootMode', bootMode, BOOT_MODES) } : {}),
    RootDeviceName: registration.string('RootDeviceName'),
    // EC2 registers paravirtual machines by default, which no current instance type runs.
    VirtualizationType: 'hvm',
    EnaSupport: registration.boolean('EnaSupport'),
    ...(registration.has('TpmSupport') ? { TpmSupport: 'v2.0' } : {}),
    ...(registration.has('ImdsSupport') ? { ImdsSupport: 'v2.0' } : {}),
    ...registration.strings('UefiData'),
    BlockDeviceMappings: registration.children('BlockDeviceMappings').map(parseBlockDevice),
  };
}

function parseBlockDevice(device: PropertyReader<BlockDeviceProperties>) {
  const VolumeType = parseOneOf('VolumeType', device.string('VolumeType'), VOLUME_TYPES);
  return { DeviceName: device.string('DeviceName'), Ebs: { SnapshotId: device.string('SnapshotId'), VolumeType, DeleteOnTermination: true } };
}

function parseOneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) {
    throw new Failure(`The AMI cannot be registered with the ${name} ${value}: use one of ${allowed.join(', ')}.`);
  }
  return found;
}

const NAMES: readonly (keyof AmiProperties)[] = ['description', 'launchPermissions', 'imdsSupport', 'deprecateAt', 'protection'];

function parseProperties(properties: PropertyReader<AmiResourceProperties>): AmiProperties {
  return {
    description: properties.optional('Description'),
    launchPermissions: properties.has('LaunchPermissions') ? parseLaunchPermissions(properties.child('LaunchPermissions')) : undefined,
    imdsSupport: properties.has('ImdsSupport') ? 'v2.0' : undefined,
    deprecateAt: properties.has('DeprecateAt') ? properties.date('DeprecateAt').getTime() : undefined,
    protection: properties.has('DeregistrationProtection') ? parseProtection(properties.string('DeregistrationProtection')) : undefined,
  };
}

function parseLaunchPermissions(permissions: PropertyReader<LaunchPermissionProperties>): LaunchPermission[] {
  return [
    ...(permissions.optional('Group') === 'all' ? [{ Group: 'all' as const }] : []),
    ...permissions.list('UserIds').map((UserId) => ({ UserId })),
    ...permissions.list('OrganizationArns').map((OrganizationArn) => ({ OrganizationArn })),
    ...permissions.list('OrganizationalUnitArns').map((OrganizationalUnitArn) => ({ OrganizationalUnitArn })),
  ];
}

function parseProtection(value: string): DeregistrationProtection {
  return value === 'enabled-with-cooldown' || value === 'enabled-without-cooldown' ? value : 'disabled';
}
