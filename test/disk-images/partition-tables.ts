import { u32le, u64le } from './patch';
import { SparseFile } from './sparse-file';
import { Bytes } from '../../src/shared/disk-image/reading/bytes';
import { crc } from '../../src/shared/disk-image/reading/checksum';

const SECTOR = 512;
export const MIB = 2 ** 20;

/** Code that begins as GRUB's boot.img does. No test starts it. */
export const GRUB = Buffer.from('\xeb\x63\x90GRUB', 'latin1');
/** Code that ends in the message of a generic boot record, which starts the active partition. */
export const GENERIC = Buffer.from('\xfa\x33\xc0Missing operating system', 'latin1');
/** Code that no pattern knows. */
export const UNFAMILIAR = Buffer.from('\xeb\x10\x90\x12\x34', 'latin1');

/** A partition of an MBR, in sectors. */
export interface MbrPartition {
  /** Type, for example 0x83. */
  readonly type: number;
  readonly start: number;
  readonly count: number;
  readonly status?: 'active' | 'inactive';
}

/** An entry of a boot record. `start` counts from wherever the record says. */
function entry({ type, start, count, status = 'inactive' }: MbrPartition): Buffer {
  return Buffer.concat([Buffer.of(status === 'active' ? 0x80 : 0, 0, 2, 0, type, 0xff, 0xff, 0xff), u32le(start), u32le(count)]);
}

/** A sector with entries and the signature of a boot record. */
function bootRecord(entries: readonly MbrPartition[], code: Uint8Array = Buffer.alloc(0)): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.set(code);
  entries.forEach((one, index) => sector.set(entry(one), 446 + 16 * index));
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** A disk with an MBR. */
export function mbrDisk(size: number, partitions: readonly MbrPartition[], code: Uint8Array = GRUB): SparseFile {
  return new SparseFile(size).write(0, bootRecord(partitions, code));
}

/** Writes the chain of extended boot records: every logical partition has one, a sector that its data follows by 63 sectors. */
export function writeLogical(disk: SparseFile, extendedStart: number, logical: readonly MbrPartition[]): SparseFile {
  logical.forEach((partition, index) => {
    const at = partition.start - 63;
    const next = logical[index + 1];
    const link = next === undefined ? [] : [{ type: 0x05, start: next.start - 63 - extendedStart, count: next.count + 63 }];
    disk.write(at * SECTOR, bootRecord([{ ...partition, start: 63 }, ...link]));
  });
  return disk;
}

export const GPT_TYPES = {
  'efi': 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  'bios boot': '21686148-6449-6E6F-744E-656564454649',
  'linux': '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  'ms data': 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
  'ms reserved': 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE',
  'dynamic': 'AF9B60A0-1431-4F62-BC68-3311714A69AD',
} as const;

/** A partition of a GPT, in sectors; `last` belongs to it. */
export interface GptPartition {
  readonly type: keyof typeof GPT_TYPES;
  readonly first: number;
  readonly last: number;
  readonly name?: string;
}

/** Which copies of a GPT a disk has. */
export interface GptShape {
  readonly sectorSize?: 512 | 4096;
  readonly copies?: 'both' | 'primary' | 'backup';
  readonly code?: Uint8Array;
}

/** A disk with a GPT whose checksums are right. */
export function gptDisk(size: number, partitions: readonly GptPartition[], { sectorSize = 512, copies = 'both', code }: GptShape = {}): SparseFile {
  const sectors = size / sectorSize;
  const array = Buffer.alloc(128 * 128);
  partitions.forEach((one, index) => array.set(gptEntry(one, index), index * 128));
  const arraySectors = array.length / sectorSize;
  const disk = new SparseFile(size).write(0, bootRecord([{ type: 0xee, start: 1, count: Math.min(sectors - 1, 2 ** 32 - 1) }], code));
  const write = (at: number, other: number, arrayAt: number) => disk
    .write(at * sectorSize, gptHeader(array, { at, other, arrayAt, firstUsable: 2 + arraySectors, lastUsable: sectors - 2 - arraySectors }))
    .write(arrayAt * sectorSize, array);
  if (copies !== 'backup') write(1, sectors - 1, 2);
  if (copies !== 'primary') write(sectors - 1, 1, sectors - 1 - arraySectors);
  return disk;
}

/** A GUID as UEFI stores it: the first three groups are little-endian. */
function guid(text: string): Buffer {
  const bytes = Buffer.from(text.replace(/-/g, ''), 'hex');
  return Buffer.concat([bytes.subarray(0, 4).reverse(), bytes.subarray(4, 6).reverse(), bytes.subarray(6, 8).reverse(), bytes.subarray(8)]);
}

function gptEntry({ type, first, last, name = '' }: GptPartition, index: number): Buffer {
  return Buffer.concat([guid(GPT_TYPES[type]), Buffer.alloc(16, index + 1), u64le(first), u64le(last), u64le(0), Buffer.from(name, 'utf16le')]);
}

interface Places {
  readonly at: number;
  readonly other: number;
  readonly arrayAt: number;
  readonly firstUsable: number;
  readonly lastUsable: number;
}

function gptHeader(array: Uint8Array, { at, other, arrayAt, firstUsable, lastUsable }: Places): Buffer {
  const header = Buffer.concat([
    Buffer.from('EFI PART'), u32le(0x10000), u32le(92), u32le(0), u32le(0), u64le(at), u64le(other), u64le(firstUsable), u64le(lastUsable),
    Buffer.alloc(16, 7), u64le(arrayAt), u32le(128), u32le(128), u32le(crc('crc32', new Bytes(array), { at: 0, length: 0 })),
  ]);
  header.set(u32le(crc('crc32', new Bytes(header), { at: 16, length: 4 })), 16);
  return header;
}
