/** The two Lambda functions that the state machine of the provider calls: src/shared/contract/disk-copy.ts has its definition. */
import { setTimeout } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { createBlockClient, createSourceClient } from './clients';
import { copyShard } from './copy-shard';
import { Pace } from './pace';
import { sumUp } from './sum-up';
import type { DiskCopyTotal, DiskCopyTotalTask, ShardResult, ShardTask } from '../../src/shared/contract/disk-copy';

const ebs = createBlockClient();
const s3 = createSourceClient();
const sfn = new SFNClient();

const clock = { now: Date.now, pause: async (milliseconds: number) => setTimeout(milliseconds) };
// Lambda calls the same function for one shard after the other: a shard goes on at the pace of the one before.
const pace = new Pace(clock);

/** The worker: copies one shard of a disk. */
export async function copyShardHandler(task: ShardTask): Promise<ShardResult> {
  return copyShard(task, { s3, ebs, pace, random: Math.random, ...clock });
}

/** The function that follows the Map: adds up the results of all shards. */
export async function sumUpHandler(task: DiskCopyTotalTask): Promise<DiskCopyTotal> {
  return sumUp(task, sfn);
}
