/**
 * The heart of the product: decides the next action towards an image from an observation and nothing else. The function is
 * pure, so tests cover every state. `observe.ts` makes the observation, `act.ts` performs the action.
 */
import type { Phase } from './handover';
import type { ImportImageParameters, ImportSource } from './request';
import type { Turn } from './turn';
import { isAccessRefused } from '../aws/errors';
import type { TagChange } from '../aws/tags';
import type { Wait } from '../aws/wait-out-errors';
import { EC2_SETTLES_AFTER, IMAGE_BUILDER_SETTLES_AFTER, REFUSED_TASKS_END_WITHIN } from '../timing';

/** All import tasks of one import together. */
export type TaskObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'active'; readonly taskId: string; readonly status: string; readonly progress: string }
  | { readonly kind: 'completed'; readonly taskId: string }
  /** About to fail. The reason is known already. */
  | { readonly kind: 'failing'; readonly taskId: string; readonly reason: string; /** See `failed`. */ readonly refused: number }
  /** Every attempt ended without an AMI. */
  | {
    readonly kind: 'failed';
    readonly taskId: string;
    readonly reason: string;
    readonly attempts: number;
    /** How many of the attempts could not read the disk. */
    readonly refused: number;
    readonly snapshotIds: readonly string[];
  };

export type AmiObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'pending'; readonly amiId: string }
  | { readonly kind: 'failed'; readonly amiId: string; readonly reason: string }
  | {
    readonly kind: 'available';
    readonly amiId: string;
    readonly taskId: string;
    /** The image that was made of the AMI, also if it is gone. */
    readonly imageArn?: string;
  };

export type ImageObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'in-progress'; readonly arn: string; readonly status: string }
  | { readonly kind: 'failed'; readonly arn: string; readonly status: string; readonly reason: string }
  | { readonly kind: 'available'; readonly arn: string };

export interface ImportObserved {
  readonly task: TaskObserved;
  readonly ami: AmiObserved;
  readonly image: ImageObserved;
  /** Tags that are not as wanted yet. */
  readonly tagChanges: readonly TagChange[];
}

/** What the decision depends on besides the observation. */
export interface ImportCircumstances {
  readonly source: ImportSource;
  readonly phase: Phase;
  /** Seconds since this segment was requested. */
  readonly elapsed: number;
  /** How often a task that AWS failed (ServerError) is started in all. */
  readonly maxAttempts: number;
  /** Whether this pass may ask EC2 to start a task; see `turn.ts`. */
  readonly turn: Turn;
}

export type ImportAction =
  | { readonly kind: 'done' }
  | Wait
  | { readonly kind: 'fail'; readonly reason: string }
  /** Somebody deleted what an update needs. A rollback goes on without it. */
  | { readonly kind: 'gone'; readonly reason: string }
  | {
    readonly kind: 'import-image';
    readonly parameters: ImportImageParameters;
    readonly attempt: number;
    readonly leftoverSnapshotIds: readonly string[];
  }
  | { readonly kind: 'tag'; readonly changes: readonly TagChange[] }
  | { readonly kind: 'import-vm-image'; readonly taskId: string; readonly amiId: string };

const IMPORT_AGAIN = 'Set or change "revision" of the VmImportImage to import the disk again';

export function decideImport(observed: ImportObserved, circumstances: ImportCircumstances): ImportAction {
  switch (observed.image.kind) {
    case 'available':
      return observed.tagChanges.length > 0 ? { kind: 'tag', changes: observed.tagChanges } : decideWithImage(observed, circumstances);
    case 'in-progress':
      return { kind: 'wait', on: `Image Builder image ${observed.image.arn} is ${observed.image.status}` };
    case 'failed':
      return { kind: 'fail', reason: `Image Builder image ${observed.image.arn} is ${observed.image.status}: ${observed.image.reason}` };
    case 'none':
      return decideWithoutImage(observed, circumstances);
  }
}

/** Without the AMI, an update would answer empty attributes, and other resources would be made of them. */
function decideWithImage({ ami }: ImportObserved, { phase, elapsed }: ImportCircumstances): ImportAction {
  if (phase === 'creating' || ami.kind !== 'none') {
    return { kind: 'done' };
  }
  return elapsed < EC2_SETTLES_AFTER ? { kind: 'wait', on: 'EC2 to show the AMI of the import' } : { kind: 'gone', reason: `The AMI of this VM import no longer exists. ${IMPORT_AGAIN}.` };
}

