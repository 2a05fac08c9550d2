/** The least that a worker in Node.js does, with PutSnapshotBlock by the SDK as the worker configures it: what is more than bench/disk-copy-floor.ts is the SDK. */
import { PutSnapshotBlockCommand } from '@aws-sdk/client-ebs';
import { copyShardBy } from './disk-copy-floor';
import { createBlockClient } from '../lambda/disk-copy/clients';
import { BLOCK_SIZE, type ShardResult, type ShardTask } from '../src/shared/contract/disk-copy';

const ebs = createBlockClient();

export async function copyShardHandler(task: ShardTask): Promise<ShardResult> {
  return copyShardBy(async ({ snapshotId, index, data, checksum }) => ebs.send(new PutSnapshotBlockCommand({
    SnapshotId: snapshotId, BlockIndex: index, BlockData: data, DataLength: BLOCK_SIZE, Checksum: checksum, ChecksumAlgorithm: 'SHA256',
  })), task);
}
