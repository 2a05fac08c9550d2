import { closeSync, openSync, writeSync } from 'node:fs';
import { EBSClient, GetSnapshotBlockCommand, paginateListSnapshotBlocks } from '@aws-sdk/client-ebs';
import type { LocalCloud } from '../local-cloud/local-cloud';

const BLOCK_SIZE = 512 * 1024;

/** A client of the EBS direct APIs of a cloud. */
export function ebsClient(cloud: LocalCloud): EBSClient {
  return new EBSClient({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
}

/**
 * Compares the blocks of a completed snapshot with a disk, read through the EBS direct APIs by the SDK.
 *
 * @returns the indexes of blocks that are missing, too many, or not the bytes of the disk
 */
export async function differingBlocks(ebs: EBSClient, snapshotId: string, disk: Uint8Array, diskSize: number): Promise<number[]> {
  const missing = new Set(Array.from({ length: Math.ceil(diskSize / BLOCK_SIZE) }, (_, index) => index));
  const wrong: number[] = [];
  for await (const { Blocks = [] } of paginateListSnapshotBlocks({ client: ebs }, { SnapshotId: snapshotId })) {
    for (const { BlockIndex = -1, BlockToken } of Blocks) {
      const { BlockData } = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId: snapshotId, BlockIndex, BlockToken }));
      const expected = Buffer.alloc(BLOCK_SIZE);
      expected.set(disk.subarray(BlockIndex * BLOCK_SIZE, (BlockIndex + 1) * BLOCK_SIZE));
      const isWanted = missing.delete(BlockIndex);
      if (!isWanted || !expected.equals((await BlockData?.transformToByteArray()) ?? Buffer.alloc(0))) {
        wrong.push(BlockIndex);
      }
    }
  }
  return [...missing, ...wrong];
}

/** Writes the blocks of a completed snapshot to a file, as EBS puts them on a volume. Returns their number. */
export async function restoreVolume(ebs: EBSClient, SnapshotId: string, path: string): Promise<number> {
  const file = openSync(path, 'w');
  let blocks = 0;
  try {
    for await (const { Blocks = [] } of paginateListSnapshotBlocks({ client: ebs }, { SnapshotId })) {
      for (const { BlockIndex = -1, BlockToken } of Blocks) {
        const { BlockData } = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockToken }));
        writeSync(file, (await BlockData?.transformToByteArray()) ?? Buffer.alloc(0), 0, BLOCK_SIZE, BlockIndex * BLOCK_SIZE);
        blocks += 1;
      }
    }
  } finally {
    closeSync(file);
  }
  return blocks;
}
