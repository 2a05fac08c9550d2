import type { Image as Ami, ImportImageTask, LaunchPermission, Snapshot } from '@aws-sdk/client-ec2';
import type { Image, ImageRecipe } from '@aws-sdk/client-imagebuilder';
import { describeTask } from './ec2/describe-task';
import { tagList } from './ec2/tags';
import { describeImage } from './image-builder/describe-image';
import { World } from './world';

/** Ids and ARNs of what stands: tasks that run still, and everything that costs or blocks something. */
export interface Remaining {
  readonly tasks: readonly string[];
  readonly amis: readonly string[];
  readonly snapshots: readonly string[];
  readonly images: readonly string[];
  readonly recipes: readonly string[];
}

/** The whole account, as AWS would describe it. */
export interface WorldState {
  readonly tasks: readonly ImportImageTask[];
  readonly amis: readonly (Ami & { readonly launchPermissions: readonly LaunchPermission[] })[];
  readonly snapshots: readonly Snapshot[];
  readonly images: readonly Image[];
  readonly recipes: readonly ImageRecipe[];
}

export function remainingIn(world: World): Remaining {
  return {
    tasks: world.activeTasks().map(({ id }) => id),
    amis: [...world.amis.keys()],
    snapshots: [...world.snapshots.values()].filter(({ origin }) => origin !== 'given').map(({ id }) => id),
    images: [...world.images.keys()],
    recipes: [...world.recipes.keys()],
  };
}

export function stateOf(world: World): WorldState {
  const now = world.clock.now();
  return {
    tasks: [...world.tasks.values()].map((task) => describeTask(task, now, world.settings)),
    amis: [...world.amis.values()].map(({ id, description, tags, launchPermissions }) => ({
      ImageId: id, ...description, Tags: tagList(tags), launchPermissions,
    })),
    snapshots: [...world.snapshots.values()].map(({ id, description, tags }) => ({ SnapshotId: id, ...description, Tags: tagList(tags) })),
    images: [...world.images.values()].map((image) => describeImage(image, world)),
    recipes: [...world.recipes.values()].map(({ id, request, tags }) => ({
      arn: id, name: request.name, version: request.semanticVersion, parentImage: request.parentImage, tags: Object.fromEntries(tags),
    })),
  };
}
