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
};
