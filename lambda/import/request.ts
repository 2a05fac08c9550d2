import type { S3Object } from '../../src/shared/s3-object-url';
import { PropertyReader } from '../cloudformation/property-reader';
import type { CloudFormationRequest, UpdateRequest } from '../cloudformation/requests';

/** EC2's ImportImage parameters, in EC2's own names, less those that are the library's own business. */
export interface ImportImageParameters {
  readonly Architecture?: string;
  readonly BootMode?: string;
  readonly ClientData?: {
    readonly Comment?: string;
    readonly UploadEnd?: Date;
    readonly UploadSize?: number;
    readonly UploadStart?: Date;
  };
  readonly Description?: string;
  readonly DiskContainers: readonly DiskContainer[];
  readonly Encrypted?: boolean;
  readonly Hypervisor?: string;
  readonly KmsKeyId?: string;
  readonly LicenseSpecifications?: readonly { readonly LicenseConfigurationArn: string }[];
  readonly LicenseType?: string;
  readonly Platform?: string;
  readonly RoleName: string;
  readonly UsageOperation?: string;
}

export interface DiskContainer {
  readonly Description?: string;
  readonly DeviceName?: string;
  readonly Format?: string;
  readonly SnapshotId?: string;
  readonly Url?: string;
  readonly UserBucket?: { readonly S3Bucket: string; readonly S3Key: string };
}

/** Image Builder's ImportVmImage parameters, in Image Builder's own names. */
export interface ImportVmImageParameters {
  readonly name: string;
  readonly semanticVersion: string;
  readonly description?: string;
  readonly platform: string;
  readonly osVersion?: string;
  readonly loggingConfiguration?: { readonly logGroupName: string };
}

/** Where the AMI comes from: a task that this import starts, or one that somebody already ran. */
export type ImportSource =
  | { readonly kind: 'import'; readonly parameters: ImportImageParameters }
  | { readonly kind: 'adopt'; readonly importTaskId: string };

/** What a `Custom::VmImportImage` resource asks for. */
export interface ImportRequest {
  readonly source: ImportSource;
  readonly image: ImportVmImageParameters;
  /** Not sent to AWS; a new value is a new import. */
  readonly revision?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Keys of tags that the previous version of the resource had and this one has not. */
  readonly retiredTagKeys: readonly string[];
  /** How often a task that AWS failed is started, in all. */
  readonly maxAttempts: number;
  /** Whether the disks are looked at before an import starts. */
  readonly preflight: 'on' | 'off';
  /** The disk images to delete once the image stands. */
  readonly deleteSources: readonly S3Object[];
  /** The name that the end of the import is announced under; none where it is not. */
  readonly events?: string;
  readonly segment: Segment;
  /** The name that a copy of the AMI is to have; not part of the import. */
  readonly amiName?: string;
}

/** One of the custom resources that an import is spread over, each within CloudFormation's hour. */
export interface Segment {
  /** Counted from 1; the first one owns the import. */
  readonly index: number;
  readonly count: number;
  /** Seconds that this segment may take. */
  readonly budget: number;
  /** Seconds that the whole import may take. */
  readonly timeout: number;
  /** The physical id of the segment before this one; the first one has none. */
  readonly previous?: string;
  /** What the segment before this one has left; see `outcome.ts`. */
  readonly previousOutcome: string;
}

const DEFAULT_MAX_ATTEMPTS = 2;

/** Reads the properties of a request; what is wrong with them is a `Failure` that says so. */
export function parseRequest(request: CloudFormationRequest): ImportRequest {
  const properties = new PropertyReader('ResourceProperties', request.ResourceProperties);
  const tags = properties.map('Tags');
  const previousTags =
    request.RequestType === 'Update' ? new PropertyReader('OldResourceProperties', request.OldResourceProperties).map('Tags') : {};
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
    preflight: properties.optional('Preflight') === 'false' ? 'off' : 'on',
    deleteSources,
    events: properties.optional('Events'),
    amiName: properties.optional('AmiName'),
    segment: {
      index,
      count,
      budget: properties.number('Budget'),
      timeout: properties.number('Timeout'),
      previous: properties.optional('ImportId'),
      // Before it deletes disks, the last segment looks for itself.
      previousOutcome: (index === count && deleteSources.length > 0 ? undefined : properties.optional('PreviousOutcome')) ?? '',
    },
  };
}

/** Reads the properties that an update changes. */
export function parsePreviousRequest(request: UpdateRequest): ImportRequest {
  return parseRequest({ ...request, RequestType: 'Create', ResourceProperties: request.OldResourceProperties });
}

function parseSource(properties: PropertyReader): ImportSource {
  const importTaskId = properties.optional('ImportTaskId');
  if (importTaskId !== undefined) {
    return { kind: 'adopt', importTaskId };
  }
  const importImage = properties.child('ImportImage');
  const encrypted = importImage.optional('Encrypted');
  return {
    kind: 'import',
    parameters: {
      ...importImage.strings('Architecture', 'BootMode', 'Description', 'Hypervisor', 'KmsKeyId', 'LicenseType', 'Platform', 'UsageOperation'),
      ...(importImage.has('ClientData') ? { ClientData: parseClientData(importImage.child('ClientData')) } : {}),
      DiskContainers: importImage.children('DiskContainers').map(parseDiskContainer),
      ...(encrypted === undefined ? {} : { Encrypted: encrypted === 'true' }),
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

function parseClientData(clientData: PropertyReader): ImportImageParameters['ClientData'] {
  return {
    ...clientData.strings('Comment'),
    ...(clientData.has('UploadEnd') ? { UploadEnd: clientData.date('UploadEnd') } : {}),
    ...(clientData.has('UploadSize') ? { UploadSize: clientData.number('UploadSize') } : {}),
    ...(clientData.has('UploadStart') ? { UploadStart: clientData.date('UploadStart') } : {}),
  };
}

function parseDiskContainer(container: PropertyReader): DiskContainer {
  const bucket = container.has('UserBucket') ? container.child('UserBucket') : undefined;
  return {
    ...container.strings('Description', 'DeviceName', 'Format', 'SnapshotId', 'Url'),
    ...(bucket ? { UserBucket: { S3Bucket: bucket.string('S3Bucket'), S3Key: bucket.string('S3Key') } } : {}),
  };
}

function parseImportVmImage(image: PropertyReader): ImportVmImageParameters {
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
