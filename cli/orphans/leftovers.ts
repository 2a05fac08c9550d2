/** What carries the tag of an import whose stack is gone, and what is known of how the stack went. Pure. */
import type { Ami } from '../../lambda/describe/amis';
import type { Snapshot } from '../../lambda/describe/snapshots';
import type { Task } from '../../lambda/describe/tasks';
import { parseImportId } from '../../lambda/identity';
import { ID_TAG } from '../../lambda/tags';
import type { TaggedImage } from '../account/images';
import { text } from '../account/said';
import { Stack } from '../account/stacks';

/** Everything in the account that carries the tag. */
export interface Tagged {
  readonly tasks: readonly Task[];
  readonly amis: readonly Ami[];
  readonly snapshots: readonly Snapshot[];
  readonly images: readonly TaggedImage[];
}

/** What stands, or runs, under one import id. */
export interface Leftovers {
  readonly importId: string;
  /** The stack where CloudFormation still tells of it; nothing otherwise. */
  readonly stack?: Stack;
  readonly taskIds: readonly string[];
  readonly imageArns: readonly string[];
  readonly amiIds: readonly string[];
  readonly snapshotIds: readonly string[];
}

/** Whatever has a standing stack, or a tag that is not ours, is left out. */
export function leftoversOf({ tasks, amis, snapshots, images }: Tagged, stacks: readonly Stack[]): Leftovers[] {
  const stackByUuid = new Map(stacks.map((stack) => [stack.uuid, stack]));
  const running = tasks.filter(({ state }) => state === 'active');
  const standing = amis.filter(({ state }) => state !== 'deregistered');
  const ids = new Set([...running, ...standing, ...images].map(({ importId }) => importId).concat(snapshots.map(importIdOf)));
  return [...ids].sort().flatMap((importId) => {
    const name = parseImportId(importId);
    const stack = name && stackByUuid.get(name.stack);
    if (name === undefined || (stack !== undefined && stack.status !== 'DELETE_COMPLETE')) {
      return [];
    }
    const ours = (thing: { readonly importId: string }) => thing.importId === importId;
    return [{
      importId,
      stack,
      taskIds: running.filter(ours).map(({ id }) => id),
      imageArns: images.filter(ours).map(({ arn }) => arn),
      amiIds: standing.filter(ours).map(({ id }) => id),
      snapshotIds: snapshots.filter((snapshot) => importIdOf(snapshot) === importId).map(({ id }) => id),
    }];
  });
}

/** How many things there are. */
export function countOf({ taskIds, imageArns, amiIds, snapshotIds }: Leftovers): number {
  return taskIds.length + imageArns.length + amiIds.length + snapshotIds.length;
}

function importIdOf({ tags }: Snapshot): string {
  return text(tags[ID_TAG]);
}
