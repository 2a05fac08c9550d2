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
const GRAIN_MARKER = 12;
/** Grains have 64 KiB; a header that says more must not make us inflate without end. */
const LARGEST_GRAIN = 1024 * 1024;
/** Bytes at the end in which the footer is looked for, the second where a tool has padded the file. */
const FOOTER_SEARCHES: readonly number[] = [8 * 1024, 256 * 1024];

/**
 * Inflates data to at most so many bytes. Returns undefined if the data is damaged, or if the runtime does not know the compression.
 *
 * `whole` and `beginning`: zlib or gzip data (RFC 1950, RFC 1952), all of it or as much as its beginning gives. `raw`: deflate data
 * (RFC 1951) with anything after it. `zstd`: one Zstandard frame (RFC 8878). Default: `whole`.
 */
export type Inflate = (deflated: Uint8Array, mostBytes: number, kind?: 'whole' | 'beginning' | 'raw' | 'zstd') => Uint8Array | undefined;

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

/** The copy of the header that ends a stream, and knows where the grain directory is. */
export interface Footer {
  readonly directory: number;
  /** Byte at which the stream ends: behind the footer and the marker of 512 bytes that follows it. */
  readonly end: number;
}

/** Looks for the footer at the end of the file, and further in where a tool has padded the file. */
export function* locateFooter(section: Section): Reading<Footer | undefined> {
  for (const size of FOOTER_SEARCHES) {
    const start = Math.max(0, Math.ceil((section.length - size) / SECTOR) * SECTOR);
    const tail = yield* section.read(start, section.length - start);
    for (let at = Math.floor(tail.length / SECTOR) * SECTOR - SECTOR; at >= 0; at -= SECTOR) {
      if (tail.has(at, 'KDMV') && !tail.has(at + 56, GD_AT_END)) return { directory: tail.u64le(at + 56) * SECTOR, end: start + at + 2 * SECTOR };
    }
  }
  return undefined;
}

/** Returns the byte at which the grain directory begins; nothing where the footer that has it is missing. */
export function directoryOf({ directory }: SparseHeader, footer: Footer | undefined): number | undefined {
  return directory === 'at end' ? footer?.directory : directory;
}

/** Says what the header, the footer and the length of a sparse extent show. */
export function headerDamage(header: SparseHeader, footer: Footer | undefined, length: number): VmdkDamage[] {
  const damage: VmdkDamage[] = [];
  if (header.lineEnds === 'changed') damage.push('text-transfer');
  if (header.grainSize < SECTOR || header.entriesPerTable === 0) damage.push('bad-header');
  if (header.directory !== 'at end') return damage;
  if (footer === undefined) damage.push('no-footer');
  else if (footer.end > length) damage.push('no-end-of-stream');
  else if (footer.end < length) damage.push('data-behind-footer');
  return damage;
}

interface SparseExtent {
  readonly section: Section;
  readonly header: SparseHeader;
  readonly directory: number;
  readonly reach: Reach;
  readonly inflate: Inflate;
  /** Takes what turns out while grains are read. */
  readonly damage: VmdkDamage[];
}

export function sparseGuest(extent: SparseExtent): GuestReader {
  const { section, header: { grainSize, entriesPerTable, grains }, directory, reach } = extent;
  return blockGuest(section, grainSize, function* (grain): Reading<BlockPlace> {
    const table = yield* entryAt(section, directory + Math.floor(grain / entriesPerTable) * 4, reach);
    if (table === 0) return { kind: 'zero' };
    const sector = table && (yield* entryAt(section, table * SECTOR + (grain % entriesPerTable) * 4, reach));
    if (sector === undefined) return { kind: 'unknown' };
    // 1 stands for a grain of zeros, 0 for one that was never written.
    if (sector <= 1) return { kind: 'zero' };
    reach.until(sector * SECTOR + 1);
    return grains === 'plain' ? { kind: 'stored', offset: sector * SECTOR } : yield* inflateGrain(extent, grain, sector * SECTOR);
  });
}

/** A sector number in the directory or in a table; nothing where it lies outside of what can be read. */
function* entryAt(section: Section, at: number, reach: Reach): Reading<number | undefined> {
  reach.until(at + 4);
  const entry = yield* section.read(at, 4);
  return entry.length < 4 ? undefined : entry.u32le(0);
}

/** Inflates a grain behind its marker: its sector on the disk (8 bytes), the size of the data (4 bytes), the data. */
function* inflateGrain(extent: SparseExtent, grain: number, offset: number): Reading<BlockPlace> {
  const { section, header: { grainSize, capacity }, reach, inflate, damage } = extent;
  const start = yield* section.read(offset, GRAIN_READ);
  const size = start.u32le(8);
  reach.until(offset + GRAIN_MARKER + size);
  const packed = size + GRAIN_MARKER > start.length ? yield* section.read(offset, size + GRAIN_MARKER) : start;
  // What was not read, or is not inflated at once, is not known to be damaged.
  if (packed.length < size + GRAIN_MARKER || grainSize > LARGEST_GRAIN) return { kind: 'unknown' };
  const bytes = inflate(packed.slice(GRAIN_MARKER, size).data, grainSize);
  const needed = Math.min(grainSize, capacity * SECTOR - grain * grainSize);
  if (bytes !== undefined && bytes.length >= needed) return { kind: 'unpacked', bytes: new Bytes(bytes) };
  if (!damage.includes('bad-grain')) damage.push('bad-grain');
  return { kind: 'unknown' };
}
