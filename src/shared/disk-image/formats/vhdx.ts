import { VhdxDamage, VhdxImage } from './image';
import { readContent } from '../boot/disk-content';
import { Bytes } from '../reading/bytes';
import { crc } from '../reading/checksum';
import { BlockPlace, blockGuest, GuestReader, unknownGuest } from '../reading/guest';
import { Reach, Reading, Section } from '../reading/image-file';

// [MS-VHDX] Virtual Hard Disk v2 (VHDX) File Format:
// https://learn.microsoft.com/openspecs/windows_protocols/ms-vhdx/83e061f8-f6e2-4de1-91bd-5d518a43d477
const KIB = 1024;
const MIB = 1024 * KIB;
const NO_LOG = '00000000-0000-0000-0000-000000000000';
const REGION = { bat: '2DC27766-F623-4200-9D64-115E9BFD4A08', metadata: '8B7CA206-4790-4B9A-B8FE-575F050F886E' };
const ITEM = {
  fileParameters: 'CAA16737-FA36-4D43-B3B6-33F0AA44E76B',
  virtualSize: '2FA54224-CD1B-4876-B211-5DBED83BF4B8',
  logicalSectorSize: '8141BF1D-A96F-4709-BA47-F233A8FAAB5F',
};
/** State of a payload block whose sectors are all in this file: any other reads as zeros where there is no parent. */
export const FULLY_PRESENT = 6;

/** A part of the file. */
export interface VhdxRegion {
  readonly offset: number;
  readonly length: number;
}

/** How the blocks of an image are arranged. */
export interface VhdxMetadata {
  readonly blockSize: number;
  readonly subformat: VhdxImage['subformat'];
  readonly virtualSize: number;
  readonly sectorSize: number;
}

export function isVhdx(head: Bytes): boolean {
  return head.has(0, 'vhdxfile');
}

/** What the headers of an image say: how its blocks are arranged, and whether its log has to be replayed. */
export interface VhdxHeaders {
  readonly log: VhdxImage['log'];
  readonly damage: readonly VhdxDamage[];
  readonly metadata?: VhdxMetadata;
  /** The block allocation table. */
  readonly table?: VhdxRegion;
  /** Byte at which the last region ends. */
  readonly end: number;
}

/** Reads the headers, the region table and the metadata. Whatever is damaged is absent, and listed as damage. */
export function* readVhdxHeaders(section: Section): Reading<VhdxHeaders> {
  const damage: VhdxDamage[] = [];
  // Both headers and the first region table: one request.
  const front = yield* section.read(64 * KIB, 192 * KIB);
  const header = currentHeader(front);
  if (header === undefined) damage.push('no-valid-header');
  const regions = yield* readRegions(section, front.slice(128 * KIB, 64 * KIB));
  if (regions === undefined) damage.push('no-valid-region-table');
  const metadata = yield* readMetadata(section, regions?.get(REGION.metadata));
  if (metadata === undefined && regions !== undefined) damage.push('no-metadata');
  return {
    log: header !== undefined && header.guid(48) !== NO_LOG ? 'dirty' : 'clean',
    damage,
    metadata,
    table: regions?.get(REGION.bat),
    end: Math.max(0, ...[...regions?.values() ?? []].map(({ offset, length }) => offset + length)),
  };
}

export function* readVhdx(section: Section): Reading<VhdxImage> {
  const { log, damage, metadata, table, end } = yield* readVhdxHeaders(section);
  const reach = new Reach();
  reach.until(end);
  // The log may hold any part of the disk, its partition table included.
  const guest = log === 'dirty' ? unknownGuest : guestOf(section, metadata, table, reach);
  const virtualSize = metadata?.virtualSize ?? 0;
  return {
    format: 'VHDX',
    subformat: metadata?.subformat ?? 'unknown',
    virtualSize,
    log,
    damage,
    ...(yield* readContent(guest, virtualSize, 'on demand')),
    truncated: reach.truncation(section.length),
  };
}

