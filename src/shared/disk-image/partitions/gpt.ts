import { isProtectiveMbr } from './mbr';
import { Partition } from './partition';
import { Bytes } from '../reading/bytes';
import { crc } from '../reading/checksum';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

/** https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html */
export interface Gpt {
  readonly kind: 'gpt';
  readonly sectorSize: 512 | 4096;
  readonly header: 'valid' | 'damaged';
  readonly entries: 'valid' | 'damaged' | 'not checked';
  readonly backup: 'valid' | 'damaged' | 'not read';
  readonly protectiveMbr: 'present' | 'absent';
  readonly partitions: readonly Partition[];
}

const ROLES: ReadonlyMap<string, Partition['role']> = new Map([
  ['C12A7328-F81F-11D2-BA4B-00A0C93EC93B', 'efi system'],
  ['21686148-6449-6E6F-744E-656564454649', 'bios boot'],
]);
const UNUSED = '00000000-0000-0000-0000-000000000000';
const MOST_ENTRIES = 128;

export function* readGpt(first: Bytes, guest: GuestReader, virtualSize: number, backup: 'at hand' | 'on demand'): Reading<Gpt | undefined> {
  const sectorSize = ([512, 4096] as const).find(size => first.has(size, 'EFI PART'));
  if (sectorSize === undefined) return undefined;
  const sector = first.slice(sectorSize, 512);
  const header = headerState(sector);
  const { state, partitions } = readEntries(sector, first, sectorSize);
  const wanted = backup === 'at hand' || header === 'damaged';
  return {
    kind: 'gpt',
    sectorSize,
    header,
    entries: state,
    backup: wanted ? yield* backupState(guest, virtualSize - sectorSize) : 'not read',
    protectiveMbr: isProtectiveMbr(first) ? 'present' : 'absent',
    partitions,
  };
}

function headerState(sector: Bytes): 'valid' | 'damaged' {
  const size = sector.u32le(12);
  if (!sector.has(0, 'EFI PART') || size < 92 || size > 512) return 'damaged';
  return crc('crc32', sector.slice(0, size), { at: 16, length: 4 }) === sector.u32le(16) ? 'valid' : 'damaged';
}

function* backupState(guest: GuestReader, offset: number): Reading<Gpt['backup']> {
  const sector = yield* guest(offset, 512);
  return sector === undefined ? 'not read' : headerState(sector);
}

function readEntries(sector: Bytes, first: Bytes, sectorSize: number): { state: Gpt['entries']; partitions: Partition[] } {
  const at = sector.u64le(72) * sectorSize;
  const count = sector.u32le(80);
  const size = sector.u32le(84);
  const array = first.slice(at, count * size);
  const partitions: Partition[] = [];
  for (let i = 0; i < Math.min(count, MOST_ENTRIES) && size >= 128; i++) {
    const entry = array.slice(i * size, size);
    if (entry.guid(0) !== UNUSED) partitions.push(partitionOf(entry, sectorSize));
  }
  if (array.length < count * size) return { state: 'not checked', partitions };
  return { state: crc('crc32', array, { at: 0, length: 0 }) === sector.u32le(88) ? 'valid' : 'damaged', partitions };
}

function partitionOf(entry: Bytes, sectorSize: number): Partition {
  const type = entry.guid(0);
  const begin = entry.u64le(32);
  return {
    type,
    role: ROLES.get(type) ?? 'other',
    offset: begin * sectorSize,
    length: Math.max(0, entry.u64le(40) - begin + 1) * sectorSize,
    active: 'inactive',
    encryption: 'not looked at',
  };
}
