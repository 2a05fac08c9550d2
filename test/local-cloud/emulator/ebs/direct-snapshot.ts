import { Call, isVisible } from '../call';
import type { SnapshotResource } from '../world';
import { DirectSnapshot, isDirect } from './direct-upload';
import { invalid, snapshotNotFound } from './errors';

export function snapshotNamed(id: string, call: Call): SnapshotResource {
  if (!/^snap-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id)) {
    throw invalid('INVALID_SNAPSHOT_ID', `Invalid snapshot id: '${id}'`);
  }
  const snapshot = call.world.snapshots.get(id);
  if (!snapshot || !isVisible(call, 'get', snapshot) || call.now < snapshot.createdAt + visibleAfter(snapshot, call)) {
    throw snapshotNotFound(id);
  }
  return snapshot;
}

/** Returns the snapshot if blocks may still be written to it. */
export function openSnapshotNamed(id: string, call: Call): DirectSnapshot {
  const snapshot = snapshotNamed(id, call);
  if (!isDirect(snapshot) || snapshot.description.State !== 'pending' || snapshot.direct.completesAt !== undefined) {
    throw invalid('INVALID_SNAPSHOT_ID', `The snapshot '${id}' is not open for writing: its state must be pending`);
  }
  return snapshot;
}

function visibleAfter(snapshot: SnapshotResource, { world }: Call): number {
  return isDirect(snapshot) && world.answer('ebsVisibility') === 'aMinuteLater' ? 60_000 : 0;
}
