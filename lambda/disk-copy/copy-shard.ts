import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { BlockWriter, type Block, type BlockWriting } from './block-writer';
import { decompressors } from './decompressors';
import { blocksOfShard } from './plan';
import { SourceObject, type SourceReading } from './source-object';
import { BLOCK_SIZE, MOST_HASHED_BLOCKS, type DiskCopy, type ShardResult, type ShardTask } from '../../src/shared/contract/disk-copy';
import { openVirtualDisk, type VirtualDisk } from '../../src/shared/disk-image/virtual-disk';

/** Blocks that are read at a time: 8 MiB, about one request for a range, as Amazon S3 recommends (8 to 16 MB). */
const WINDOW = 16;
/**
 * Windows at a time: while some are read, others are written. Each takes up to three times its size in memory.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html
 */
const LANES = 6;

/** Memory of windows that no lane uses now. To allocate it for each window takes a fifth of all processor time: page faults, garbage collection. */
const FREE_MEMORY: Uint8Array[] = [];

const ZEROS = new Uint8Array(BLOCK_SIZE);
const SHA256_OF_ZEROS = sha256(ZEROS);

export interface ShardRuntime extends Omit<SourceReading, 'signal'>, Omit<BlockWriting, 'signal'> {}

/**
 * Opens the disk that a copy reads.
 *
 * @throws VirtualDiskError if the image cannot be read as a virtual disk
 * @throws SourceChanged if the object is not the one that the copy began with
 */
export async function openSource(copy: Pick<DiskCopy, 'source' | 'format' | 'ovaDisk'>, reading: SourceReading): Promise<VirtualDisk> {
  const { format, ovaDisk } = copy;
  return openVirtualDisk({ image: new SourceObject(copy.source, reading), format, ovaDisk, decompressors });
}

/**
 * Copies one shard of a disk into its snapshot. It may run twice, also at the same time: the same blocks are written.
 *
 * @throws VirtualDiskError, SourceChanged, SnapshotNotWritable: trying again does not help
 * @throws the error of an AWS call that failed for too long
 */
export async function copyShard({ copy, shard }: ShardTask, runtime: ShardRuntime): Promise<ShardResult> {
  const stop = new AbortController();
  // Every request to Amazon S3 listens.
  setMaxListeners(0, stop.signal);
  const { first, end } = blocksOfShard(copy, shard);
  const disk = await openSource(copy, { ...runtime, signal: stop.signal });
  const writer = new BlockWriter(copy.snapshotId, { ...runtime, signal: stop.signal });
  const hashes = new Map<number, Buffer>();
  let next = first;
  const lane = async () => {
    const memory = FREE_MEMORY.pop() ?? new Uint8Array(WINDOW * BLOCK_SIZE);
    while (next < end && !stop.signal.aborted) {
      const from = next;
      next += WINDOW;
      await copyWindow(disk, writer, { copy, from, end: Math.min(next, end), memory }, hashes);
    }
    // Not after an error: another request of the window may still send from this memory.
    FREE_MEMORY.push(memory);
  };
  // The first error stops all lanes; nothing goes on after this function has returned.
  const lanes = Array.from({ length: LANES }, async () => lane().catch((error: unknown) => stop.abort(error)));
  await Promise.all(lanes);
  stop.signal.throwIfAborted();
  return resultOf(copy, shard, hashes);
}

interface Window {
  readonly copy: DiskCopy;
  readonly from: number;
  readonly end: number;
  /** Room for WINDOW blocks. */
  readonly memory: Uint8Array;
}

async function copyWindow(disk: VirtualDisk, writer: BlockWriter, { copy, from, end, memory }: Window, hashes: Map<number, Buffer>): Promise<void> {
  const start = from * BLOCK_SIZE;
  const length = Math.min(end * BLOCK_SIZE, disk.size) - start;
  const isAnyAllocated = await disk.isAllocated(start, length);
  if (isAnyAllocated) {
    await disk.readInto(memory.subarray(0, length), start);
    // The last block of the disk may be a part of one.
    memory.fill(0, length, (end - from) * BLOCK_SIZE);
  }
  const blocks: Block[] = [];
  for (let index = from; index < end; index++) {
    const at = index * BLOCK_SIZE - start;
    const isAllocated = isAnyAllocated && await disk.isAllocated(start + at, Math.min(BLOCK_SIZE, length - at));
    // EBS cancels a snapshot without any block: the first one is always written.
    if (!isAllocated && copy.unallocatedBlocks === 'omit' && index > 0) continue;
    const data = isAllocated ? memory.subarray(at, at + BLOCK_SIZE) : ZEROS;
    // Most disks have many blocks of zeros, and comparing is ten times as fast as hashing.
    blocks.push({ index, data, sha256: Buffer.compare(data, ZEROS) === 0 ? SHA256_OF_ZEROS : sha256(data) });
  }
  await Promise.all(blocks.map(async block => writer.write(block)));
  blocks.forEach(block => hashes.set(block.index, block.sha256));
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

function resultOf({ blocksPerShard }: DiskCopy, shard: number, hashes: ReadonlyMap<number, Buffer>): ShardResult {
  const blocksWritten = hashes.size;
  if (blocksPerShard > MOST_HASHED_BLOCKS) return { shard, blocksWritten };
  const inOrder = [...hashes].sort(([one], [other]) => one - other).map(([, hash]) => hash);
  return { shard, blocksWritten, hashes: Buffer.concat(inOrder).toString('base64') };
}
