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
/** Logical partitions that are followed; each is a read. A chain of forged links ends here as well. */
const MOST_LOGICAL = 8;
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
    if (!EXTENDED.includes(entry.u8(4))) partitions.push(partition);
  }
  if (end === 0) return undefined;
  const extended = entries.find(entry => !isUnused(entry) && EXTENDED.includes(entry.u8(4)));
  const logical = extended === undefined ? [] : yield* readLogical(extended.u32le(8), guest);
  end = Math.max(end, ...logical.map(({ offset, length }) => offset + length));
  return { kind: 'mbr', bootCode: bootCodeOf(first), partitions: [...partitions, ...logical], end };
}

/** Whether a sector is the MBR that protects a GPT. */
export function isProtectiveMbr(first: Bytes): boolean {
  return entriesOf(first)?.some(entry => entry.u8(4) === GPT_PROTECTIVE && entry.u32le(12) !== 0) ?? false;
}

/** Says what kind of boot code the first sector holds. */
export function bootCodeOf(first: Bytes): BootCode {
  const code = first.slice(0, CODE_BYTES);
  if (!first.has(510, '\x55\xaa') || code.isZero()) return 'none';
  const text = code.latin1(0, CODE_BYTES);
  if (/GRUB|LILO/.test(text)) return 'chooses';
  return /operating system|partition table/i.test(text) ? 'needs active' : 'unfamiliar';
}

function entriesOf(first: Bytes): Bytes[] | undefined {
  if (!first.has(510, '\x55\xaa')) return undefined;
  const entries = [446, 462, 478, 494].map(at => first.slice(at, 16));
  return entries.some(entry => entry.u8(0) !== 0 && entry.u8(0) !== 0x80) ? undefined : entries;
}

function isUnused(entry: Bytes): boolean {
  return entry.u8(4) === 0 || entry.u32le(12) === 0;
}

/** Follows the chain of extended boot records: each describes one logical partition, and where the next record is. */
function* readLogical(start: number, guest: GuestReader): Reading<Partition[]> {
  const logical: Partition[] = [];
  for (let sector = start; logical.length < MOST_LOGICAL;) {
    const record = yield* guest(sector * SECTOR, SECTOR);
    const [entry, link] = (record && entriesOf(record)) ?? [];
    if (entry === undefined || link === undefined || isUnused(entry)) return logical;
    logical.push(partitionOf(entry, sector, FIRST_LOGICAL + logical.length));
    if (isUnused(link) || !EXTENDED.includes(link.u8(4))) return logical;
    // Links are relative to the extended partition, and lead onwards.
    if (start + link.u32le(8) <= sector) return logical;
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
