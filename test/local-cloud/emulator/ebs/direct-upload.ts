import { createHash } from 'node:crypto';
import type { BlockStore } from './block-store';
import type { TokenBucket } from '../token-bucket';
import type { SnapshotResource } from '../world';

/** What a snapshot that is written through the EBS direct APIs has beside what EC2 describes. */
export interface DirectUpload {
  readonly timeoutMs: number;
  readonly blocks: BlockStore;
  /** The SHA-256 of each block that was written, by index. */
  readonly written: Map<number, Buffer>;
  /** Blocks that somebody writes at this moment. */
  readonly writing: Set<number>;
  /** The limit of writes to this one snapshot. */
  readonly writes: TokenBucket;
  /** When it was started, or its last block was written. */
  lastWriteAt: number;
  /** When it turns from pending to completed. */
  completesAt?: number;
}

export type DirectSnapshot = SnapshotResource & { readonly direct: DirectUpload };

/** Brings a snapshot up to the clock's time: completed, or in error when nobody went on with it in time. */
export function settleSnapshot(snapshot: DirectSnapshot, now: number): void {
  const { direct } = snapshot;
  if (direct.completesAt !== undefined) {
    if (now >= direct.completesAt) {
      snapshot.description = { ...snapshot.description, State: 'completed', Progress: '100%' };
    }
  } else if (now >= direct.lastWriteAt + direct.timeoutMs) {
    snapshot.description = { ...snapshot.description, State: 'error', StateMessage: 'The snapshot was not completed within its timeout' };
  }
}

/** The aggregate over all blocks: the SHA-256 over their checksums in the order of their indices. */
export function linearChecksum({ written }: DirectUpload): string {
  const hash = createHash('sha256');
  [...written].sort(([a], [b]) => a - b).forEach(([, checksum]) => hash.update(checksum));
  return hash.digest('base64');
}

export function isDirect(snapshot: SnapshotResource): snapshot is DirectSnapshot {
  return snapshot.direct !== undefined;
}
