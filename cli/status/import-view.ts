/** Everything that `status` shows of one import. */
export interface ImportView {
  /** The value of the tag `cdk-vm-import:id`; undefined until an import task carries it. */
  readonly id?: string;
  /** Undefined if the stack is gone. */
  readonly stackName?: string;
  readonly stackId?: string;
  readonly logicalId?: string;
  readonly imageName?: string;
  /** `x.y.z`, followed by `/build` once Image Builder has assigned a build number. */
  readonly imageVersion?: string;
  readonly taskId?: string;
  readonly amiId?: string;
  readonly imageArn?: string;
  /** The snapshot that a disk is copied into. */
  readonly snapshotId?: string;
  /** Copies of the AMI, made to give it a name. */
  readonly copies?: readonly AmiCopy[];
  /** When CloudFormation requested it, in milliseconds since the epoch; undefined if no stack event says so. */
  readonly startedAt?: number;
  /** When it succeeded or failed, in milliseconds since the epoch. */
  readonly finishedAt?: number;
  readonly stage: Stage;
}

/** A copy of the AMI, made for `ami.name`. */
export interface AmiCopy {
  readonly amiId: string;
  readonly name: string;
  /** The state in EC2's words. */
  readonly state: string;
}

/** How far the copy of a disk is, about. */
export interface CopyProgress {
  /** Blocks of BLOCK_SIZE bytes. */
  readonly blocks: number;
  readonly blocksWritten: number;
  /** Since the copy began; undefined before the first block. */
  readonly bytesPerSecond?: number;
}

export type Stage =
  /** There is no task yet. Positions start at 1 and follow the time of the request; EC2 does not promise this order. */
  | { readonly kind: 'queued'; readonly position: number; readonly of: number }
  /** The status of the task in EC2's words, and its progress in percent if EC2 reports one. */
  | { readonly kind: 'importing'; readonly status: string; readonly progress?: number }
  /** The AMI exists and is tagged and handed to Image Builder. */
  | { readonly kind: 'tagging' }
  | { readonly kind: 'image-builder'; readonly status: string }
  /** The image exists, and the AMI is copied to get its name. */
  | { readonly kind: 'copying'; readonly name: string }
  /** A disk is copied into a snapshot. Before the copy runs, nothing is known of it. */
  | { readonly kind: 'writing'; readonly copy?: CopyProgress }
  | { readonly kind: 'available' }
  | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string };

/** Returns whether the import still runs or waits. */
export function isRunning({ stage }: ImportView): boolean {
  return stage.kind !== 'available' && stage.kind !== 'failed';
}

const ORDER: readonly Stage['kind'][] = ['importing', 'writing', 'tagging', 'image-builder', 'copying', 'queued', 'failed', 'available'];

/** Sorts: running, waiting, failed, available; within each by position and by name. */
export function inReadingOrder(views: readonly ImportView[]): ImportView[] {
  const key = ({ stackName, imageName, imageVersion, id }: ImportView) => [stackName, imageName, imageVersion, id].join('\n');
  const position = ({ stage }: ImportView) => (stage.kind === 'queued' ? stage.position : 0);
  return [...views].sort((a, b) =>
    ORDER.indexOf(a.stage.kind) - ORDER.indexOf(b.stage.kind) || position(a) - position(b) || (key(a) < key(b) ? -1 : 1));
}
