/**
 * `Custom::VmImportImage`: what src/private/resource writes into the template, and what the provider's functions read and
 * return.
 */

/** The properties of one segment of an import. Segments of one import differ in the last six only. */
export interface ImageResourceProperties {
  /** The task to adopt. Exactly one of `ImportTaskId` and `ImportImage` is set. */
  readonly ImportTaskId?: string;
  readonly ImportImage?: ImportImageProperties;
  readonly ImportVmImage: ImportVmImageProperties;
  /** AWS does not see it. A new value starts a new import. */
  readonly Revision?: string;
  /** For people: another value in `cdk diff` says that the change starts a new import. The functions do not read it. Only the first segment has it. */
  readonly ImportedContent?: string;
  /** The name of the AMI copy that will follow, so that a name in use fails the import at once. Only the first segment has it. */
  readonly AmiName?: string;
  /** How often a task that AWS failed is started in all. */
  readonly MaxAttempts?: number;
  /** `false` skips the look at the disks. */
  readonly Preflight?: boolean;
  /** The objects to delete when the image is available. Changing them does not start a new import. */
  readonly DeleteSources?: readonly ObjectProperties[];
  readonly Tags?: Readonly<Record<string, string>>;
  /** The name of the import in events. Absent if nobody listens. */
  readonly Events?: string;
  /** The index of this segment, counted from 1. The first segment owns the import. */
  readonly Segment: number;
  /** The number of segments. */
  readonly Segments: number;
  /** Seconds that this segment may take. */
  readonly Budget: number;
  /** Seconds that the whole import may take. */
  readonly Timeout: number;
  /** The physical id of the segment before this one. The first segment has none. */
  readonly ImportId?: string;
  /** The attribute `Outcome` of the segment before this one. */
  readonly PreviousOutcome?: string;
}

/** The parameters of EC2's ImportImage under their own names. The library sets the client token and the tags itself. */
export interface ImportImageProperties {
  readonly Architecture?: string;
  readonly BootMode?: string;
  readonly ClientData?: ClientDataProperties;
  readonly Description?: string;
  readonly DiskContainers: readonly DiskContainerProperties[];
  readonly Encrypted?: boolean;
  readonly Hypervisor?: string;
  readonly KmsKeyId?: string;
  readonly LicenseSpecifications?: readonly { readonly LicenseConfigurationArn: string }[];
  readonly LicenseType?: string;
  readonly Platform?: string;
  readonly RoleName: string;
  readonly UsageOperation?: string;
}

export interface ClientDataProperties {
  readonly Comment?: string;
  /** An ISO 8601 time. */
  readonly UploadEnd?: string;
  /** Gigabytes. */
  readonly UploadSize?: number;
  /** An ISO 8601 time. */
  readonly UploadStart?: string;
}

export interface DiskContainerProperties {
  readonly Description?: string;
  readonly DeviceName?: string;
  readonly Format?: string;
  readonly SnapshotId?: string;
  readonly Url?: string;
  readonly UserBucket?: ObjectProperties;
}

export interface ObjectProperties {
  readonly S3Bucket: string;
  readonly S3Key: string;
}

/** The parameters of Image Builder's ImportVmImage under their own names. */
export interface ImportVmImageProperties {
  readonly name: string;
  readonly semanticVersion: string;
  readonly description?: string;
  readonly platform: string;
  readonly osVersion?: string;
  readonly loggingConfiguration?: { readonly logGroupName: string };
}

/**
 * The attributes of the last segment. Each is always present, because `Fn::GetAtt` of a missing attribute fails the stack.
 * With 21 snapshots and the longest image name they fit into CloudFormation's limit of 4,096 bytes.
 */
export type ImageResourceAttributes = {
  readonly ImageArn: string;
  readonly AmiId: string;
  readonly ImportTaskId: string;
  /** Joined with commas. */
  readonly SnapshotIds: string;
  readonly ImageName: string;
  /** `<x.y.z>/<build>` */
  readonly ImageVersion: string;
  readonly Architecture: string;
  readonly LicenseType: string;
  readonly UsageOperation: string;
  readonly BootMode: string;
};

/** The attribute of every other segment. */
export type SegmentAttributes = {
  /** How the import ended, for the next segment. Empty while the import continues. */
  readonly Outcome: string;
};
