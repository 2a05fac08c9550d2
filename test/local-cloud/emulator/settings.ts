/** What an account's service is like; times are milliseconds of the emulator's clock. */
export interface Settings {
  readonly region: string;
  readonly account: string;
  /** How long an import task takes from request to AMI. */
  readonly taskDurationMs: number;
  /** How long a failed or cancelled task is `deleting` before it is `deleted`. */
  readonly taskDeletingMs: number;
  /**
   * Where an active task tells its phase. What is seen of EC2 is Status `active` with the phase as StatusMessage;
   * the API reference also has phases among the values of Status.
   */
  readonly phaseIn: 'statusMessage' | 'status';
  /** How long after its end a task can still be described; AWS forgets old ones. */
  readonly taskRetentionMs: number;
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
  /** How long an AMI that RegisterImage made is pending. */
  readonly registrationDurationMs: number;
  /** How long a snapshot stays pending after CompleteSnapshot. */
  readonly snapshotCompletionMs: number;
  /** How long the EBS direct APIs do not find a snapshot that was just started, although StartSnapshot answered (awslabs/coldsnap#43, #56). */
  readonly snapshotVisibleAfterMs: number;
  /** How long a PutSnapshotBlock writes; meanwhile another write of the same block is a CONFLICTING_BLOCK_UPDATE. */
  readonly blockWriteMs: number;
  /** Whether blocks are stored, or only counted and their checksums verified. */
  readonly blocks: 'stored' | 'counted';
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
  taskDurationMs: 20 * MINUTE,
  taskDeletingMs: MINUTE,
  phaseIn: 'statusMessage',
  taskRetentionMs: Infinity,
  imageDurationMs: MINUTE,
  copyDurationMs: MINUTE,
  blockPublicAccess: 'block-new-sharing',
  activeTaskQuota: 20,
  encryptionByDefault: false,
  registrationDurationMs: 5_000,
  snapshotCompletionMs: 10_000,
  snapshotVisibleAfterMs: 0,
  blockWriteMs: 0,
  blocks: 'stored',
  putSnapshotBlocksPerSecond: 1_000,
  startSnapshotsPerSecond: 10,
  completeSnapshotsPerSecond: 10,
  snapshotWritesPerSecond: 1_000,
  pendingSnapshotQuota: 100,
};
