/** The resources of imports whose stack is gone. Pure. */
import type { Ami } from '../../lambda/aws/amis';
import { text } from '../../lambda/aws/fields';
import type { Snapshot } from '../../lambda/aws/snapshots';
import type { Task } from '../../lambda/aws/tasks';
import { parseImportId } from '../../lambda/cloudformation/physical-id';
import { ID_TAG } from '../../src/shared/contract/names';
import type { TaggedImage } from '../account/images';
import { Stack } from '../account/stacks';

/** Everything in the account and Region that carries the tag `cdk-vm-import:id`. */
export interface Tagged {
  readonly tasks: readonly Task[];
  readonly amis: readonly Ami[];
  readonly snapshots: readonly Snapshot[];
  readonly images: readonly TaggedImage[];
}

/** The resources and running tasks that carry one import id. */
export interface Leftovers {
  readonly importId: string;
  /** The deleted stack; undefined if CloudFormation no longer reports it. */
  readonly stack?: Stack;
  readonly taskIds: readonly string[];
  readonly imageArns: readonly string[];
  readonly amiIds: readonly string[];
  readonly snapshotIds: readonly string[];
}

/** Why the resources of a deleted stack still exist. */
export type Origin =
  /** The stack was deleted and should have deleted them. */
  | 'left-behind'
  /** The stack was deleted, and CloudFormation recorded that it kept them. */
  | 'retained'
  /** CloudFormation does not know the stack: it reports deleted stacks for 90 days only, and tags can be copied from elsewhere. */
  | 'unknown';

/** Reasons not to delete an AMI. */
export interface AmiFacts {
  /** The name that the app chose; undefined for an AMI that EC2 or the library named. */
  readonly name?: string;
  /** EC2's value of the deregistration protection; undefined if the AMI is not protected. */
  readonly protection?: string;
  /** Ids of instances and names of launch templates that use the AMI. */
  readonly usedBy: readonly string[];
}

export interface Orphan {
  readonly origin: Origin;
  readonly leftovers: Leftovers;
  /** By AMI id. */
  readonly amis: ReadonlyMap<string, AmiFacts>;
}

/** Returns the ids of protected AMIs. While there are any, nothing of the orphan is deleted: an AMI without its image is worse. */
export function protectionOf({ amis }: Orphan): readonly string[] {
  return [...amis].flatMap(([id, { protection }]) => (protection === undefined ? [] : [id]));
}

/** Returns the leftovers by import id. Leaves out imports whose stack exists and tags that are not import ids. */
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

/** Returns the number of resources and tasks. */
export function countOf({ taskIds, imageArns, amiIds, snapshotIds }: Leftovers): number {
  return taskIds.length + imageArns.length + amiIds.length + snapshotIds.length;
}

function importIdOf({ tags }: Snapshot): string {
  return text(tags[ID_TAG]);
}
