import { BackupReads, Gpt, readGpt } from './gpt';
import { Mbr, readMbr } from './mbr';
import { Partition } from './partition';
import { BTRFS_SUPERBLOCK, btrfsOf, SMALLEST_BTRFS, Volume, VOLUME_HEAD, volumeOf } from './volume';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

export type PartitionTable =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none'; readonly content: 'zeros' | 'data' }
  | Mbr
  | Gpt;

/** Enough for a GPT with 128 entries on disks of 512 or 4,096 byte sectors. */
const FIRST_SECTORS = 24 * 1024;

/** Partitions whose first sectors are read, largest first: what the root is in matters most, and each read is a request. */
const MOST_PROBES = 6;

/** Reads the partition table and the first sectors of the partitions. */
export function* readPartitionTable(guest: GuestReader, virtualSize: number, reads: BackupReads): Reading<PartitionTable> {
  const first = yield* guest(0, Math.min(FIRST_SECTORS, virtualSize));
  if (first === undefined) return { kind: 'unknown' };
  const table = (yield* readGpt(first, guest, virtualSize, reads)) ?? (yield* readMbr(first, guest));
  if (table === undefined) return { kind: 'none', content: first.isZero() ? 'zeros' : 'data' };
  return { ...table, partitions: yield* probe(table.partitions, guest) };
}

/** Returns the byte at which the last partition ends. */
export function endOf(table: Mbr | Gpt): number {
  return table.kind === 'mbr' ? table.end : Math.max(0, ...table.partitions.map(({ offset, length }) => offset + length));
}

function* probe(partitions: readonly Partition[], guest: GuestReader): Reading<readonly Partition[]> {
  const largest = [...partitions].sort((a, b) => b.length - a.length).slice(0, MOST_PROBES);
  const probed: Partition[] = [];
  for (const partition of partitions) {
    probed.push(largest.includes(partition) ? { ...partition, ...yield* look(partition, guest) } : partition);
  }
  return probed;
}

function* look(partition: Partition, guest: GuestReader): Reading<Volume> {
  const head = yield* guest(partition.offset, Math.min(VOLUME_HEAD, partition.length));
  if (head === undefined) return partition;
  const volume = volumeOf(head, partition);
  if (volume.content !== 'zeros' || partition.length < SMALLEST_BTRFS) return volume;
  const superblock = yield* guest(partition.offset + BTRFS_SUPERBLOCK.at, BTRFS_SUPERBLOCK.length);
  return (superblock && btrfsOf(superblock)) ?? volume;
}
