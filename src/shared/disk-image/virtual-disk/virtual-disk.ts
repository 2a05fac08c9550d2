import type { Extent, Layout } from './layout';
import { readFully } from './read-fully';
import { VirtualDiskError } from './virtual-disk-error';
import type { AsyncReader } from '../reading/drivers';

/** Parts of the image that are closer than this are read by one request: a request costs more than so many bytes. */
const SMALLEST_GAP = 64 * 1024;
/** Bytes that one request reads at most. */
const LARGEST_FETCH = 16 * 1024 * 1024;

/** The disk that a guest sees, read by offset. */
export interface VirtualDisk {
  /** Bytes of the disk. */
  readonly size: number;
  /**
   * Reads bytes of the disk. It holds about three times as many in memory.
   *
   * @throws VirtualDiskError if the image is damaged or truncated
   * @throws RangeError if the disk does not have these bytes
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /**
   * Whether the image allocates any of these bytes. All others read as zeros.
   *
   * @throws VirtualDiskError if the image is damaged or truncated
   */
  isAllocated(offset: number, length: number): Promise<boolean>;
}

/** An extent with something to read, and its place in the result. */
interface Piece {
  readonly at: number;
  readonly extent: Exclude<Extent, { kind: 'hole' }>;
  /** Bytes of the image that it needs. */
  readonly start: number;
  readonly end: number;
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

  public constructor(private readonly image: AsyncReader, private readonly layout: Layout) {
    this.size = layout.size;
  }

  public async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || offset + length > this.size) {
      throw new RangeError(`bytes ${offset} to ${offset + length} of a disk of ${this.size} bytes`);
    }
    const pieces = await this.pieces(offset, length);
    const [only] = pieces;
    if (pieces.length === 1 && only?.extent.kind === 'stored' && only.extent.length === length) {
      return readFully(this.image, only.start, length);
    }
    const result = new Uint8Array(length);
    await Promise.all(fetchesOf(pieces).map(async fetch => this.fill(result, fetch)));
    return result;
  }

  public async isAllocated(offset: number, length: number): Promise<boolean> {
    for (let at = offset; at < offset + length;) {
      const extent = await this.layout.locate(at);
      if (extent.kind !== 'hole') return true;
      at += extent.length;
    }
    return false;
  }

  private async pieces(offset: number, length: number): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (let at = 0; at < length;) {
      const extent = clip(await this.layout.locate(offset + at), length - at);
      if (extent.kind !== 'hole') pieces.push({ at, extent, ...this.spanOf(extent) });
      at += extent.length;
    }
    return pieces;
  }

  private spanOf(extent: Piece['extent']): { readonly start: number; readonly end: number } {
    if (extent.kind === 'stored') return { start: extent.offset, end: extent.offset + extent.length };
    // Only the unit itself says where it ends: what is read after it may lie behind the end of the image.
    const { offset, size } = extent.unit;
    return { start: offset, end: Math.max(offset + 1, Math.min(offset + size, this.image.length)) };
  }

  private async fill(result: Uint8Array, { start, end, pieces }: Fetch): Promise<void> {
    const bytes = await readFully(this.image, start, end - start);
    for (const { at, extent, ...span } of pieces) {
      const raw = bytes.subarray(span.start - start, span.end - start);
      result.set(extent.kind === 'stored' ? raw : unpack(extent, raw), at);
    }
  }
}

function clip(extent: Extent, length: number): Extent {
  return extent.length <= length ? extent : { ...extent, length };
}

function unpack({ unit, from, length }: Extract<Extent, { kind: 'compressed' }>, packed: Uint8Array): Uint8Array {
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
