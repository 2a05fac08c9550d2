import type { Extent, Layout } from './layout';
import { readFully, readInto } from './read-fully';
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

/** An extent with something to read, and its place in the memory that is filled. */
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
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, offset);
    return bytes;
  }

  public async readInto(memory: Uint8Array, offset: number): Promise<void> {
    if (offset < 0 || offset + memory.length > this.size) {
      throw new RangeError(`bytes ${offset} to ${offset + memory.length} of a disk of ${this.size} bytes`);
    }
    const pieces: Piece[] = [];
    for (let at = 0; at < memory.length;) {
      const extent = clip(await this.layout.locate(offset + at), memory.length - at);
      if (extent.kind === 'hole') {
        memory.fill(0, at, at + extent.length);
      } else {
        this.add(pieces, at, extent);
      }
      at += extent.length;
    }
    await Promise.all(fetchesOf(pieces).map(async fetch => this.fill(memory, fetch)));
  }

  public async isAllocated(offset: number, length: number): Promise<boolean> {
    for (let at = offset; at < offset + length;) {
      const extent = await this.layout.locate(at);
      if (extent.kind !== 'hole') return true;
      at += extent.length;
    }
    return false;
  }

  /** Adds a piece, or extends the last one if it ends where this one begins, in the image and on the disk. */
  private add(pieces: Piece[], at: number, extent: Piece['extent']): void {
    const span = this.spanOf(extent);
    const last = pieces.at(-1);
    if (last?.extent.kind === 'stored' && extent.kind === 'stored' && last.end === span.start && last.at + last.extent.length === at) {
      const joined = { ...last.extent, length: last.extent.length + extent.length };
      pieces.splice(-1, 1, { at: last.at, extent: joined, start: last.start, end: span.end });
    } else {
      pieces.push({ at, extent, ...span });
    }
  }

  private spanOf(extent: Piece['extent']): { readonly start: number; readonly end: number } {
    if (extent.kind === 'stored') return { start: extent.offset, end: extent.offset + extent.length };
    // Only the unit itself says where it ends: what is read after it may lie behind the end of the image.
    const { offset, size } = extent.unit;
    return { start: offset, end: Math.max(offset + 1, Math.min(offset + size, this.image.length)) };
  }

  private async fill(memory: Uint8Array, { start, end, pieces }: Fetch): Promise<void> {
    const [first] = pieces;
    if (pieces.length === 1 && first?.extent.kind === 'stored') {
      return readInto(this.image, start, memory.subarray(first.at, first.at + first.extent.length));
    }
    const bytes = await readFully(this.image, start, end - start);
    for (const { at, extent, ...span } of pieces) {
      const raw = bytes.subarray(span.start - start, span.end - start);
      memory.set(extent.kind === 'stored' ? raw : unpack(extent, raw), at);
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
