import { VmdkDamage } from './image';
import { Bytes } from '../reading/bytes';
import { BlockPlace, blockGuest, GuestReader } from '../reading/guest';
import { Reach, Reading, Section } from '../reading/image-file';

// VMware Virtual Disk Format 5.0, "Hosted Sparse Extents" and "Stream-Optimized Compressed Sparse Extents":
// https://www.vmware.com/support/developer/vddk/vmdk_50_technote.pdf
const SECTOR = 512;
const GD_AT_END = '\xff\xff\xff\xff\xff\xff\xff\xff';
const DEFLATE = 1;
/** What the header's test for damaged line ends holds: newline, a single character, carriage return and newline. */
const LINE_ENDS = '\n \r\n';
/** A first read of a compressed grain; an installed boot sector compresses to far less. */
const GRAIN_READ = 16 * 1024;
/** Grains have 64 KiB; a header that says more must not make us inflate without end. */
const LARGEST_GRAIN = 1024 * 1024;
/** Where a footer is looked for, should a tool have padded the file. */
const FOOTER_SEARCH = 8 * 1024;

/** Inflates zlib data (RFC 1950) to at most so many bytes; nothing where the data is damaged. */
export type Inflate = (deflated: Uint8Array, mostBytes: number) => Uint8Array | undefined;

export interface SparseHeader {
  readonly capacity: number;
  readonly grainSize: number;
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
  readonly entriesPerTable: number;
  readonly directory: number | 'at end';
  readonly grains: 'plain' | 'deflated';
  readonly lineEnds: 'intact' | 'changed';
}

/** Byte at which the grain directory begins; nothing where the footer that tells is missing. */
export type Directory = number | undefined;

export function sparseHeader(head: Bytes): SparseHeader {
  const compressed = Math.floor(head.u32le(8) / 65_536) % 2 === 1;
  return {
    capacity: head.u64le(12),
    grainSize: head.u64le(20) * SECTOR,
    descriptorOffset: head.u64le(28) * SECTOR,
    descriptorSize: head.u64le(36) * SECTOR,
    entriesPerTable: head.u32le(44),
    directory: head.has(56, GD_AT_END) ? 'at end' : head.u64le(56) * SECTOR,
    grains: compressed && head.u16le(77) === DEFLATE ? 'deflated' : 'plain',
    lineEnds: head.has(73, LINE_ENDS) ? 'intact' : 'changed',
  };
}

export function* locateDirectory(section: Section, { directory }: SparseHeader, reach: Reach): Reading<Directory> {
  if (directory !== 'at end') return directory;
  const tail = yield* section.tail(FOOTER_SEARCH);
  // The footer is a copy of the header that knows the directory; the marker that ends the stream follows it.
  for (let at = tail.length - (section.length % SECTOR) - SECTOR; at >= 0; at -= SECTOR) {
    if (tail.has(at, 'KDMV') && !tail.has(at + 56, GD_AT_END)) return tail.u64le(at + 56) * SECTOR;
  }
  reach.until(section.length + 2 * SECTOR);
  return undefined;
}

export function headerDamage(header: SparseHeader, directory: Directory): VmdkDamage[] {
  const damage: VmdkDamage[] = [];
  if (header.lineEnds === 'changed') damage.push('text-transfer');
  if (directory === undefined) damage.push('no-footer');
  if (header.grainSize < SECTOR || header.entriesPerTable === 0) damage.push('bad-header');
  return damage;
}

interface SparseExtent {
  readonly section: Section;
  readonly header: SparseHeader;
  readonly directory: number;
  readonly reach: Reach;
  readonly inflate: Inflate;
}

export function sparseGuest({ section, header, directory, reach, inflate }: SparseExtent): GuestReader {
  const { grainSize, entriesPerTable, grains } = header;
  return blockGuest(section, grainSize, function* (grain): Reading<BlockPlace> {
    const table = yield* entryAt(section, directory + Math.floor(grain / entriesPerTable) * 4, reach);
    if (table === 0) return { kind: 'zero' };
    const sector = table && (yield* entryAt(section, table * SECTOR + (grain % entriesPerTable) * 4, reach));
    if (sector === undefined) return { kind: 'unknown' };
    // 1 stands for a grain of zeros, 0 for one that was never written.
    if (sector <= 1) return { kind: 'zero' };
    reach.until(sector * SECTOR + 1);
    return grains === 'plain' ? { kind: 'stored', offset: sector * SECTOR } : yield* inflateGrain(section, sector * SECTOR, grainSize, inflate);
  });
}

/** A sector number in the directory or in a table; nothing where it lies outside of what can be read. */
function* entryAt(section: Section, at: number, reach: Reach): Reading<number | undefined> {
  reach.until(at + 4);
  const entry = yield* section.read(at, 4);
  return entry.length < 4 ? undefined : entry.u32le(0);
}

/** A grain marker: its sector on the disk (8 bytes), the size of the data (4 bytes), the data. */
function* inflateGrain(section: Section, offset: number, grainSize: number, inflate: Inflate): Reading<BlockPlace> {
  const start = yield* section.read(offset, GRAIN_READ);
  const size = start.u32le(8);
  // Data that does not compress grows by a few bytes only.
  if (size === 0 || size > grainSize + SECTOR) return { kind: 'unknown' };
  const packed = size + 12 > start.length ? yield* section.read(offset, size + 12) : start;
  const bytes = inflate(packed.slice(12, size).data, Math.min(grainSize, LARGEST_GRAIN));
  return bytes === undefined ? { kind: 'unknown' } : { kind: 'unpacked', bytes: new Bytes(bytes) };
}
