import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync, writevSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The only block size that the EBS direct APIs have, in bytes. */
export const BLOCK_SIZE = 524_288;

/** How many blocks a GiB has. */
export const BLOCKS_PER_GIB = 1024 ** 3 / BLOCK_SIZE;

/** Where the blocks of one snapshot are kept. */
export interface BlockStore {
  /** Takes a block, in pieces of any length. */
  put(index: number, data: readonly Buffer[]): void;
  /** Returns the block, or undefined where the store keeps no data. */
  get(index: number): Buffer | undefined;
  /** Gives the space back. */
  delete(): void;
}

/** Keeps blocks in a sparse file without a name, so that nothing is left behind however the process ends. */
export class FileBlockStore implements BlockStore {
  private file?: number;

  put(index: number, data: readonly Buffer[]): void {
    this.file ??= namelessFile();
    writevSync(this.file, data, index * BLOCK_SIZE);
  }

  get(index: number): Buffer {
    const data = Buffer.alloc(BLOCK_SIZE);
    if (this.file !== undefined) {
      readSync(this.file, data, 0, BLOCK_SIZE, index * BLOCK_SIZE);
    }
    return data;
  }

  delete(): void {
    if (this.file !== undefined) {
      closeSync(this.file);
      this.file = undefined;
    }
  }
}

/** Keeps nothing: for measurements that count blocks and verify checksums only. */
export class NoBlockStore implements BlockStore {
  put(): void {}

  get(): undefined {
    return undefined;
  }

  delete(): void {}
}

/** What a volume made from a snapshot reads. */
export interface VolumeContent {
  readonly snapshotId: string;
  /** The size of the volume, in blocks. */
  readonly blocks: number;
  readonly encrypted: boolean;
  readonly written: Iterable<number>;
  readonly store: BlockStore;
}

/**
 * Writes the RAW disk that a volume made from the snapshot has. A block that was never written reads as zeros, and as noise
 * on an encrypted volume, which decrypts what nobody encrypted (awslabs/coldsnap#395 and #469 tell what it does to file systems).
 */
export function writeVolume(content: VolumeContent, path: string): void {
  const { snapshotId, blocks, encrypted, store } = content;
  const file = openSync(path, 'w');
  try {
    ftruncateSync(file, blocks * BLOCK_SIZE);
    const written = new Set(content.written);
    const indices = encrypted ? Array.from({ length: blocks }, (_, index) => index) : [...written];
    for (const index of indices) {
      const data = written.has(index) ? store.get(index) : noise(snapshotId, index);
      if (!data) {
        throw new Error(`The emulator was told to store no blocks, so block ${index} of ${snapshotId} is not there`);
      }
      writeSync(file, data, 0, BLOCK_SIZE, index * BLOCK_SIZE);
    }
  } finally {
    closeSync(file);
  }
}

/** Bytes that look random, and are the same each time. */
export function noise(snapshotId: string, index: number): Buffer {
  const key = createHash('sha256').update(`${snapshotId}/${index}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(BLOCK_SIZE));
}

function namelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'ebs-blocks-'));
  try {
    return openSync(join(folder, 'blocks'), 'w+');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
