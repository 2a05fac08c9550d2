/**
 * Names that synthesis, the provider's functions and the command share.
 */

/** The custom resource of one segment of an import. */
export const IMAGE_RESOURCE_TYPE = 'Custom::VmImportImage';

/** The custom resource that registers an AMI, or keeps the properties of an imported AMI or of a named copy of it. */
export const AMI_RESOURCE_TYPE = 'Custom::VmImportAmi';

/** The custom resource that copies a disk into a snapshot. */
export const SNAPSHOT_RESOURCE_TYPE = 'Custom::VmImportSnapshot';

/** Import ids begin with this: `vm-import-<stack>-<resource>-<content>-<request>`. */
export const ID_PREFIX = 'vm-import-';

/** Matches every import id in a filter of EC2. */
export const ANY_ID = `${ID_PREFIX}*`;

/** Tag keys that begin with this are reserved for the library. */
export const TAG_PREFIX = 'cdk-vm-import:';

/** On the task, the AMI, its snapshots and the Image Builder image: the id of the import that made them. */
export const ID_TAG = `${TAG_PREFIX}id`;

/** On the AMI and its task: the ARN that ImportVmImage returned, because Image Builder lists a new image late. */
export const IMAGE_ARN_TAG = `${TAG_PREFIX}image-arn`;

/** On the AMI: the id of the task that made it, because EC2 forgets tasks. */
export const TASK_ID_TAG = `${TAG_PREFIX}import-task-id`;

/** On the AMI: the description that it had before the app set one. */
export const DESCRIPTION_TAG = `${TAG_PREFIX}description`;

/** On the AMI: the license type that the task reported, because no other record keeps it. */
export const LICENSE_TYPE_TAG = `${TAG_PREFIX}license-type`;

/** On the task: a digest of each disk image as it was when the task started. */
export const SOURCES_TAG = `${TAG_PREFIX}sources`;

/** On a snapshot that a disk is copied into: the ETag of the object, without quotation marks. */
export const SOURCE_ETAG_TAG = `${TAG_PREFIX}source-etag`;

/** On the snapshot of a boot disk: the architecture of its machine. */
export const ARCHITECTURE_TAG = `${TAG_PREFIX}architecture`;

/** On the snapshot of a boot disk: the boot mode of its machine, if it is known. */
export const BOOT_MODE_TAG = `${TAG_PREFIX}boot-mode`;

/** The source of the events that the library sends to Amazon EventBridge. */
export const EVENT_SOURCE = 'cdk-vm-import';

/** The detail types of these events, by how the import ended. */
export const DETAIL_TYPES = { succeeded: 'VM Import Succeeded', failed: 'VM Import Failed' } as const;

export type DetailType = (typeof DETAIL_TYPES)[keyof typeof DETAIL_TYPES];

/**
 * Returns an image name as it appears in the ARN of the image: in lower case, with spaces and underscores as hyphens.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImageBuildVersions.html
 */
export function imageNameInArn(name: string): string {
  return name.toLowerCase().replace(/[ _]/g, '-');
}
