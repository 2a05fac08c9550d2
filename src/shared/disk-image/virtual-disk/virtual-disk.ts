import type { CompressedUnit, Extent, Layout } from './layout';
import { readInto } from './read-fully';
import { maskOf, zeroUnwritten, type Masked } from './sector-bitmap';
import { VirtualDiskError } from './virtual-disk-error';
import type { AsyncReader } from '../reading/drivers';

/** Parts of the image that are closer than this are read by one request: a request costs more than so many bytes. */
const SMALLEST_GAP = 64 * 1024;
/** Bytes that one request reads at most. */
const LARGEST_FETCH = 16 * 1024 * 1024;
/** Pieces of memory that are kept for later requests. Without a limit, there would be ever more of them, as large as the largest request. */
const MOST_SPARE = 8;

/** The disk that a guest sees, read by offset. */
export interface VirtualDisk {
  /** Bytes of the disk. */
  readonly size: number;
  /**
   * Reads bytes of the disk.
   *
   * @throws VirtualDiskError if the image is damaged or truncated
   * @throws RangeError if the disk does not have these bytes
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * Fills memory with bytes of the disk. If they are compressed or scattered in the image, it needs about as much memory for itself.
   *
   * @throws VirtualDiskError if the image is damaged or truncated
   * @throws RangeError if the disk does not have these bytes
   */
  readInto(memory: Uint8Array, offset: number): Promise<void>;
  /**
   * Whether the image allocates any of these bytes. All others read as zeros.
   *
   * @throws VirtualDiskError if the image is damaged or truncated
   */
  isAllocated(offset: number, length: number): Promise<boolean>;
}

/** What nobody looks at of a request: the gaps between the pieces in it. */
const GAP = new Uint8Array(SMALLEST_GAP);

/** Bytes of the image, and the memory that they fill. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly memory: Uint8Array;
  /** Only if the bytes are compressed. */
  readonly packed?: { readonly unit: CompressedUnit; /** Byte of the unpacked unit. */ readonly from: number };
}

/** Bytes of the image that one request reads, and the pieces in them. */
interface Fetch {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
}

/** Reads a virtual disk through the layout of its format. */
export class LaidOutDisk implements VirtualDisk {
  public readonly size: number;
  /** Memory of requests that are done. To allocate it for each request costs a page fault for every 4 KiB. */
  private readonly spare: Uint8Array[] = [];

  public constructor(private readonly image: AsyncReader, private readonly layout: Layout) {
    this.size = layout.size;
  }

  public async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, offset);
    return bytes;
  }

  public async readInto(memory: Uint8Array, offset: number): Promise<void> {
    if (offset < 0 || offset + memory.length > this.size) {
      throw new RangeError(`bytes ${offset} to ${offset + memory.length} of a disk of ${this.size} bytes`);
    }
    const pieces: Piece[] = [];
    const masked: Masked[] = [];
    for (let at = 0; at < memory.length;) {
      const extent = await this.layout.locate(offset + at, memory.length - at);
      const length = Math.min(extent.length, memory.length - at);
      const part = memory.subarray(at, at + length);
      switch (extent.kind) {
        case 'hole':
          part.fill(0);
          break;
        case 'compressed':
          pieces.push(this.packedPiece(extent, part));
          break;
        case 'stored':
          if (extent.written !== undefined) masked.push(maskOf(extent.written, part));
          addStored(pieces, extent.offset, part);
      }
      at += length;
    }
    masked.forEach(({ start, bitmap }) => addStored(pieces, start, bitmap));
    await Promise.all(fetchesOf(pieces).map(async fetch => this.fill(fetch)));
    masked.forEach(zeroUnwritten);
  }

  public async isAllocated(offset: number, length: number): Promise<boolean> {
    for (let at = offset; at < offset + length;) {
      const extent = await this.layout.locate(at, offset + length - at);
      if (extent.kind !== 'hole') return true;
      at += extent.length;
    }
    return false;
  }

  private packedPiece({ unit, from }: Extract<Extent, { kind: 'compressed' }>, memory: Uint8Array): Piece {
    // Only the unit itself says where it ends: what is read after it may lie behind the end of the image.
    const end = Math.max(unit.offset + 1, Math.min(unit.offset + unit.size, this.image.length));
    return { start: unit.offset, end, memory, packed: { unit, from } };
  }

  private async fill({ start, end, pieces }: Fetch): Promise<void> {
    const inPlace = placesOf(pieces, start);
    if (inPlace !== undefined) return readInto(this.image, start, inPlace);
    const bytes = this.memoryFor(end - start);
    await readInto(this.image, start, [bytes.subarray(0, end - start)]);
    for (const { memory, packed, ...span } of pieces) {
      const raw = bytes.subarray(span.start - start, span.end - start);
      memory.set(packed === undefined ? raw : unpack(packed, raw, memory.length));
    }
    if (this.spare.push(bytes) > MOST_SPARE) {
      this.spare.shift();
    }
  }

  /** Returns spare memory if it is large enough, or new memory of the next power of two, which fits more of the later requests. */
  private memoryFor(size: number): Uint8Array {
    const spare = this.spare.pop();
    return spare !== undefined && spare.length >= size ? spare : new Uint8Array(2 ** Math.ceil(Math.log2(size)));
  }
}

/** Adds a piece, or extends the last one if it ends where this one begins, in the image and in memory. */
function addStored(pieces: Piece[], start: number, memory: Uint8Array): void {
  const last = pieces.at(-1);
  const end = start + memory.length;
  if (last?.packed === undefined && last?.end === start && isFollowedBy(last.memory, memory)) {
    const joined = new Uint8Array(memory.buffer, last.memory.byteOffset, last.memory.length + memory.length);
    pieces.splice(-1, 1, { start: last.start, end, memory: joined });
  } else {
    pieces.push({ start, end, memory });
  }
}

function isFollowedBy(memory: Uint8Array, next: Uint8Array): boolean {
  return memory.buffer === next.buffer && memory.byteOffset + memory.length === next.byteOffset;
}

/** Returns the memory that a request fills from its start on, if it can: nothing is compressed, and no byte is needed twice. */
function placesOf(pieces: readonly Piece[], start: number): Uint8Array[] | undefined {
  const places: Uint8Array[] = [];
  let at = start;
  for (const piece of pieces) {
    if (piece.packed !== undefined || piece.start < at) return undefined;
    if (piece.start > at) places.push(GAP.subarray(0, piece.start - at));
    places.push(piece.memory);
    at = piece.end;
  }
  return places;
}

function unpack({ unit, from }: Exclude<Piece['packed'], undefined>, packed: Uint8Array, length: number): Uint8Array {
  const bytes = unit.unpack(packed)?.subarray(from, from + length);
  if (bytes?.length !== length) {
    throw new VirtualDiskError(`The image is damaged: the compressed data at byte ${unit.offset} cannot be unpacked. Upload it again.`);
  }
  return bytes;
}

/** Joins neighbours in the image, in whatever order they are on the disk. */
function fetchesOf(pieces: readonly Piece[]): Fetch[] {
  const fetches: { start: number; end: number; pieces: Piece[] }[] = [];
  for (const piece of [...pieces].sort((one, other) => one.start - other.start)) {
    const last = fetches.at(-1);
    if (last !== undefined && piece.start <= last.end + SMALLEST_GAP && piece.end - last.start <= LARGEST_FETCH) {
      last.end = Math.max(last.end, piece.end);
      last.pieces.push(piece);
    } else {
      fetches.push({ start: piece.start, end: piece.end, pieces: [piece] });
    }
  }
  return fetches;
}