/** The valid header with the higher sequence number is the current one. */
function currentHeader(front: Bytes): Bytes | undefined {
  return [front.slice(0, 4 * KIB), front.slice(64 * KIB, 4 * KIB)]
    .filter(header => header.has(0, 'head') && crc('crc32c', header, { at: 4, length: 4 }) === header.u32le(4))
    .sort((a, b) => b.u64le(8) - a.u64le(8))[0];
}

function* readRegions(section: Section, first: Bytes): Reading<Map<string, VhdxRegion> | undefined> {
  const table = validRegionTable(first) ?? validRegionTable(yield* section.read(256 * KIB, 64 * KIB));
  return table && new Map(entriesOf(table, { count: table.u32le(8), at: 16 })
    .map(entry => [entry.guid(0), { offset: entry.u64le(16), length: entry.u32le(24) }]));
}

function validRegionTable(table: Bytes): Bytes | undefined {
  return table.has(0, 'regi') && crc('crc32c', table, { at: 4, length: 4 }) === table.u32le(4) ? table : undefined;
}

/** Both tables have entries of 32 bytes, and room for 2,047 of them in their 64 KiB. */
function entriesOf(table: Bytes, { count, at }: { count: number; at: number }): Bytes[] {
  return Array.from({ length: Math.min(count, 2047) }, (_, i) => table.slice(at + i * 32, 32));
}

function* readMetadata(section: Section, region: VhdxRegion | undefined): Reading<VhdxMetadata | undefined> {
  if (region === undefined) return undefined;
  // The table takes 64 KiB, the items follow it.
  const area = yield* section.read(region.offset, 72 * KIB);
  if (!area.has(0, 'metadata')) return undefined;
  const items = new Map(entriesOf(area, { count: area.u16le(10), at: 32 })
    .map(entry => [entry.guid(0), area.slice(entry.u32le(16), entry.u32le(20))]));
  const parameters = items.get(ITEM.fileParameters);
  const blockSize = parameters?.u32le(0) ?? 0;
  const sectorSize = items.get(ITEM.logicalSectorSize)?.u32le(0) ?? 0;
  const virtualSize = items.get(ITEM.virtualSize)?.u64le(0);
  const isBlockSize = blockSize >= MIB && blockSize <= 256 * MIB && Number.isInteger(Math.log2(blockSize));
  if (parameters === undefined || virtualSize === undefined || !isBlockSize || (sectorSize !== 512 && sectorSize !== 4096)) return undefined;
  return { blockSize, sectorSize, virtualSize, subformat: subformatOf(parameters.u32le(4)) };
}

/** Bit 0: blocks stay allocated, the sign of a fixed disk. Bit 1: the disk has a parent. */
function subformatOf(flags: number): VhdxImage['subformat'] {
  if (Math.floor(flags / 2) % 2 === 1) return 'differencing';
  return flags % 2 === 1 ? 'fixed' : 'dynamic';
}

/** Returns the place of a block in the table: one entry for a sector bitmap follows every chunk of entries for blocks. */
export function tableIndex(block: number, { blockSize, sectorSize }: VhdxMetadata): number {
  const chunkRatio = (2 ** 23 * sectorSize) / blockSize;
  return block + Math.floor(block / chunkRatio);
}

function guestOf(section: Section, metadata: VhdxMetadata | undefined, table: VhdxRegion | undefined, reach: Reach): GuestReader {
  if (metadata === undefined || table === undefined || metadata.subformat === 'differencing') return unknownGuest;
  const { blockSize } = metadata;
  return blockGuest(section, blockSize, function* (block): Reading<BlockPlace> {
    const entry = yield* section.read(table.offset + tableIndex(block, metadata) * 8, 8);
    if (entry.length < 8) return { kind: 'unknown' };
    if (entry.u8(0) % 8 !== FULLY_PRESENT) return { kind: 'zero' };
    const offset = Math.floor(entry.u64le(0) / MIB) * MIB;
    reach.until(offset + 1);
    return { kind: 'stored', offset };
  });
}
