import type { LaunchPermission } from '@aws-sdk/client-ec2';
import type { AmiResourceProperties, DeregistrationProtection, LaunchPermissionProperties } from '../../src/shared/contract/ami-resource';
import type { Tags } from '../aws/tags';
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

/** What a `Custom::VmImportAmi` resource requests; the contract has the meaning of each property. */
export interface AmiRequest {
  readonly sourceAmiId: string;
  readonly name?: string;
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
    sourceAmiId: properties.string('SourceImageId'),
    name: properties.optional('Name'),
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
