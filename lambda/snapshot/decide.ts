/** What to do next about a snapshot, decided from what was observed and nothing else. */
import type { DiskCopyTotal } from '../../src/shared/contract/disk-copy';
import type { TagChange } from '../aws/tags';
import { COMPLETION_SETTLES_WITHIN, EC2_SETTLES_AFTER } from '../timing';

/** The newest snapshot that carries the id. */
export type SnapshotObserved =
  | { readonly kind: 'none' }
  /** It still takes blocks, or EBS is completing it. */
  | { readonly kind: 'pending'; readonly snapshotId: string; /** ETag of the object that it is a copy of. */ readonly eTag: string }
  | { readonly kind: 'completed'; readonly snapshotId: string; readonly tagChanges: readonly TagChange[] }
  | { readonly kind: 'error'; readonly snapshotId: string; readonly reason: string };

/** The last attempt at copying the disk: an execution of the state machine. */
export type CopyObserved =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly attempt: number; readonly progress?: string }
  | {
    readonly kind: 'succeeded';
    readonly attempt: number;
    readonly total: DiskCopyTotal;
    /** Seconds since it ended. */
    readonly ago: number;
  }
  | { readonly kind: 'failed'; readonly attempt: number; readonly reason: string; readonly again: 'worth-a-try' | 'in-vain' };

export interface SnapshotSeen {
  readonly snapshot: SnapshotObserved;
  readonly copy: CopyObserved;
}

export interface SnapshotCircumstances {
  /** `updating`: the snapshot stood before this request, so this request must not start another one. */
  readonly phase: 'creating' | 'updating';
  /** Seconds since the request. */
  readonly elapsed: number;
  /** How often the copy is attempted in all. */
  readonly maxAttempts: number;
}

export type SnapshotAction =
  | { readonly kind: 'done'; readonly snapshotId: string }
  | { readonly kind: 'wait'; readonly on: string; readonly progress?: string }
  | { readonly kind: 'fail'; readonly reason: string }
  /** Somebody deleted the snapshot. A rollback goes on without it. */
  | { readonly kind: 'gone'; readonly reason: string }
  | { readonly kind: 'start-snapshot'; readonly attempt: number }
  | { readonly kind: 'start-copy'; readonly snapshotId: string; readonly attempt: number }
  | { readonly kind: 'complete'; readonly snapshotId: string; readonly total: DiskCopyTotal; readonly refusal: 'wait' | 'fail' }
  | { readonly kind: 'tag'; readonly changes: readonly TagChange[] };

export function decideSnapshot({ snapshot, copy }: SnapshotSeen, circumstances: SnapshotCircumstances): SnapshotAction {
  if (snapshot.kind === 'completed') {
    return snapshot.tagChanges.length > 0 ? { kind: 'tag', changes: snapshot.tagChanges } : { kind: 'done', snapshotId: snapshot.snapshotId };
  }
  if (circumstances.phase === 'updating') {
    return circumstances.elapsed < EC2_SETTLES_AFTER
      ? { kind: 'wait', on: 'EC2 to list the snapshot' }
      : { kind: 'gone', reason: 'The snapshot does not exist any more; set or change "revision" to import the disk again' };
  }
  switch (copy.kind) {
    case 'running':
      return { kind: 'wait', on: 'the blocks of the disk are being written', progress: copy.progress };
    case 'succeeded':
      return afterCopy(snapshot, copy);
    case 'failed':
      if (copy.again === 'in-vain' || copy.attempt >= circumstances.maxAttempts) {
        return { kind: 'fail', reason: copy.reason };
      }
      break;
    case 'none':
  }
  const attempt = copy.kind === 'none' ? 1 : copy.attempt + 1;
  switch (snapshot.kind) {
    case 'none':
      return { kind: 'start-snapshot', attempt };
    case 'error':
      return copy.kind === 'none'
        ? { kind: 'fail', reason: `EBS gave up the snapshot ${snapshot.snapshotId} before a block was written: ${snapshot.reason}` }
        : { kind: 'start-snapshot', attempt };
    case 'pending':
      return { kind: 'start-copy', snapshotId: snapshot.snapshotId, attempt };
  }
}

/** Every block is written: the snapshot has to be completed. */
function afterCopy(snapshot: Exclude<SnapshotObserved, { kind: 'completed' }>, { total, ago }: CopyObserved & { kind: 'succeeded' }): SnapshotAction {
  switch (snapshot.kind) {
    case 'pending':
      // Completing twice may be refused, and a refusal may come before EC2 lists the snapshot as completed.
      return { kind: 'complete', snapshotId: snapshot.snapshotId, total, refusal: ago < COMPLETION_SETTLES_WITHIN ? 'wait' : 'fail' };
    case 'none':
      return ago < EC2_SETTLES_AFTER
        ? { kind: 'wait', on: 'EC2 to list the snapshot' }
        : { kind: 'fail', reason: 'The snapshot was deleted while its blocks were written; deploy again' };
    case 'error':
      return { kind: 'fail', reason: `EBS could not complete the snapshot ${snapshot.snapshotId}: ${snapshot.reason}` };
  }
}
