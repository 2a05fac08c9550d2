import type { Answers } from './unknowns';

/** What an account's service is like; times are milliseconds of the emulator's clock. */
export interface Settings {
  readonly region: string;
  readonly account: string;
  /** How AWS behaves where its documentation leaves it open; what is not given is as assumed. */
  readonly answers: Partial<Answers>;
  /** How long an import task takes from request to AMI. */
  readonly taskDurationMs: number;
  /** How long a failed or cancelled task is `deleting` before it is `deleted`. */
  readonly taskDeletingMs: number;
  /** How long Image Builder takes from the completed task to the AVAILABLE image. */
  readonly imageDurationMs: number;
  /** How long a copy of an AMI is pending. */
  readonly copyDurationMs: number;
  /** Whether the account lets nobody share AMIs publicly. */
  readonly blockPublicAccess: 'block-new-sharing' | 'unblocked';
  /** @see https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html */
  readonly activeTaskQuota: number;
  /** Whether the account encrypts every new volume and snapshot. @see https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html */
  readonly encryptionByDefault: boolean;
  /** The ARN of the account's default key for EBS encryption; the key `aws/ebs` that AWS manages unless given. */
  readonly defaultKmsKeyId?: string;
  /** Who may use that default key: VM Import/Export must be granted a customer managed key (User Guide, service role, step 4), the copier of an AMI as well. */
  readonly defaultKeyGrantedTo: 'nobody' | 'everybody';
  /** How old an AMI, snapshot or image is when the person or lifecycle policy of the answer `person` comes. */
  readonly personComesAfterMs: number;
  /** How long an AMI that RegisterImage made is pending. */
  readonly registrationDurationMs: number;
  /** How long a snapshot stays pending after CompleteSnapshot. */
  readonly snapshotCompletionMs: number;
  /** How long a PutSnapshotBlock writes; meanwhile another write of the same block is a CONFLICTING_BLOCK_UPDATE. */
  readonly blockWriteMs: number;
  /** Whether blocks are stored, or only counted and their checksums verified. */
  readonly blocks: 'stored' | 'counted';
  /** Whether EC2 limits Describe* requests as documented: a bucket of 100, which fills by 20 a second, for the account. */
  readonly describeLimit: 'none' | 'documented';
  /** The quotas of the EBS direct APIs: https://docs.aws.amazon.com/general/latest/gr/ebs-service.html#limits_ebs. Requests a second of the account… */
  readonly putSnapshotBlocksPerSecond: number;
  readonly startSnapshotsPerSecond: number;
  readonly completeSnapshotsPerSecond: number;
  /** …PutSnapshotBlock requests a second of one snapshot… */
  readonly snapshotWritesPerSecond: number;
  /** …and snapshots that are pending at once. */
  readonly pendingSnapshotQuota: number;
}

const MINUTE = 60_000;

export const DEFAULT_SETTINGS: Settings = {
  region: 'us-east-1',
  account: '000000000000',
  answers: {},
  taskDurationMs: 20 * MINUTE,
  taskDeletingMs: MINUTE,
  imageDurationMs: MINUTE,
  copyDurationMs: MINUTE,
  blockPublicAccess: 'block-new-sharing',
  activeTaskQuota: 20,
  encryptionByDefault: false,
  defaultKeyGrantedTo: 'nobody',
  personComesAfterMs: 2 * MINUTE,
  registrationDurationMs: 5_000,
  snapshotCompletionMs: 10_000,
  blockWriteMs: 0,
  blocks: 'stored',
  describeLimit: 'none',
  putSnapshotBlocksPerSecond: 1_000,
  startSnapshotsPerSecond: 10,
  completeSnapshotsPerSecond: 10,
  snapshotWritesPerSecond: 1_000,
  pendingSnapshotQuota: 100,
};
