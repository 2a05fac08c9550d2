import { Partition } from './partition';
import { contentByType } from './volume';
import { Bytes } from '../reading/bytes';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

/** https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html#legacy-master-boot-record-mbr */
export interface Mbr {
  readonly kind: 'mbr';
  readonly bootCode: BootCode;
  /** Primary partitions, then logical ones; the extended partition that encloses these is none of them. */
  readonly partitions: readonly Partition[];
  /** Byte at which the last partition ends, extended ones included. */
  readonly end: number;
}

/** `chooses`: a loader that finds its own way. `needs active`: it starts whichever partition is marked active. */
export type BootCode = 'none' | 'chooses' | 'needs active' | 'unfamiliar';

const SECTOR = 512;
const EFI_SYSTEM = 0xef;
const GPT_PROTECTIVE = 0xee;
const EXTENDED: readonly number[] = [0x05, 0x0f, 0x85];
/** Extended boot records that are followed. Each is a read. */
const MOST_RECORDS = 8;
const FIRST_LOGICAL = 5;
const CODE_BYTES = 440;

/** Reads the MBR; nothing where the first sector is none: a file system's boot sector has the same signature. */
export function* readMbr(first: Bytes, guest: GuestReader): Reading<Mbr | undefined> {
  const entries = entriesOf(first);
  if (entries === undefined) return undefined;
  const partitions: Partition[] = [];
  let end = 0;
  for (const [index, entry] of entries.entries()) {
    if (isUnused(entry)) continue;
    const partition = partitionOf(entry, 0, index + 1);
    end = Math.max(end, partition.offset + partition.length);
    if (!isExtended(entry)) partitions.push(partition);
  }
  if (end === 0) return undefined;
  const extended = entries.find(entry => !isUnused(entry) && isExtended(entry));
  const logical = extended === undefined ? [] : yield* readLogical(extended.u32le(8), guest);
  end = Math.max(end, ...logical.map(({ offset, length }) => offset + length));
  return { kind: 'mbr', bootCode: bootCodeOf(first), partitions: [...partitions, ...logical], end };
}

/** Says whether the first sector protects a GPT, or has partitions of its own. A hybrid MBR does both, and counts as protective. */
export function kindOfMbr(first: Bytes): 'protective' | 'own partitions' | 'empty' {
  const entries = entriesOf(first) ?? [];
  // Firmware and Linux do not look at the size of a protective entry.
  if (entries.some(entry => entry.u8(4) === GPT_PROTECTIVE)) return 'protective';
  return entries.every(isUnused) ? 'empty' : 'own partitions';
}

/** Says what kind of boot code the first sector holds. */
export function bootCodeOf(first: Bytes): BootCode {
  const code = first.slice(0, CODE_BYTES);
  if (!first.has(510, '\x55\xaa') || code.isZero()) return 'none';
  const text = code.latin1(0, CODE_BYTES);
  if (/GRUB|LILO/.test(text)) return 'chooses';
  return /operating system|partition table/i.test(text) ? 'needs active' : 'unfamiliar';
}

function isExtended(entry: Bytes): boolean {
  return EXTENDED.includes(entry.u8(4));
}

/** Returns the four entries of a boot record, or undefined if the sector is not one. */
function entriesOf(sector: Bytes): Bytes[] | undefined {
  if (!sector.has(510, '\x55\xaa')) return undefined;
  const entries = [446, 462, 478, 494].map(at => sector.slice(at, 16));
  return entries.some(entry => entry.u8(0) !== 0 && entry.u8(0) !== 0x80) ? undefined : entries;
}

function isUnused(entry: Bytes): boolean {
  return entry.u8(4) === 0 || entry.u32le(12) === 0;
}

/**
 * Follows the chain of extended boot records. A record describes one logical partition and links to the next record.
 * A record whose logical partition was deleted keeps its link.
 */
function* readLogical(start: number, guest: GuestReader): Reading<Partition[]> {
  const logical: Partition[] = [];
  let sector = start;
  for (let records = 0; records < MOST_RECORDS; records++) {
    const record = yield* guest(sector * SECTOR, SECTOR);
    const used = (record && entriesOf(record))?.filter(entry => !isUnused(entry)) ?? [];
    for (const entry of used.filter(candidate => !isExtended(candidate))) logical.push(partitionOf(entry, sector, FIRST_LOGICAL + logical.length));
    const link = used.find(isExtended);
    // A link counts from the start of the extended partition. One that leads backwards is forged.
    if (link === undefined || start + link.u32le(8) <= sector) return logical;
    sector = start + link.u32le(8);
  }
  return logical;
}

function partitionOf(entry: Bytes, base: number, number: number): Partition {
  const type = entry.u8(4);
  return {
    number,
    type: hex(type),
    role: type === EFI_SYSTEM ? 'efi system' : 'other',
    offset: (base + entry.u32le(8)) * SECTOR,
    length: entry.u32le(12) * SECTOR,
    active: entry.u8(0) === 0x80 ? 'active' : 'inactive',
    content: contentByType(hex(type)),
    label: '',
  };
}

function hex(type: number): string {
  return type.toString(16).padStart(2, '0');
}
