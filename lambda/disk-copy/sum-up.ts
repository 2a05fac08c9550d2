import { createHash } from 'node:crypto';
import { paginateGetExecutionHistory, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import type { DiskCopyTotal, DiskCopyTotalTask, ShardResult } from '../../src/shared/contract/disk-copy';

/** Events for each request. About one in seven has the result of a shard, of up to 256 KiB. */
const PAGE = 200;

/** The history does not have the results of all shards (yet): trying again may help. */
export class HistoryIncomplete extends Error {
  public override readonly name = 'HistoryIncomplete';
}

/**
 * Adds up what the shards of an execution returned: the parameters of CompleteSnapshot.
 *
 * The history of a Standard execution keeps the result of every task: the results of all shards together are larger than any state may return.
 *
 * @throws HistoryIncomplete if the result of a shard is missing
 */
export async function sumUp({ copy, executionArn }: DiskCopyTotalTask, sfn: SFNClient): Promise<DiskCopyTotal> {
  const results = new Map<number, ShardResult>();
  for await (const { events = [] } of paginateGetExecutionHistory({ client: sfn, pageSize: PAGE }, { executionArn })) {
    for (const event of events) {
      const result = shardResultOf(event);
      if (result !== undefined) results.set(result.shard, result);
    }
  }
  const shards = Math.ceil(copy.blocks / copy.blocksPerShard);
  const inOrder = Array.from({ length: shards }, (_, shard) => results.get(shard) ?? missing(shard, executionArn));
  const blocksWritten = inOrder.reduce((sum, result) => sum + result.blocksWritten, 0);
  const hashes = inOrder.flatMap(result => result.hashes ?? []);
  if (hashes.length < shards) return { blocksWritten };
  // LINEAR: the SHA-256 over the binary SHA-256s of all written blocks, in the order of their index.
  // https://docs.aws.amazon.com/ebs/latest/userguide/ebsapis-using-checksums.html
  const checksum = createHash('sha256');
  hashes.forEach(hash => checksum.update(hash, 'base64'));
  return { blocksWritten, checksum: checksum.digest('base64') };
}

/** Returns the result of a shard if the event is the success of its task: lambda:invoke wraps it as Payload. */
function shardResultOf({ taskSucceededEventDetails }: HistoryEvent): ShardResult | undefined {
  const { Payload } = JSON.parse(taskSucceededEventDetails?.output ?? '{}') as { readonly Payload?: Partial<ShardResult> };
  const { shard, blocksWritten, hashes } = Payload ?? {};
  return shard === undefined || blocksWritten === undefined ? undefined : { shard, blocksWritten, hashes };
}

function missing(shard: number, executionArn: string): never {
  throw new HistoryIncomplete(`the history of ${executionArn} does not have the result of shard ${shard}`);
}
