import { ChecksumAlgorithm, PutSnapshotBlockCommand, type EBSClient } from '@aws-sdk/client-ebs';
import type { Pace } from './pace';
import { BLOCK_SIZE } from '../../src/shared/contract/disk-copy';
import { kindOf } from '../aws/errors';

/**
 * How long a block is tried again while no block gets through. A new snapshot may "not exist" for minutes. As long as other blocks get
 * through, a throttle passes: many copies at once share the quota of the account.
 */
const PATIENCE_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** The snapshot cannot be written to. Its message is one sentence for users. */
export class SnapshotNotWritable extends Error {
  public override readonly name = 'SnapshotNotWritable';
}

/**
 * Reasons of a ValidationException that pass: two writers of one block at a time, a write that took too long.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_PutSnapshotBlock.html
 */
const PASSING = ['CONFLICTING_BLOCK_UPDATE', 'WRITE_REQUEST_TIMEOUT'];

export interface BlockWriting {
  readonly ebs: EBSClient;
  /** Of all blocks that this function writes, also into other snapshots: they share the quota of the account. */
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** A number from 0 up to, and without, 1. */
  readonly random: () => number;
}

/** A block of a snapshot and its SHA-256. */
export interface Block {
  readonly index: number;
  readonly data: Uint8Array;
  readonly sha256: Buffer;
}

/** Writes blocks into one snapshot, at the pace that the service accepts. */
export class BlockWriter {
  /** When the last block got through. */
  private writtenAt = -Infinity;

  public constructor(private readonly snapshotId: string, private readonly writing: BlockWriting) {}

  /**
   * Writes a block, and tries again for some minutes. Writing the same block twice is the same as writing it once.
   *
   * @throws SnapshotNotWritable if the snapshot does not take blocks (any more)
   * @throws the last error if the service does not answer, throttles or fails for too long
   */
  public async write({ index, data, sha256 }: Block): Promise<void> {
    const { ebs, pace, signal, now, pause, random } = this.writing;
    const command = {
      SnapshotId: this.snapshotId,
      BlockIndex: index,
      BlockData: data,
      DataLength: BLOCK_SIZE,
      Checksum: sha256.toString('base64'),
      ChecksumAlgorithm: ChecksumAlgorithm.CHECKSUM_ALGORITHM_SHA256,
    };
    const began = now();
    for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(LONGEST_PAUSE_MS, longest * 2)) {
      try {
        await pace.run(async () => {
          signal.throwIfAborted();
          // Without an abort signal, which would keep the SDK from its cached middleware. A request ends within its timeout.
          await ebs.send(new PutSnapshotBlockCommand(command));
        }, { signal, isOverload });
        this.writtenAt = now();
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error) || now() >= Math.max(began, this.writtenAt) + PATIENCE_MS) throw this.explained(error);
      }
      await pause(longest / 2 + random() * longest / 2);
    }
  }

  private explained(error: unknown): unknown {
    const name = error instanceof Error ? error.name : '';
    return name === 'ResourceNotFoundException' || (name === 'ValidationException' && !isPassing(error))
      ? new SnapshotNotWritable(`Snapshot ${this.snapshotId} does not take blocks: ${(error as Error).message}`)
      : error;
  }
}

function isOverload(error: unknown): boolean {
  return kindOf(error) === 'transient';
}

function isPassing(error: unknown): boolean {
  switch (nameOf(error)) {
    case 'ResourceNotFoundException':
    case 'ServiceQuotaExceededException':
      return true;
    case 'ValidationException':
      return PASSING.includes((error as { readonly Reason?: string }).Reason ?? '');
    default:
      return isOverload(error);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