function decideWithoutImage({ task, ami, tagChanges }: ImportObserved, circumstances: ImportCircumstances): ImportAction {
  if (task.kind === 'active') {
    return { kind: 'wait', on: task.status, progress: task.progress, taskId: task.taskId };
  }
  switch (ami.kind) {
    case 'available':
      if (circumstances.phase === 'updating' && (ami.imageArn !== undefined || circumstances.source.kind === 'adopt')) {
        return decideGoneImage(circumstances);
      }
      return tagChanges.length > 0
        ? { kind: 'tag', changes: tagChanges }
        : { kind: 'import-vm-image', taskId: ami.taskId, amiId: ami.amiId };
    case 'pending':
      return { kind: 'wait', on: `AMI ${ami.amiId} is pending` };
    case 'failed':
      return { kind: 'fail', reason: `AMI ${ami.amiId} of the import failed: ${ami.reason}` };
    case 'none':
      return decideByTask(task, circumstances);
  }
}

/** An image existed before the update. Image Builder may list it late, and would not make another one for the same token. */
function decideGoneImage({ elapsed }: ImportCircumstances): ImportAction {
  return elapsed < IMAGE_BUILDER_SETTLES_AFTER
    ? { kind: 'wait', on: 'Image Builder, which may not list the image yet' }
    : { kind: 'gone', reason: `The Image Builder image of this VM import no longer exists. ${IMPORT_AGAIN}.` };
}

function decideByTask(task: Exclude<TaskObserved, { kind: 'active' }>, circumstances: ImportCircumstances): ImportAction {
  switch (task.kind) {
    case 'completed':
      return circumstances.phase === 'creating' || circumstances.elapsed < EC2_SETTLES_AFTER
        ? { kind: 'wait', on: `the AMI of ${task.taskId} is not visible yet`, taskId: task.taskId }
        : { kind: 'gone', reason: `The AMI of VM import ${task.taskId} no longer exists. ${IMPORT_AGAIN}.` };
    case 'failing':
      return isServerError(task.reason) || mayNotReadYet(task, circumstances)
        ? { kind: 'wait', on: `${task.taskId} is ending: ${task.reason}`, taskId: task.taskId }
        : { kind: 'fail', reason: taskFailure(task.taskId, task.reason) };
    case 'failed':
      return decideAfterFailure(task, circumstances);
    case 'none':
      return decideWithoutTask(circumstances);
  }
}

/** Attempts that could not read the disk and do not count as attempts. There is time for no more. */
const MOST_REFUSED = 8;

/** A failure of the service is worth another attempt, and so is a role that was made a moment ago. A failure of the disk is not. */
function decideAfterFailure(task: TaskObserved & { readonly kind: 'failed' }, circumstances: ImportCircumstances): ImportAction {
  const { source, phase, maxAttempts, turn } = circumstances;
  const isWorthAnother = isServerError(task.reason)
    ? task.attempts < maxAttempts + Math.min(task.refused, MOST_REFUSED)
    : mayNotReadYet(task, circumstances);
  return source.kind === 'import' && phase === 'creating' && isWorthAnother
    ? startInTurn(turn, { kind: 'import-image', parameters: source.parameters, attempt: task.attempts + 1, leftoverSnapshotIds: task.snapshotIds })
    : { kind: 'fail', reason: taskFailure(task.taskId, task.reason) };
}

function startInTurn(turn: Turn, start: ImportAction & { readonly kind: 'import-image' }): ImportAction {
  return turn.kind === 'ask'
    ? start
    : { kind: 'wait', on: `a free slot: queued because EC2 has not started the import yet; the function asks EC2 again within ${turn.within} s`, queued: 'postponed' };
}

function decideWithoutTask({ source, phase, elapsed, turn }: ImportCircumstances): ImportAction {
  if (source.kind === 'import' && phase === 'creating') {
    return startInTurn(turn, { kind: 'import-image', parameters: source.parameters, attempt: 1, leftoverSnapshotIds: [] });
  }
  if (elapsed < EC2_SETTLES_AFTER) {
    return { kind: 'wait', on: 'EC2 does not list the import yet' };
  }
  return source.kind === 'import'
    ? { kind: 'gone', reason: `Nothing is left of this VM import. ${IMPORT_AGAIN}.` }
    : { kind: 'fail', reason: `The import task ${source.importTaskId} does not exist in this account and Region (EC2 forgets old tasks). Check importTaskId.` };
}

/** So many tasks that could not read the disk prove, after some minutes, that the role lacks a permission: an import may be queued between two of them. */
const REFUSED_FOR_GOOD = 4;

/** A task that could not read the disk may succeed once IAM has propagated the service role. */
function mayNotReadYet({ reason, refused }: { readonly reason: string; readonly refused: number }, { elapsed }: ImportCircumstances): boolean {
  return isAccessRefused(reason) && (elapsed < REFUSED_TASKS_END_WITHIN || refused < REFUSED_FOR_GOOD);
}

/** VM Import/Export tells its own failures from those of the disk by the first word of the status message. */
function isServerError(reason: string): boolean {
  return /^\s*ServerError\b/.test(reason);
}

function taskFailure(taskId: string, reason: string): string {
  return `VM import ${taskId} failed: ${reason}`;
}
