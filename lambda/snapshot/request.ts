import type { BootProperties, DiskProperties, SnapshotResourceProperties } from '../../src/shared/contract/snapshot-resource';
import { VIRTUAL_DISK_FORMATS, type VirtualDiskFormat } from '../../src/shared/disk-image/virtual-disk';
import type { S3Object } from '../../src/shared/s3-object-url';
import type { Tags } from '../aws/tags';
import { Failure } from '../cloudformation/failure';
import { digest, familyOf, type ImportFamily } from '../cloudformation/physical-id';
import { PropertyReader } from '../cloudformation/property-reader';
import type { CloudFormationRequest, UpdateRequest } from '../cloudformation/requests';

/** A disk image in Amazon S3. */
export interface DiskObject extends S3Object {
  readonly format: VirtualDiskFormat;
  readonly ovaDisk?: number;
}

/** What an app declares of a boot disk. */
export interface DeclaredBoot {
  readonly architecture?: string;
  readonly bootMode?: string;
}

/** What a `Custom::VmImportSnapshot` resource requests; the contract has the meaning of each property. */
export interface SnapshotRequest {
  readonly disk: DiskObject;
  readonly stateMachineArn: string;
  readonly encryption: { readonly Encrypted?: true; readonly KmsKeyArn?: string };
  /** GiB. Undefined for the size of the disk. */
  readonly volumeSize?: number;
  readonly description?: string;
  /** The name of the AMI that the disk is for. */
  readonly amiName?: string;
  readonly unallocatedBlocks: 'write' | 'omit';
  /** What the app declares of a disk that a machine boots from. Undefined for a data disk. */
  readonly boot?: DeclaredBoot;
  readonly preflight: 'on' | 'off';
  readonly revision?: string;
  readonly tags: Tags;
  /** Keys of tags that the previous version of the resource had and this one does not. */
  readonly retiredTagKeys: readonly string[];
  /** Seconds. */
  readonly timeout: number;
}

/**
 * Parses the properties of a request.
 *
 * @throws Failure that names a property of the wrong form
 */
export function parseSnapshotRequest(request: CloudFormationRequest): SnapshotRequest {
  const properties = new PropertyReader<SnapshotResourceProperties>('ResourceProperties', request.ResourceProperties);
  const tags = properties.map('Tags');
  const previousTags = request.RequestType === 'Update'
    ? new PropertyReader<SnapshotResourceProperties>('OldResourceProperties', request.OldResourceProperties).map('Tags')
    : {};
  return {
    disk: parseDisk(properties.child('Disk')),
    stateMachineArn: properties.string('StateMachineArn'),
    encryption: {
      ...(properties.has('Encrypted') && properties.boolean('Encrypted') ? { Encrypted: true } : {}),
      ...properties.strings('KmsKeyArn'),
    },
    volumeSize: properties.has('VolumeSize') ? properties.number('VolumeSize') : undefined,
    description: properties.optional('Description'),
    amiName: properties.optional('AmiName'),
    unallocatedBlocks: properties.has('OmitUnallocatedBlocks') && properties.boolean('OmitUnallocatedBlocks') ? 'omit' : 'write',
    boot: properties.has('Boot') ? parseBoot(properties.child('Boot')) : undefined,
    preflight: properties.has('Preflight') && !properties.boolean('Preflight') ? 'off' : 'on',
    revision: properties.optional('Revision'),
    tags,
    retiredTagKeys: Object.keys(previousTags).filter((key) => !(key in tags)),
    timeout: properties.number('Timeout'),
  };
}

/** Parses the properties that an update replaces. */
export function parsePreviousSnapshotRequest(request: UpdateRequest): SnapshotRequest {
  return parseSnapshotRequest({ ...request, RequestType: 'Create', ResourceProperties: request.OldResourceProperties });
}

function parseDisk(disk: PropertyReader<DiskProperties>): DiskObject {
  const name = disk.string('Format');
  const format = VIRTUAL_DISK_FORMATS.find((each) => each === name);
  if (format === undefined) {
    throw new Failure(`The format ${name} cannot be copied into a snapshot: use one of ${VIRTUAL_DISK_FORMATS.join(', ')}.`);
  }
  return {
    bucketName: disk.string('S3Bucket'),
    key: disk.string('S3Key'),
    format,
    ...(disk.has('OvaDisk') ? { ovaDisk: disk.number('OvaDisk') } : {}),
  };
}

function parseBoot(boot: PropertyReader<BootProperties>): DeclaredBoot {
  return { architecture: boot.optional('Architecture'), bootMode: boot.optional('BootMode') };
}

/**
 * Returns the snapshots of one content that one resource has had. Everything that goes into the snapshot belongs to the content: changing
 * it replaces the snapshot.
 */
export function snapshotFamilyOf(event: CloudFormationRequest, request: SnapshotRequest): ImportFamily {
  return familyOf(event, snapshotContentOf(request));
}

export function snapshotContentOf({ disk, encryption, volumeSize, description, unallocatedBlocks, boot, revision }: SnapshotRequest): string {
  return digest([disk, encryption, volumeSize, description, unallocatedBlocks, boot, revision], 12);
}
