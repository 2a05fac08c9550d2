/**
 * The heart of the product: what to do next, decided from what was observed and nothing else. Pure, so that
 * every state can be checked. `observe.ts` makes the observations, `act.ts` performs the actions.
 */
import type { ImportImageParameters, ImportSource } from './request';
import type { Turn } from './turn';
import type { TagChange } from '../aws/tags';

// ---------------------------------------------------------------------------------------------- towards an image

/** The EC2 import tasks of one import, taken together. */
export type TaskObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'active'; readonly taskId: string; readonly status: string; readonly progress: string }
  | { readonly kind: 'completed'; readonly taskId: string }
  /** On its way to `failed`; the reason is known already. */
  | { readonly kind: 'failing'; readonly taskId: string; readonly reason: string }
  /** All attempts have ended without an AMI; the reason is that of the last one to be listed. */
  | {
    readonly kind: 'failed';
    readonly taskId: string;
    readonly reason: string;
    readonly attempts: number;
    readonly snapshotIds: readonly string[];
  };

export type AmiObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'pending'; readonly amiId: string }
  | { readonly kind: 'failed'; readonly amiId: string; readonly reason: string }
  | { readonly kind: 'available'; readonly amiId: string; readonly taskId: string };

export type ImageObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'in-progress'; readonly arn: string; readonly status: string }
  | { readonly kind: 'failed'; readonly arn: string; readonly status: string; readonly reason: string }
  | { readonly kind: 'available'; readonly arn: string };

export interface ImportObserved {
  readonly task: TaskObserved;
  readonly ami: AmiObserved;
  readonly image: ImageObserved;
  /** Tags that are not yet as wanted. */
  readonly tagChanges: readonly TagChange[];
}

/** What the decision knows beside the observation. */
export interface ImportCircumstances {
  readonly source: ImportSource;
  /** `updating`: the import stood before this request, so this request must not start another one. */
  readonly phase: 'creating' | 'updating';
  /** Seconds since this segment was asked for. */
  readonly elapsed: number;
  /** How often a task that AWS failed (ServerError) is started, in all. */
  readonly maxAttempts: number;
  /** Whether this pass may ask EC2 for a task; see `turn.ts`. */
  readonly turn: Turn;
}

export type ImportAction =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait'; readonly on: string; readonly progress?: string; readonly taskId?: string }
  | { readonly kind: 'fail'; readonly reason: string }
  | {
    readonly kind: 'import-image';
    readonly parameters: ImportImageParameters;
    readonly attempt: number;
    readonly leftoverSnapshotIds: readonly string[];
  }
  | { readonly kind: 'tag'; readonly changes: readonly TagChange[] }
  | { readonly kind: 'import-vm-image'; readonly taskId: string; readonly amiId: string };

/** EC2 shows a new thing after seconds; what is missing for longer than this is missing. */
export const EC2_SETTLES_AFTER = 60;

const IMPORT_AGAIN = 'set or change "revision" of the VmImportImage to import the disk again';

export function decideImport(observed: ImportObserved, circumstances: ImportCircumstances): ImportAction {
  switch (observed.image.kind) {
    case 'available':
      return observed.tagChanges.length > 0 ? { kind: 'tag', changes: observed.tagChanges } : { kind: 'done' };
    case 'in-progress':
      return { kind: 'wait', on: `Image Builder image ${observed.image.arn} is ${observed.image.status}` };
    case 'failed':
      return { kind: 'fail', reason: `Image Builder image ${observed.image.arn} is ${observed.image.status}: ${observed.image.reason}` };
    case 'none':
      return decideWithoutImage(observed, circumstances);
  }
}

function decideWithoutImage({ task, ami, tagChanges }: ImportObserved, circumstances: ImportCircumstances): ImportAction {
  if (task.kind === 'active') {
    return { kind: 'wait', on: task.status, progress: task.progress, taskId: task.taskId };
  }
  switch (ami.kind) {
    case 'available':
      return tagChanges.length > 0
        ? { kind: 'tag', changes: tagChanges }
        : { kind: 'import-vm-image', taskId: ami.taskId, amiId: ami.amiId };
    case 'pending':
      return { kind: 'wait', on: `AMI ${ami.amiId} is pending` };
    case 'failed':
      return { kind: 'fail', reason: `AMI ${ami.amiId} of the import failed: ${ami.reason}` };
    case 'none':
      return decideWithoutAmi(task, circumstances);
  }
}

function decideWithoutAmi(task: Exclude<TaskObserved, { kind: 'active' }>, circumstances: ImportCircumstances): ImportAction {
  switch (task.kind) {
    case 'completed':
      return circumstances.phase === 'creating' || circumstances.elapsed < EC2_SETTLES_AFTER
        ? { kind: 'wait', on: `the AMI of ${task.taskId} is not visible yet`, taskId: task.taskId }
        : { kind: 'fail', reason: `The AMI of VM import ${task.taskId} does not exist any more; ${IMPORT_AGAIN}` };
    case 'failing':
      return isServerError(task.reason)
        ? { kind: 'wait', on: `${task.taskId} is ending: ${task.reason}`, taskId: task.taskId }
        : { kind: 'fail', reason: taskFailure(task.taskId, task.reason) };
    case 'failed':
      return decideAfterFailure(task, circumstances);
    case 'none':
      return decideWithoutTask(circumstances);
  }
}

/** Failures of the service are worth another try, failures of the disk are not. */
function decideAfterFailure(task: TaskObserved & { readonly kind: 'failed' }, { source, phase, maxAttempts, turn }: ImportCircumstances): ImportAction {
  return source.kind === 'import' && phase === 'creating' && isServerError(task.reason) && task.attempts < maxAttempts
    ? startInTurn(turn, { kind: 'import-image', parameters: source.parameters, attempt: task.attempts + 1, leftoverSnapshotIds: task.snapshotIds })
    : { kind: 'fail', reason: taskFailure(task.taskId, task.reason) };
}

