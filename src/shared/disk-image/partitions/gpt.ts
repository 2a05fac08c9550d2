import { bootCodeOf, BootCode, kindOfMbr } from './mbr';
import { Partition } from './partition';
import { contentByType } from './volume';
import { Bytes } from '../reading/bytes';
import { crc } from '../reading/checksum';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

/** https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html */
export interface Gpt {
  readonly kind: 'gpt';
  readonly sectorSize: SectorSize;
  readonly primary: GptCopy;
  /** `elsewhere`: valid, but before the end of the disk, as on a disk that was enlarged. */
  readonly backup: GptCopy | 'elsewhere';
  readonly protectiveMbr: 'present' | 'absent';
  readonly bootCode: BootCode;
  /** From the copy that is valid, the primary one if both are. */
  readonly partitions: readonly Partition[];
}
export type SectorSize = 512 | 4096;
/** `entries damaged`: the header has its right checksum, its array of partitions has not. */
export type GptCopy = 'valid' | 'entries damaged' | 'damaged' | 'missing' | 'not read';

const SECTOR_SIZES: readonly SectorSize[] = [512, 4096];
const SIGNATURE = 'EFI PART';
/** Sector of the primary header. */
const PRIMARY = 1;
const ROLES: ReadonlyMap<string, Partition['role']> = new Map([
  ['C12A7328-F81F-11D2-BA4B-00A0C93EC93B', 'efi system'],
  ['21686148-6449-6E6F-744E-656564454649', 'bios boot'],
]);
const UNUSED = '00000000-0000-0000-0000-000000000000';
const MOST_ENTRIES = 128;
/** The array of partitions: at least 16,384 bytes by the specification; a larger one is not read. */
const LARGEST_ARRAY = 128 * 256;

interface Copy {
  readonly state: GptCopy;
  readonly partitions: readonly Partition[];
  /** Sector of the other copy's header, as this copy has it. */
  readonly alternate: number;
}
const NO_COPY: Copy = { state: 'missing', partitions: [], alternate: 0 };

/** When the backup is read: a disk whose end is far away is asked for it only where the primary copy is no good. */
export type BackupReads = 'always' | 'on demand';

/**
 * Reads both copies of a GPT. Returns undefined if the disk has no GPT.
 *
 * An MBR with partitions of its own hides a GPT: firmware, GRUB and Linux use the MBR, and the GPT is left over from before.
 */
export function* readGpt(first: Bytes, guest: GuestReader, virtualSize: number, reads: BackupReads): Reading<Gpt | undefined> {
  const named = SECTOR_SIZES.find(size => first.has(size, SIGNATURE));
  const kind = kindOfMbr(first);
  const protectiveMbr = kind === 'protective' ? 'present' : 'absent';
  if (kind === 'own partitions' || (named === undefined && protectiveMbr === 'absent')) return undefined;
  const primary = named === undefined ? NO_COPY : yield* readCopy(guest, PRIMARY, named);
  const backup: Backup = named === undefined || primary.state !== 'valid' || reads === 'always'
    ? yield* readBackup(guest, virtualSize, named, primary) : { ...NO_COPY, state: 'not read', sectorSize: named };
  return {
    kind: 'gpt',
    sectorSize: backup.sectorSize,
    primary: primary.state,
    backup: backup.state,
    protectiveMbr,
    bootCode: bootCodeOf(first),
    partitions: primary.state !== 'valid' && backup.state === 'valid' ? backup.partitions : primary.partitions,
  };
}

interface Backup extends Omit<Copy, 'state'> {
  readonly state: Gpt['backup'];
  readonly sectorSize: SectorSize;
}

/** Looks for the backup in the last sector, then where the primary copy says that it is. */
function* readBackup(guest: GuestReader, virtualSize: number, named: SectorSize | undefined, primary: Copy): Reading<Backup> {
  for (const sectorSize of named === undefined ? SECTOR_SIZES : [named]) {
    const last = Math.floor(virtualSize / sectorSize) - 1;
    // A cut file may end before, or with, the sector of the primary header.
    if (last <= PRIMARY) continue;
    const copy = yield* readCopy(guest, last, sectorSize);
    if (copy.state !== 'missing') return { ...copy, sectorSize };
    if (primary.state === 'valid' && primary.alternate > PRIMARY && primary.alternate < last) {
      const other = yield* readCopy(guest, primary.alternate, sectorSize);
      if (other.state === 'valid') return { ...other, sectorSize, state: 'elsewhere' };
    }
  }
  return { ...NO_COPY, sectorSize: named ?? 512 };
}

/** Reads the copy whose header is in a sector. */
function* readCopy(guest: GuestReader, sector: number, sectorSize: SectorSize): Reading<Copy> {
  const header = yield* guest(sector * sectorSize, 512);
  if (header === undefined) return { ...NO_COPY, state: 'not read' };
  if (!header.has(0, SIGNATURE)) return NO_COPY;
  const alternate = header.u64le(32);
  const size = header.u32le(12);
  const sound = size >= 92 && size <= 512 && header.u64le(24) === sector
    && crc('crc32', header.slice(0, size), { at: 16, length: 4 }) === header.u32le(16);
  const count = header.u32le(80);
  const entrySize = header.u32le(84);
  if (!sound || entrySize < 128 || count * entrySize > LARGEST_ARRAY) return { state: 'damaged', partitions: [], alternate };
  const array = yield* guest(header.u64le(72) * sectorSize, count * entrySize);
  if (array === undefined) return { state: 'not read', partitions: [], alternate };
  const state = crc('crc32', array, { at: 0, length: 0 }) === header.u32le(88) ? 'valid' : 'entries damaged';
  return { state, partitions: partitionsOf(array, count, entrySize, sectorSize), alternate };
}

function partitionsOf(array: Bytes, count: number, entrySize: number, sectorSize: SectorSize): Partition[] {
  return Array.from({ length: Math.min(count, MOST_ENTRIES) }, (_, index) => [index + 1, array.slice(index * entrySize, entrySize)] as const)
    .filter(([, entry]) => entry.guid(0) !== UNUSED)
    .map(([number, entry]) => partitionOf(entry, number, sectorSize));
}

function partitionOf(entry: Bytes, number: number, sectorSize: SectorSize): Partition {
  const type = entry.guid(0);
  const begin = entry.u64le(32);
  return {
    number,
    type,
    role: ROLES.get(type) ?? 'other',
    offset: begin * sectorSize,
    length: Math.max(0, entry.u64le(40) - begin + 1) * sectorSize,
    // Bit 2 of the attributes: legacy BIOS bootable.
    active: Math.floor(entry.u8(48) / 4) % 2 === 1 ? 'active' : 'inactive',
    content: contentByType(type),
    label: entry.utf16(56, 72),
  };
}
