/** The two Lambda functions that the state machine of the provider calls: src/shared/contract/disk-copy.ts has its definition. */
import { setTimeout } from 'node:timers/promises';
import { EBSClient } from '@aws-sdk/client-ebs';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { copyShard } from './copy-shard';
import { Pace } from './pace';
import { sumUp } from './sum-up';
import type { DiskCopyTotal, DiskCopyTotalTask, ShardResult, ShardTask } from '../../src/shared/contract/disk-copy';
import { NO_CHECKSUMS } from '../aws/clients';

/** A request that has no answer for so long is given up, and sent again. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true };
/** More than Pace ever has in flight. */
const SOCKETS = { httpsAgent: { maxSockets: 128 }, httpAgent: { maxSockets: 128 } };

// BlockWriter retries by itself: it has to see every throttle. To assemble the middleware for each request costs 7 % of the processor time.
const ebs = new EBSClient({ maxAttempts: 1, cacheMiddleware: true, requestHandler: { ...TIMEOUTS, ...SOCKETS } });
// The signature needs the SHA-256 of the block, and the worker knows it. Without this header, the SDK hashes each block a second time.
ebs.middlewareStack.add(next => async (args) => {
  const { headers } = args.request as { readonly headers: { 'x-amz-checksum': string; 'x-amz-content-sha256'?: string } };
  headers['x-amz-content-sha256'] = Buffer.from(headers['x-amz-checksum'], 'base64').toString('hex');
  return next(args);
}, { step: 'build', name: 'signKnownHash' });
// The bucket may be in another Region than the stack.
const s3 = new S3Client({ ...NO_CHECKSUMS, followRegionRedirects: true, requestHandler: TIMEOUTS });
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
