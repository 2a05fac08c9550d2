import { Partition } from './partition';
import { Bytes } from '../reading/bytes';

/** https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html#legacy-master-boot-record-mbr */
export interface Mbr {
  readonly kind: 'mbr';
  readonly partitions: readonly Partition[];
}

const SECTOR = 512;
const EFI_SYSTEM = 0xef;
const GPT_PROTECTIVE = 0xee;

/** The MBR, or nothing where the first sector is none: a file system's boot sector has the same signature. */
export function readMbr(first: Bytes): Mbr | undefined {
  if (!first.has(510, '\x55\xaa')) return undefined;
  const entries = [446, 462, 478, 494].map(at => first.slice(at, 16));
  if (entries.some(entry => entry.u8(0) !== 0 && entry.u8(0) !== 0x80)) return undefined;
  const partitions = entries.filter(entry => entry.u8(4) !== 0 && entry.u32le(12) !== 0).map(partitionOf);
  return partitions.length === 0 ? undefined : { kind: 'mbr', partitions };
}

export function isProtectiveMbr(first: Bytes): boolean {
  return readMbr(first)?.partitions.some(({ type }) => type === hex(GPT_PROTECTIVE)) ?? false;
}

function partitionOf(entry: Bytes): Partition {
  const type = entry.u8(4);
  return {
    type: hex(type),
    role: type === EFI_SYSTEM ? 'efi system' : 'other',
    offset: entry.u32le(8) * SECTOR,
    length: entry.u32le(12) * SECTOR,
    active: entry.u8(0) === 0x80 ? 'active' : 'inactive',
    encryption: 'not looked at',
  };
}

function hex(type: number): string {
  return type.toString(16).padStart(2, '0');
}
