import { CustomResource, IResolvable } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IDependable } from 'constructs';
import type { DiskContainerConfig } from '../disk-container';
import type { VmImportImageProps } from '../vm-import-image';
import { Segment } from './resource/segments';

/** Where the AMI comes from. */
export type ImportSource =
  | {
    readonly kind: 'disks';
    readonly disks: readonly DiskContainerConfig[];
    readonly role: iam.IRole;
    /** What gives the role its permissions. */
    readonly permissions: IDependable;
  }
  | { readonly kind: 'task'; readonly importTaskId: string };

/** What all segments of an import say of it: everything but the segment. */
export interface ImportDescription {
  readonly source: ImportSource;
  readonly imageName: string;
  readonly props: VmImportImageProps;
  readonly tags: IResolvable;
  /** The name that the end of the import is announced under; nothing where nobody asks for events. */
  readonly events: IResolvable;
}

/** The properties of the custom resource of one segment. `lambda/request.ts` reads them. */
export function importProperties(description: ImportDescription, segment: Segment, previous?: CustomResource): Record<string, unknown> {
  const { source, imageName, props, tags, events } = description;
  return {
    ...sourceProperties(source, props),
    ImportVmImage: {
      name: imageName,
      semanticVersion: props.semanticVersion,
      description: props.description,
      platform: props.platform,
      osVersion: props.osVersion,
      loggingConfiguration: props.logGroup && { logGroupName: props.logGroup.logGroupName },
    },
    Revision: props.revision,
    // So that a name which is taken fails at once, and not after the import.
    AmiName: segment.index === 1 ? props.ami?.name : undefined,
    MaxAttempts: props.maxAttempts,
    // The handlers look unless they are told not to.
    Preflight: props.preflight === false ? false : undefined,
    DeleteSources: deletedObjects(source),
    Tags: tags,
    Events: events,
    Segment: segment.index,
    Segments: segment.count,
    Budget: segment.budget,
    Timeout: segment.timeout,
    ImportId: previous?.ref,
    PreviousOutcome: previous?.getAttString('Outcome'),
  };
}

function sourceProperties(source: ImportSource, props: VmImportImageProps): Record<string, unknown> {
  switch (source.kind) {
    case 'task':
      return { ImportTaskId: source.importTaskId };
    case 'disks':
      return {
        ImportImage: {
          Architecture: props.architecture,
          BootMode: props.bootMode,
          ClientData: props.clientData && {
            Comment: props.clientData.comment,
            UploadEnd: props.clientData.uploadEnd,
            UploadSize: props.clientData.uploadSize,
            UploadStart: props.clientData.uploadStart,
          },
          Description: props.importDescription,
          DiskContainers: source.disks.map(diskProperties),
          Encrypted: props.encrypted ?? (props.encryptionKey && true),
          Hypervisor: props.hypervisor,
          KmsKeyId: props.encryptionKey?.keyArn,
          LicenseSpecifications: props.licenseConfigurationArns?.map((arn) => ({ LicenseConfigurationArn: arn })),
          LicenseType: props.licenseType,
          Platform: props.platform,
          RoleName: source.role.roleName,
          UsageOperation: props.usageOperation,
        },
      };
  }
}

/** No part of what is imported: to delete it, or not, is no other import. */
function deletedObjects(source: ImportSource): readonly object[] | undefined {
  const deleted = source.kind === 'disks' ? source.disks.filter((disk) => disk.deleteSourceOnSuccess) : [];
  return deleted.length === 0 ? undefined : deleted.map(({ bucket, objectKey }) => ({ S3Bucket: bucket?.bucketName, S3Key: objectKey }));
}

function diskProperties(disk: DiskContainerConfig): Record<string, unknown> {
  return {
    Description: disk.description,
    DeviceName: disk.deviceName,
    Format: disk.format,
    SnapshotId: disk.snapshotId,
    Url: disk.url,
    UserBucket: disk.bucket && disk.url === undefined ? { S3Bucket: disk.bucket.bucketName, S3Key: disk.objectKey } : undefined,
  };
}
