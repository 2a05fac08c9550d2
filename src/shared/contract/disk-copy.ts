import type { VirtualDiskFormat } from '../disk-image/virtual-disk/format';

/**
 * How a disk image in Amazon S3 becomes the blocks of an EBS snapshot: the documents that `onEvent`, `isComplete`, the state machine of the
 * provider and its two Lambda functions exchange. docs/decisions/0009-disk-copy.md has the reasons.
 *
 * ```
 * StartExecution(DiskCopyInput)
 *   Map INLINE over $.shards, MaxConcurrency WORKERS, ItemSelector { "copy.$": "$.copy", "shard.$": "$$.Map.Item.Value" }
 *     Task lambda:invoke  copyShardHandler(ShardTask) → ShardResult    ResultSelector {}: the history keeps the result, the Map must not
 *   ResultPath null
 *   Task lambda:invoke  sumUpHandler(DiskCopyTotalTask) → DiskCopyTotal      Parameters { "copy.$": "$.copy", "executionArn.$": "$$.Execution.Id" }
 *   OutputPath "$.Payload": the output of the execution is DiskCopyTotal
 * ```
 * Both tasks retry every error but those in FATAL_DISK_COPY_ERRORS. Both may run twice: blocks are the same bytes each time.
 */
export interface DiskCopyInput {
  readonly copy: DiskCopy;
  /** The indexes 0 to n-1, one for each shard. At most MOST_SHARDS, so that the input stays below 256 KiB. */
  readonly shards: readonly number[];
}

/** One disk on its way into one snapshot. Every shard gets the same document. */
export interface DiskCopy {
  readonly source: DiskCopySource;
  readonly format: VirtualDiskFormat;
  /** Which disk of an OVA, counted from 0 in the order of its OVF descriptor. Required for `OVA`, absent for any other format. */
  readonly ovaDisk?: number;
  /** A snapshot that StartSnapshot returned, and that is still pending. */
  readonly snapshotId: string;
  /** Size of the disk in blocks of BLOCK_SIZE bytes. The last block is filled up with zeros. */
  readonly blocks: number;
  /** Blocks in each shard; the last shard has what remains. */
  readonly blocksPerShard: number;
  /** `omit` leaves out the blocks that the format does not allocate. An encrypted volume returns noise for such blocks. */
  readonly unallocatedBlocks: 'write' | 'omit';
}

/** The object that holds the image, as HeadObject described it. The copy fails if the object under this key changes. */
export interface DiskCopySource {
  readonly bucket: string;
  readonly key: string;
  /** With its quotation marks, as Amazon S3 returns it. */
  readonly eTag: string;
  /** Bytes of the object. */
  readonly size: number;
}

/** The event of the worker function. */
export interface ShardTask {
  readonly copy: DiskCopy;
  /** Index of the shard. Its first block is `shard * blocksPerShard`. */
  readonly shard: number;
}

/** What the worker function returns. The execution history keeps it; no state passes it on. */
export interface ShardResult {
  readonly shard: number;
  readonly blocksWritten: number;
  /**
   * The SHA-256 of each written block, 32 bytes each in the order of the block index, in base64.
   * Absent if the shard has more than MOST_HASHED_BLOCKS blocks: the result would exceed 256 KiB.
   */
  readonly hashes?: string;
}

/** The event of the function that adds up the results of all shards. */
export interface DiskCopyTotalTask {
  readonly copy: DiskCopy;
  /** The execution whose history has the results of the shards: `$$.Execution.Id`. */
  readonly executionArn: string;
}

/** The output of the execution: the parameters of CompleteSnapshot. */
export interface DiskCopyTotal {
  /** `ChangedBlocksCount` of CompleteSnapshot. */
  readonly blocksWritten: number;
  /**
   * `Checksum` of CompleteSnapshot, for ChecksumAlgorithm SHA256 and ChecksumAggregationMethod LINEAR.
   * Absent if shards are too large to return their hashes (disks above 2.8 TiB): call CompleteSnapshot without the three checksum parameters then.
   */
  readonly checksum?: string;
}

/** Bytes in a block of a snapshot: https://docs.aws.amazon.com/ebs/latest/APIReference/API_PutSnapshotBlock.html (DataLength). */
export const BLOCK_SIZE = 524_288;

/**
 * Shards at most. A Map iteration adds 7 events to the history of the execution, each retry 3, and 25,000 events end an execution:
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const MOST_SHARDS = 1_000;

/** Blocks in a shard at least: 256 MiB, a few seconds of work. A smaller shard spends its time on starting a function. */
export const FEWEST_BLOCKS_PER_SHARD = 512;

/**
 * Blocks in a shard whose hashes fit a result. A result has at most 262,144 bytes (same page as above): 6,000 hashes take 256,000 characters
 * of base64, and the rest is left for what lambda:invoke adds.
 */
export const MOST_HASHED_BLOCKS = 6_000;

/**
 * The largest disk, in blocks: 16 TiB, if blocks that the format does not allocate are left out. A shard of a larger disk could take a
 * worker more than its 15 minutes. If every block is written, MOST_BLOCKS_PER_SECOND is the tighter limit.
 */
export const MOST_BLOCKS = 2 ** 25;

/**
 * Blocks that EBS accepts in a second for one snapshot, and by default for all snapshots of an account and Region. So 50 minutes are enough
 * for 1.4 TiB: https://docs.aws.amazon.com/general/latest/gr/ebs-service.html#limits_ebs
 */
export const MOST_BLOCKS_PER_SECOND = 1_000;

/**
 * Workers at a time for each disk. EBS takes 1,000 PutSnapshotBlock calls per second and account by default. A worker reaches 100 to 150, so this
 * many come close to the quota, and leave some of it to others: https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-performance.html
 */
export const WORKERS = 8;

/** The names of errors that come back however often a task runs. A state machine must not retry them. */
export const FATAL_DISK_COPY_ERRORS = ['VirtualDiskError', 'SourceChanged', 'SnapshotNotWritable'] as const;
