/**
 * Decides the next action towards the absence of an import, from an observation and the time alone.
 */
import { protectedReason } from '../aws/deletion';
import type { Wait } from '../aws/wait-out-errors';
import { DELETE_SETTLES_AFTER, IMAGE_BUILDER_SETTLES_AFTER } from '../timing';

export interface RemovalObserved {
  /** Tasks that still run and would create something. */
  readonly activeTaskIds: readonly string[];
  /** Tasks that end by themselves. */
  readonly endingTaskIds: readonly string[];
  readonly images: readonly { readonly arn: string; readonly state: 'settled' | 'in-progress' }[];
  /** `missing`: an AMI or a completed task exists, but no image was found. Image Builder may list it later. */
  readonly imageEvidence: 'none-expected' | 'found' | 'missing';
  readonly amiIds: readonly string[];
  /** Those of the AMIs that somebody protected from deregistration. */
  readonly protectedAmiIds: readonly string[];
  readonly snapshotIds: readonly string[];
  /** Those of the AMIs and snapshots without the id tag. The function may delete only what carries it. */
  readonly untaggedIds: readonly string[];
}

export type RemovalAction =
  | { readonly kind: 'done' }
  | { readonly kind: 'fail'; readonly reason: string }
  | Wait
  | { readonly kind: 'cancel'; readonly taskIds: readonly string[] }
  | {
    readonly kind: 'remove';
    readonly imageArns: readonly string[];
    readonly amiIds: readonly string[];
    readonly snapshotIds: readonly string[];
    readonly untaggedIds: readonly string[];
    readonly then: 'done' | 'look-again';
  };

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
    return { kind: 'wait', on: `Image Builder image ${building.map((image) => image.arn).join(', ')} is still being created` };
  }
  // The tags of the AMI lead to the image, so the AMI stays until then.
  if (observed.imageEvidence === 'missing' && elapsed < IMAGE_BUILDER_SETTLES_AFTER) {
    return { kind: 'wait', on: 'Image Builder, which may not list the image yet', settles: true };
  }
  if (observed.images.length + observed.amiIds.length + observed.snapshotIds.length > 0) {
    return {
      kind: 'remove',
      imageArns: observed.images.map((image) => image.arn),
      amiIds: observed.amiIds,
      snapshotIds: observed.snapshotIds,
      untaggedIds: observed.untaggedIds,
      // An import with an image has started its last task. An import without one may have a task that is not listed yet.
      then: observed.images.length > 0 ? 'done' : 'look-again',
    };
  }
  // An empty list proves nothing: a task that started a moment ago may not be listed yet.
  return elapsed < DELETE_SETTLES_AFTER ? { kind: 'wait', on: 'a second look for anything that EC2 lists late', settles: true } : { kind: 'done' };
}
