import { Bytes } from './bytes';

/** Bytes that the inspection wants next. Always inside the file, never more than the limits allow. */
export interface ReadRequest {
  readonly offset: number;
  readonly size: number;
}

/**
 * An inspection step: yields what it wants to read, is resumed with the bytes.
 *
 * The same code so runs synchronously over a file descriptor (synthesis cannot wait for a promise) and
 * asynchronously over ranged GETs.
 */
export type Reading<T> = Generator<ReadRequest, T, Uint8Array>;

/** What a look at one disk may cost, whatever the file says; an archive of several may cost as much for each, and once for itself. */
export const LIMITS = { bytes: 2 * 1024 * 1024, reads: 32 } as const;

/** A request costs far more than the bytes in it: neighbouring structures come with the first of them. */
const SMALLEST_READ = 4096;

/** Disks of an archive that are looked at: a machine of EC2 is imported with 21 at most. */
const MOST_DISKS = 24;

interface Chunk {
  readonly offset: number;
  readonly bytes: Bytes;
}

/** The file under inspection: remembers what was read, stays inside the file and inside the limits. */
export class ImageFile {
  private readonly chunks: Chunk[] = [];
  private bytesRead = 0;
  private requests = 0;
  private cut: 'none' | 'limits' | 'reader' = 'none';
  private disks = 1;

  public constructor(public readonly length: number) {}

  public get cost(): { readonly reads: number; readonly bytes: number } {
    return { reads: this.requests, bytes: this.bytesRead };
  }

  /** Why some bytes were not seen: the limits were reached, or the reader gave less than the file has. */
  public get unseen(): 'none' | 'limits' | 'reader' {
    return this.cut;
  }

  /** Lets an archive of so many disks cost as much as they would by themselves. */
  public allowDisks(count: number): void {
    this.disks = 1 + Math.min(count, MOST_DISKS);
  }

  /** Says whether a byte was read already. */
  public has(at: number): boolean {
    return this.chunkAt(at) !== undefined;
  }

  /** The bytes from `offset`; fewer than `size` where the file, the limits or the reader end. */
  public *read(offset: number, size: number): Reading<Bytes> {
    const parts: Bytes[] = [];
    const end = Math.min(offset + size, this.length);
    let at = offset;
    while (at < end) {
      const chunk = this.chunkAt(at) ?? (yield* this.request(at, end - at));
      if (chunk === undefined) break;
      const part = chunk.bytes.slice(at - chunk.offset, end - at);
      parts.push(part);
      at += part.length;
    }
    return Bytes.concat(parts);
  }

  private chunkAt(at: number): Chunk | undefined {
    return this.chunks.find(({ offset, bytes }) => at >= offset && at < offset + bytes.length);
  }

  private *request(offset: number, wanted: number): Reading<Chunk | undefined> {
    const size = Math.min(Math.max(wanted, SMALLEST_READ), this.length - offset, LIMITS.bytes * this.disks - this.bytesRead);
    if (size <= 0 || this.requests >= LIMITS.reads * this.disks) {
      this.cut = 'limits';
      return undefined;
    }
    this.requests += 1;
    this.bytesRead += size;
    const answer = yield { offset, size };
    if (answer.length === 0) {
      this.cut = 'reader';
      return undefined;
    }
    const chunk = { offset, bytes: new Bytes(answer.subarray(0, size)) };
    this.chunks.push(chunk);
    return chunk;
  }
}

/** A part of the file that is an image of its own: the whole file, or one disk inside an OVA. */
export class Section {
  public static whole(file: ImageFile): Section {
    return new Section(file, 0, file.length, 'partitions');
  }

  /** The whole file, without a look into the guest's disk. */
  public static headersOf(file: ImageFile): Section {
    return new Section(file, 0, file.length, 'headers');
  }

  private constructor(
    public readonly file: ImageFile,
    private readonly base: number,
    public readonly length: number,
    /** How far to look: into the guest's disk, or at the container's headers only. */
    public readonly depth: 'partitions' | 'headers',
  ) {}

  public *read(offset: number, size: number): Reading<Bytes> {
    if (offset >= this.length) return Bytes.zeros(0);
    return yield* this.file.read(this.base + offset, Math.min(size, this.length - offset));
  }

  public within(offset: number, length: number): Section {
    return new Section(this.file, this.base + offset, length, this.depth);
  }

  /** Bytes from the end; a section that is shorter gives what it has. */
  public *tail(size: number): Reading<Bytes> {
    return yield* this.read(Math.max(0, this.length - size), size);
  }
}

/** Follows how far the structures of an image reach: an image that ends before is truncated. */
export class Reach {
  private end = 0;

  public until(end: number): void {
    this.end = Math.max(this.end, end);
  }

  public truncation(length: number): Truncation | undefined {
    return this.end > length ? { neededSize: this.end } : undefined;
  }
}

/** A file that ends before something that its own headers name. */
export interface Truncation {
  /** Bytes that the file would need to have, at the least. */
  readonly neededSize: number;
}
