import {
  BLOCK_SIZE, FEWEST_BLOCKS_PER_SHARD, MOST_BLOCKS, MOST_SHARDS, type DiskCopy, type DiskCopyInput,
} from '../../src/shared/contract/disk-copy';
import { VirtualDiskError } from '../../src/shared/disk-image/virtual-disk/virtual-disk-error';

/** A disk to copy, before it is divided into shards. */
export interface DiskToCopy extends Pick<DiskCopy, 'source' | 'format' | 'ovaDisk' | 'snapshotId' | 'unallocatedBlocks'> {
  /** Bytes of the virtual disk: `size` of `openSource`. */
  readonly virtualSize: number;
}

/**
 * Divides a disk into shards of equal size. The same disk gives the same shards each time.
 *
 * @throws VirtualDiskError if the disk is empty or larger than MOST_BLOCKS
 */
export function planDiskCopy({ virtualSize, ...disk }: DiskToCopy): DiskCopyInput {
  const blocks = Math.ceil(virtualSize / BLOCK_SIZE);
  if (blocks === 0) {
    throw new VirtualDiskError('The disk has a size of 0 bytes: there is nothing to copy.');
  }
  if (blocks > MOST_BLOCKS) {
    throw new VirtualDiskError(`The disk has ${virtualSize} bytes, more than the 16 TiB that a copy takes.`);
  }
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