function startInTurn(turn: Turn, start: ImportAction & { readonly kind: 'import-image' }): ImportAction {
  return turn.kind === 'ask'
    ? start
    : { kind: 'wait', on: `a free slot: queued, because EC2 has not started the import so far, and asked again within ${turn.within} s` };
}

function decideWithoutTask({ source, phase, elapsed, turn }: ImportCircumstances): ImportAction {
  if (source.kind === 'import' && phase === 'creating') {
    return startInTurn(turn, { kind: 'import-image', parameters: source.parameters, attempt: 1, leftoverSnapshotIds: [] });
  }
  if (elapsed < EC2_SETTLES_AFTER) {
    return { kind: 'wait', on: 'EC2 does not list the import yet' };
  }
  return source.kind === 'import'
    ? { kind: 'fail', reason: `Nothing is left of this VM import; ${IMPORT_AGAIN}` }
    : { kind: 'fail', reason: `The import task ${source.importTaskId} does not exist in this account and Region (EC2 forgets old tasks); check importTaskId` };
}

/** VM Import/Export tells its own failures from those of the disk by the first word of the status message. */
function isServerError(reason: string): boolean {
  return /^\s*ServerError\b/.test(reason);
}

function taskFailure(taskId: string, reason: string): string {
  return `VM import ${taskId} failed: ${reason}`;
}

// -------------------------------------------------------------------------------------------------- towards absence

export interface RemovalObserved {
  /** Tasks that still run and would make something. */
  readonly activeTaskIds: readonly string[];
  /** Tasks that are ending by themselves. */
  readonly endingTaskIds: readonly string[];
  readonly images: readonly { readonly arn: string; readonly state: 'settled' | 'in-progress' }[];
  /** An AMI or a completed task stands, but no image was found: Image Builder's list may lag behind one. */
  readonly imageEvidence: 'none-expected' | 'found' | 'missing';
  readonly amiIds: readonly string[];
  /** Those of the AMIs that EC2 does not deregister, because somebody protected them. */
  readonly protectedAmiIds: readonly string[];
  readonly snapshotIds: readonly string[];
  /** Those of the AMIs and snapshots that do not carry the id tag, which the handler's permissions ask for. */
  readonly untaggedIds: readonly string[];
}

export type RemovalAction =
  | { readonly kind: 'done' }
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'wait'; readonly on: string }
  | { readonly kind: 'cancel'; readonly taskIds: readonly string[] }
  | {
    readonly kind: 'remove';
    readonly images: readonly string[];
    readonly amiIds: readonly string[];
    readonly snapshotIds: readonly string[];
    readonly untaggedIds: readonly string[];
    readonly then: 'done' | 'look-again';
  };

/**
 * Seconds after which a Delete believes that EC2 lists nothing: a pass that asked whether it was still wanted just before
 * the Delete was sent may still call ImportImage (`MAKES_WITHIN`), EC2 may act on that a minute late, and list it late.
 */
export const DELETE_SETTLES_AFTER = 120;

/** The same for Image Builder, which lists a new image after a couple of minutes. */
export const IMAGE_BUILDER_SETTLES_AFTER = 360;

export function decideRemoval(observed: RemovalObserved, elapsed: number): RemovalAction {
  if (observed.activeTaskIds.length > 0) {
    return { kind: 'cancel', taskIds: observed.activeTaskIds };
  }
  if (observed.endingTaskIds.length > 0) {
    return { kind: 'wait', on: `import task ${observed.endingTaskIds.join(', ')} is ending` };
  }
  if (observed.protectedAmiIds.length > 0) {
    return { kind: 'fail', reason: protectedReason(observed.protectedAmiIds) };
  }
  const building = observed.images.filter((image) => image.state === 'in-progress');
  if (building.length > 0) {
    return { kind: 'wait', on: `Image Builder image ${building.map((image) => image.arn).join(', ')} is still being made` };
  }
  // The AMI goes last: its tags are what leads to the image.
  if (observed.imageEvidence === 'missing' && elapsed < IMAGE_BUILDER_SETTLES_AFTER) {
    return { kind: 'wait', on: 'Image Builder may not list the image yet' };
  }
  if (observed.images.length + observed.amiIds.length + observed.snapshotIds.length > 0) {
    return {
      kind: 'remove',
      images: observed.images.map((image) => image.arn),
      amiIds: observed.amiIds,
      snapshotIds: observed.snapshotIds,
      untaggedIds: observed.untaggedIds,
      // An import that has its image has started its last task; one without may have one that is not listed yet.
      then: observed.images.length > 0 ? 'done' : 'look-again',
    };
  }
  // An empty list alone is no proof: a task that was started a moment ago may not be listed yet.
  return elapsed < DELETE_SETTLES_AFTER ? { kind: 'wait', on: 'a second look, whether EC2 lists nothing of this import' } : { kind: 'done' };
}

/** Why nothing goes, and the two ways out. */
export function protectedReason(amiIds: readonly string[]): string {
  return (
    `AMI ${amiIds.join(', ')} is protected from deregistration, which deleting a resource does not lift: lift it yourself ` +
    `(aws ec2 disable-image-deregistration-protection --image-id ${amiIds.join(' ')}; with a cooldown, EC2 refuses for 24 hours more) ` +
    'and delete again, or keep the AMI and delete the stack without this resource (aws cloudformation delete-stack --retain-resources)'
  );
}
