import type { ClientDataProperties, DiskContainerProperties, ImageResourceProperties, ImportImageProperties, ImportVmImageProperties } from '../../src/shared/contract/image-resource';
import { DEFAULT_MAX_ATTEMPTS } from '../../src/shared/contract/limits';
import { imageNameInArn } from '../../src/shared/contract/names';
import type { S3Object } from '../../src/shared/s3-object-url';
import type { StackLocation } from '../cloudformation/physical-id';
import { PropertyReader } from '../cloudformation/property-reader';
import type { CloudFormationRequest, UpdateRequest } from '../cloudformation/requests';

/** EC2's ImportImage parameters, as the SDK expects them. */
export interface ImportImageParameters extends Omit<ImportImageProperties, 'ClientData'> {
  readonly ClientData?: {
    readonly Comment?: string;
    readonly UploadEnd?: Date;
    readonly UploadSize?: number;
    readonly UploadStart?: Date;
  };
}

/** Where the AMI comes from: a task that this import starts, or a task that already ran. */
export type ImportSource =
  | { readonly kind: 'import'; readonly parameters: ImportImageParameters }
  | { readonly kind: 'adopt'; readonly importTaskId: string };

/** What a `Custom::VmImportImage` resource requests; the contract has the meaning of each property. */
export interface ImportRequest {
  readonly source: ImportSource;
  readonly image: ImportVmImageProperties;
  readonly revision?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Keys of tags that the previous version of the resource had and this one does not. */
  readonly retiredTagKeys: readonly string[];
  readonly maxAttempts: number;
  /** Whether the disks are inspected before an import starts. */
  readonly preflight: 'on' | 'off';
  readonly deleteSources: readonly S3Object[];
  readonly segment: Segment;
  readonly amiName?: string;
}

/** An import as every pass sees it. */
export interface Import {
  readonly id: string;
  readonly request: ImportRequest;
  readonly location: StackLocation;
}

/** Returns the ARN of the image version under which Image Builder lists the image of an import. */
export function imageVersionArn({ location: { partition, region, account }, request: { image } }: Omit<Import, 'id'>): string {
  return `arn:${partition}:imagebuilder:${region}:${account}:image/${imageNameInArn(image.name)}/${image.semanticVersion}`;
}

/** Returns the user's own snapshots that the disks come from. The library never tags or deletes them. */
export function sourceSnapshotIds({ request: { source } }: Pick<Import, 'request'>): ReadonlySet<string> {
  return new Set(source.kind === 'import' ? source.parameters.DiskContainers.flatMap((container) => container.SnapshotId ?? []) : []);
}

/** One of the custom resources that share the time of an import. Each stays within CloudFormation's hour. */
export interface Segment {
  /** Counted from 1. The first segment owns the import. */
  readonly index: number;
  readonly count: number;
  /** Seconds that this segment may take. */
  readonly budget: number;
  /** Seconds that the whole import may take. */
  readonly timeout: number;
  /** The physical id of the segment before this one. The first segment has none. */
  readonly previous?: string;
  /** The attribute `Outcome` of the segment before this one; see `handover.ts`. */
  readonly previousOutcome: string;
}

/**
 * Parses the properties of a request.
 *
 * @throws Failure that names a property of the wrong form
 */
export function parseRequest(request: CloudFormationRequest): ImportRequest {
  const properties = new PropertyReader<ImageResourceProperties>('ResourceProperties', request.ResourceProperties);
  const tags = properties.map('Tags');
  const previousTags = request.RequestType === 'Update'
    ? new PropertyReader<ImageResourceProperties>('OldResourceProperties', request.OldResourceProperties).map('Tags')
    : {};
  const deleteSources = properties.has('DeleteSources')
    ? properties.children('DeleteSources').map((object) => ({ bucketName: object.string('S3Bucket'), key: object.string('S3Key') }))
    : [];
  const [index, count] = [properties.number('Segment'), properties.number('Segments')];
  return {
    source: parseSource(properties),
    image: parseImportVmImage(properties.child('ImportVmImage')),
    revision: properties.optional('Revision'),
    tags,
    retiredTagKeys: Object.keys(previousTags).filter((key) => !(key in tags)),
    maxAttempts: properties.has('MaxAttempts') ? properties.number('MaxAttempts') : DEFAULT_MAX_ATTEMPTS,
    preflight: properties.has('Preflight') && !properties.boolean('Preflight') ? 'off' : 'on',
    deleteSources,
    amiName: properties.optional('AmiName'),
    segment: {
      index,
      count,
      budget: properties.number('Budget'),
      timeout: properties.number('Timeout'),
      previous: properties.optional('ImportId'),
      // Before it deletes disks, the last segment observes the import itself.
      previousOutcome: (index === count && deleteSources.length > 0 ? undefined : properties.optional('PreviousOutcome')) ?? '',
    },
  };
}

/** Parses the properties that an update replaces. */
export function parsePreviousRequest(request: UpdateRequest): ImportRequest {
  return parseRequest({ ...request, RequestType: 'Create', ResourceProperties: request.OldResourceProperties });
}

function parseSource(properties: PropertyReader<ImageResourceProperties>): ImportSource {
  const importTaskId = properties.optional('ImportTaskId');
  if (importTaskId !== undefined) {
    return { kind: 'adopt', importTaskId };
  }
  const importImage = properties.child('ImportImage');
  return {
    kind: 'import',
    parameters: {
      ...importImage.strings('Architecture', 'BootMode', 'Description', 'Hypervisor', 'KmsKeyId', 'LicenseType', 'Platform', 'UsageOperation'),
      ...(importImage.has('ClientData') ? { ClientData: parseClientData(importImage.child('ClientData')) } : {}),
      DiskContainers: importImage.children('DiskContainers').map(parseDiskContainer),
      ...(importImage.has('Encrypted') ? { Encrypted: importImage.boolean('Encrypted') } : {}),
      ...(importImage.has('LicenseSpecifications')
        ? {
          LicenseSpecifications: importImage
            .children('LicenseSpecifications')
            .map((item) => ({ LicenseConfigurationArn: item.string('LicenseConfigurationArn') })),
        }
        : {}),
      RoleName: importImage.string('RoleName'),
    },
  };
}

function parseClientData(clientData: PropertyReader<ClientDataProperties>): ImportImageParameters['ClientData'] {
  return {
    ...clientData.strings('Comment'),
    ...(clientData.has('UploadEnd') ? { UploadEnd: clientData.date('UploadEnd') } : {}),
    ...(clientData.has('UploadSize') ? { UploadSize: clientData.number('UploadSize') } : {}),
    ...(clientData.has('UploadStart') ? { UploadStart: clientData.date('UploadStart') } : {}),
  };
}

function parseDiskContainer(container: PropertyReader<DiskContainerProperties>): DiskContainerProperties {
  const bucket = container.has('UserBucket') ? container.child('UserBucket') : undefined;
  return {
    ...container.strings('Description', 'DeviceName', 'Format', 'SnapshotId', 'Url'),
    ...(bucket ? { UserBucket: { S3Bucket: bucket.string('S3Bucket'), S3Key: bucket.string('S3Key') } } : {}),
  };
}

function parseImportVmImage(image: PropertyReader<ImportVmImageProperties>): ImportVmImageProperties {
  return {
    name: image.string('name'),
    semanticVersion: image.string('semanticVersion'),
    platform: image.string('platform'),
    ...image.strings('description', 'osVersion'),
    ...(image.has('loggingConfiguration')
      ? { loggingConfiguration: { logGroupName: image.child('loggingConfiguration').string('logGroupName') } }
      : {}),
  };
}
