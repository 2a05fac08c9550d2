import { CustomResource, IResolvable } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct, IDependable } from 'constructs';
import { contentInDiff } from './content-in-diff';
import { PlannedSegment } from './segments';
import { WrittenObject } from './written';
import type { DiskContainerConfig } from '../../disk-container';
import { DiskContainerProperties, ImageResourceAttributes, ImageResourceProperties, ImportImageProperties, ObjectProperties, SegmentAttributes } from '../../shared/contract/image-resource';
import type { VmImportImageProps } from '../../vm-import-image';

/** The source of the AMI, with its disks bound. */
export type BoundSource =
  | {
    readonly kind: 'disks';
    readonly disks: readonly DiskContainerConfig[];
    readonly role: iam.IRole;
    /** The grants of the role. */
    readonly permissions: IDependable;
  }
  | { readonly kind: 'task'; readonly importTaskId: string };

/** What all segments of an import share. */
export interface ImportDescription {
  readonly source: BoundSource;
  readonly imageName: string;
  readonly props: VmImportImageProps;
  readonly tags: IResolvable;
  /** The name of the import in events. Resolves to nothing if nobody listens. */
  readonly events: IResolvable;
}

/** What makes up an import: another value is another import. */
type ContentName = 'ImportTaskId' | 'ImportImage' | 'ImportVmImage' | 'Revision';

/** Returns the properties of the custom resource of one segment. */
export function imageResourceProperties(
  scope: IConstruct, { source, imageName, props, tags, events }: ImportDescription, segment: PlannedSegment, previous?: CustomResource,
): WrittenObject<ImageResourceProperties> {
  const content: Pick<WrittenObject<ImageResourceProperties>, ContentName> = {
    ...(source.kind === 'task' ? { ImportTaskId: source.importTaskId } : { ImportImage: importImageProperties(source, props) }),
    ImportVmImage: {
      name: imageName,
      semanticVersion: props.semanticVersion,
      description: props.description,
      platform: props.platform,
      osVersion: props.osVersion,
      loggingConfiguration: props.logGroup && { logGroupName: props.logGroup.logGroupName },
    },
    Revision: props.revision,
  };
  return {
    ...content,
    ImportedContent: segment.index === 1
      ? contentInDiff(scope, content, 'another value starts a new import, and the old image is deleted afterwards unless removalPolicy is RETAIN')
      : undefined,
    AmiName: segment.index === 1 ? props.ami?.name : undefined,
    MaxAttempts: props.maxAttempts,
    Preflight: props.preflight === false ? false : undefined,
    DeleteSources: deletedObjects(source),
    Tags: tags,
    Events: events,
    Segment: segment.index,
    Segments: segment.count,
    Budget: segment.budget,
    Timeout: segment.timeout,
    ImportId: previous?.ref,
    PreviousOutcome: previous && segmentAttribute(previous, 'Outcome'),
  };
}

/** Returns a token for an attribute of the last segment. */
export function imageAttribute(lastSegment: CustomResource, name: keyof ImageResourceAttributes): string {
  return lastSegment.getAttString(name);
}

function segmentAttribute(segment: CustomResource, name: keyof SegmentAttributes): string {
  return segment.getAttString(name);
}

function importImageProperties({ disks, role }: BoundSource & { readonly kind: 'disks' }, props: VmImportImageProps): WrittenObject<ImportImageProperties> {
  return {
    Architecture: props.architecture,
    BootMode: props.bootMode,
    ClientData: props.clientData && {
      Comment: props.clientData.comment,
      UploadEnd: props.clientData.uploadEnd,
      UploadSize: props.clientData.uploadSize,
      UploadStart: props.clientData.uploadStart,
    },
    Description: props.importDescription,
    DiskContainers: disks.map(diskProperties),
    Encrypted: props.encrypted ?? (props.encryptionKey && true),
    Hypervisor: props.hypervisor,
    KmsKeyId: props.encryptionKey?.keyArn,
    LicenseSpecifications: props.licenseConfigurationArns?.map((arn) => ({ LicenseConfigurationArn: arn })),
    LicenseType: props.licenseType,
    Platform: props.platform,
    RoleName: role.roleName,
    UsageOperation: props.usageOperation,
  };
}

function deletedObjects(source: BoundSource): readonly ObjectProperties[] | undefined {
  const disks = source.kind === 'disks' ? source.disks.filter((disk) => disk.deleteSourceOnSuccess) : [];
  const objects = disks.map(objectOf).filter((object) => object !== undefined);
  return objects.length === 0 ? undefined : objects;
}

function diskProperties(disk: DiskContainerConfig): WrittenObject<DiskContainerProperties> {
  return {
    Description: disk.description,
    DeviceName: disk.deviceName,
    Format: disk.format,
    SnapshotId: disk.snapshotId,
    Url: disk.url,
    UserBucket: disk.url === undefined ? objectOf(disk) : undefined,
  };
}

function objectOf({ bucket, objectKey }: DiskContainerConfig): ObjectProperties | undefined {
  return bucket === undefined || objectKey === undefined ? undefined : { S3Bucket: bucket.bucketName, S3Key: objectKey };
}
