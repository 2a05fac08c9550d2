import {
  BLOCK_SIZE, FEWEST_BLOCKS_PER_SHARD, MOST_BLOCKS, MOST_BLOCKS_PER_SECOND, MOST_SHARDS, type DiskCopy, type DiskCopyInput,
} from '../../src/shared/contract/disk-copy';
import { ANSWERED_WITHIN } from '../../src/shared/contract/limits';
import { VirtualDiskError } from '../../src/shared/disk-image/virtual-disk/virtual-disk-error';

/** A disk to copy, before it is divided into shards. */
export interface DiskToCopy extends Pick<DiskCopy, 'source' | 'format' | 'ovaDisk' | 'snapshotId' | 'unallocatedBlocks'> {
  /** Bytes of the virtual disk: `size` of `openSource`. */
  readonly virtualSize: number;
}

/** How much there is to copy, and the time for it. */
export interface CopyEffort extends Pick<DiskToCopy, 'virtualSize' | 'unallocatedBlocks'> {
  /** Seconds. */
  readonly timeout: number;
}

/**
 * Checks whether a disk can be copied in time, before anything starts.
 *
 * @throws VirtualDiskError if the disk is empty, larger than MOST_BLOCKS, or has more blocks than EBS accepts within the timeout
 */
export function checkSize({ virtualSize, unallocatedBlocks, timeout }: CopyEffort): void {
  const blocks = Math.ceil(virtualSize / BLOCK_SIZE);
  const seconds = Math.ceil(blocks / MOST_BLOCKS_PER_SECOND);
  const has = `The disk has ${Math.ceil(virtualSize / 2 ** 30)} GiB`;
  if (blocks === 0) {
    throw new VirtualDiskError('The disk has a size of 0 bytes: there is nothing to copy.');
  }
  if (unallocatedBlocks === 'write' && seconds > timeout) {
    const takes = `${has}, and EBS accepts ${MOST_BLOCKS_PER_SECOND} blocks of 512 KiB a second, so that the copy takes at least ${Math.ceil(seconds / 60)} minutes`;
    throw new VirtualDiskError(seconds > ANSWERED_WITHIN
      ? `${takes}. It may take ${ANSWERED_WITHIN / 60} minutes: shrink the disk, move data to further disks, or use VmImportImage.`
      : `${takes}. Its timeout is ${timeout} seconds: set timeout to ${ANSWERED_WITHIN / 60} minutes.`);
  }
  if (blocks > MOST_BLOCKS) {
    throw new VirtualDiskError(`${has}, and a copy takes at most 16 TiB: shrink the disk, or move data to further disks.`);
  }
}

/** Divides a disk into shards of equal size. The same disk gives the same shards each time. */
export function planDiskCopy({ virtualSize, ...disk }: DiskToCopy): DiskCopyInput {
  const blocks = Math.ceil(virtualSize / BLOCK_SIZE);
  const blocksPerShard = Math.max(FEWEST_BLOCKS_PER_SHARD, Math.ceil(blocks / MOST_SHARDS));
  return {
    copy: { ...disk, blocks, blocksPerShard },
    shards: Array.from({ length: Math.ceil(blocks / blocksPerShard) }, (_, shard) => shard),
  };
}

/** The blocks of one shard: from `first` up to, and without, `end`. */
export function blocksOfShard({ blocks, blocksPerShard }: DiskCopy, shard: number): { readonly first: number; readonly end: number } {
  return { first: shard * blocksPerShard, end: Math.min(blocks, (shard + 1) * blocksPerShard) };
}
