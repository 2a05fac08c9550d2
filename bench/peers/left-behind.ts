import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListBucketsCommand, ListObjectsV2Command, NoSuchBucket } from '@aws-sdk/client-s3';
import { rolesOf } from './disk-bucket';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

/** What stands in an account: each by how many there are. */
export interface Standing {
  readonly tasks: number;
  readonly amis: number;
  readonly snapshots: number;
  readonly images: number;
  /** Copies of the disk in S3. */
  readonly disks: number;
  readonly roles: number;
  /** Stacks by status. */
  readonly stacks: Readonly<Record<string, number>>;
}

export async function lookAround(cloud: LocalCloud, diskSize: number): Promise<Standing> {
  const { tasks, amis, snapshots, images } = await cloud.emulator.remaining();
  const { Stacks = [] } = await cloud.cloudformation.send(new DescribeStacksCommand({}));
  const stacks: Record<string, number> = {};
  Stacks.filter(({ StackName }) => StackName !== 'CDKToolkit').forEach(({ StackStatus = '' }) => {
    stacks[StackStatus] = (stacks[StackStatus] ?? 0) + 1;
  });
  return {
    tasks: tasks.length,
    amis: amis.length,
    snapshots: snapshots.length,
    images: images.length,
    disks: await disksIn(cloud, diskSize),
    roles: (await rolesOf(cloud)).filter((name) => !name.startsWith('cdk-')).length,
    stacks,
  };
}

/** What there is more of than before. */
export function added(before: Standing, after: Standing): Standing {
  return {
    tasks: after.tasks - before.tasks,
    amis: after.amis - before.amis,
    snapshots: after.snapshots - before.snapshots,
    images: after.images - before.images,
    disks: after.disks - before.disks,
    roles: after.roles - before.roles,
    stacks: after.stacks,
  };
}

const WORDS: readonly (readonly [kind: Exclude<keyof Standing, 'stacks'>, one: string, many: string])[] = [
  ['tasks', 'running task', 'running tasks'],
  ['images', 'image', 'images'],
  ['amis', 'AMI', 'AMIs'],
  ['snapshots', 'snapshot', 'snapshots'],
  ['disks', 'copy of the disk in S3', 'copies of the disk in S3'],
  ['roles', 'role', 'roles'],
];

/** In words, for a table. */
export function describeStanding(standing: Standing): string {
  const kinds = WORDS.filter(([kind]) => standing[kind] > 0).map(([kind, one, many]) => `${standing[kind]} ${standing[kind] === 1 ? one : many}`);
  const stacks = Object.entries(standing.stacks).map(([status, count]) => `${count === 1 ? 'the' : count} stack${count === 1 ? '' : 's'} in ${status}`);
  return [...kinds, ...stacks].join(', ') || 'nothing';
}

async function disksIn(cloud: LocalCloud, size: number): Promise<number> {
  const { Buckets = [] } = await cloud.s3.send(new ListBucketsCommand({}));
  const found = await Promise.all(Buckets.map(async ({ Name }) => {
    const { Contents = [] } = await cloud.s3.send(new ListObjectsV2Command({ Bucket: Name })).catch((error: unknown) => {
      if (error instanceof NoSuchBucket) {
        return { Contents: [] };
      }
      throw error;
    });
    return Contents.filter(({ Size }) => Size === size).length;
  }));
  return found.reduce((sum, count) => sum + count, 0);
}
