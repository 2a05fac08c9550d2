import { closeSync, openSync, writeSync } from 'node:fs';
import { EBSClient, GetSnapshotBlockCommand, paginateListSnapshotBlocks } from '@aws-sdk/client-ebs';
import type { LocalCloud } from '../local-cloud/local-cloud';

const BLOCK_SIZE = 512 * 1024;

/** A client of the EBS direct APIs of a cloud. */
export function ebsClient(cloud: LocalCloud): EBSClient {
  return new EBSClient({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
}

/** Reads the blocks of a completed snapshot through the EBS direct APIs, by the SDK. */
export async function* blocksOfSnapshot(ebs: EBSClient, SnapshotId: string): AsyncGenerator<readonly [index: number, block: Buffer]> {
  for await (const { Blocks = [] } of paginateListSnapshotBlocks({ client: ebs }, { SnapshotId })) {
    for (const { BlockIndex = -1, BlockToken } of Blocks) {
      const { BlockData } = await ebs.send(new GetSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockToken }));
      yield [BlockIndex, Buffer.from((await BlockData?.transformToByteArray()) ?? [])];
    }
  }
}

/** Returns the indexes of blocks of a completed snapshot that are missing, too many, or not the bytes of the disk. */
export async function differingBlocks(ebs: EBSClient, snapshotId: string, disk: Uint8Array, diskSize: number): Promise<number[]> {
  const missing = new Set(Array.from({ length: Math.ceil(diskSize / BLOCK_SIZE) }, (_, index) => index));
  const wrong: number[] = [];
  for await (const [index, block] of blocksOfSnapshot(ebs, snapshotId)) {
    const expected = Buffer.alloc(BLOCK_SIZE);
    expected.set(disk.subarray(index * BLOCK_SIZE, (index + 1) * BLOCK_SIZE));
    const isWanted = missing.delete(index);
    if (!isWanted || !expected.equals(block)) {
      wrong.push(index);
    }
  }
  return [...missing, ...wrong];
}

/** Writes the blocks of a completed snapshot to a file, as EBS puts them on a volume. Returns their number. */
export async function restoreVolume(ebs: EBSClient, snapshotId: string, path: string): Promise<number> {
  const file = openSync(path, 'w');
  let blocks = 0;
  try {
    for await (const [index, block] of blocksOfSnapshot(ebs, snapshotId)) {
      writeSync(file, block, 0, BLOCK_SIZE, index * BLOCK_SIZE);
      blocks += 1;
    }
  } finally {
    closeSync(file);
  }
  return blocks;
}
