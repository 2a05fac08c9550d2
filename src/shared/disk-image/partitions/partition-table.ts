import { Gpt, readGpt } from './gpt';
import { Mbr, readMbr } from './mbr';
import { Partition } from './partition';
import { Bytes } from '../reading/bytes';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

export type PartitionTable =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none'; readonly content: 'zeros' | 'data' }
  | Mbr
  | Gpt;

/** Enough for a GPT with 128 entries on disks of 512 or 4,096 byte sectors. */
const FIRST_SECTORS = 24 * 1024;

/** Partitions whose first sector is read, largest first: encryption of the root is what matters, each read is a request. */
const PROBES = 3;

export function* readPartitionTable(guest: GuestReader, virtualSize: number, backup: 'at hand' | 'on demand'): Reading<PartitionTable> {
  const first = yield* guest(0, Math.min(FIRST_SECTORS, virtualSize));
  if (first === undefined) return { kind: 'unknown' };
  const gpt = yield* readGpt(first, guest, virtualSize, backup);
  if (gpt !== undefined) return { ...gpt, partitions: yield* probe(gpt.partitions, guest) };
  const mbr = readMbr(first);
  if (mbr !== undefined) return { ...mbr, partitions: yield* probe(mbr.partitions, guest) };
  return { kind: 'none', content: first.isZero() ? 'zeros' : 'data' };
}

function* probe(partitions: readonly Partition[], guest: GuestReader): Reading<readonly Partition[]> {
  const largest = [...partitions].sort((a, b) => b.length - a.length).slice(0, PROBES);
  const probed: Partition[] = [];
  for (const partition of partitions) {
    const sector = largest.includes(partition) ? yield* guest(partition.offset, 512) : undefined;
    probed.push(sector === undefined ? partition : { ...partition, encryption: encryptionOf(sector) ?? 'none' });
  }
  return probed;
}

/**
 * LUKS: https://gitlab.com/cryptsetup/LUKS2-docs (both versions begin alike).
 * BitLocker: [MS-FVE] volumes carry `-FVE-FS-` where NTFS has its name.
 */
export function encryptionOf(sector: Bytes): 'LUKS' | 'BitLocker' | undefined {
  if (sector.has(0, 'LUKS\xba\xbe')) return 'LUKS';
  if (sector.has(3, '-FVE-FS-')) return 'BitLocker';
  return undefined;
}
