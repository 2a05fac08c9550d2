import { readFully } from './read-fully';
import { Bytes } from '../reading/bytes';
import type { AsyncReader } from '../reading/drivers';

/** Bytes in a page. A page of a qcow2 L2 table maps 512 MiB of the disk, one of a VHDX block table 8 GiB or more. */
const PAGE = 64 * 1024;
/** Pages that are kept: 16 MiB, whatever the size of the disk. */
const MOST_PAGES = 256;

/** The tables of an image: read page by page when they are needed, kept up to a fixed amount of memory. */
export class MetadataCache {
  /** In order of use, the page that was used last at the end. */
  private readonly pages = new Map<number, Promise<Uint8Array>>();

  public constructor(private readonly image: AsyncReader) {}

  /**
   * Reads bytes of a table.
   *
   * @throws VirtualDiskError if the image ends before them
   */
  public async read(offset: number, size: number): Promise<Bytes> {
    const first = Math.floor(offset / PAGE);
    const last = Math.floor((offset + size - 1) / PAGE);
    const start = offset - first * PAGE;
    if (first === last) {
      const page = await this.page(first);
      if (start + size <= page.length) return new Bytes(page.subarray(start, start + size));
    }
    // The table entry crosses pages, or ends after the image: readFully says so.
    return new Bytes(await readFully(this.image, offset, size));
  }

  /**
   * Reads entries of a table: as many as are in one page, at least one. The table begins at a multiple of the size of its entries.
   *
   * @throws VirtualDiskError if the image ends before them
   */
  public async readEntries(offset: number, entrySize: number, most: number): Promise<Bytes> {
    return this.read(offset, Math.min(most * entrySize, PAGE - offset % PAGE));
  }

  private async page(index: number): Promise<Uint8Array> {
    const page = this.pages.get(index) ?? this.load(index);
    this.pages.delete(index);
    this.pages.set(index, page);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MOST_PAGES) break;
      this.pages.delete(oldest);
    }
    return page;
  }

  private async load(index: number): Promise<Uint8Array> {
    const size = Math.min(PAGE, this.image.length - index * PAGE);
    try {
      return size > 0 ? await readFully(this.image, index * PAGE, size) : new Uint8Array(0);
    } catch (error) {
      // A page that could not be read is read anew the next time.
      this.pages.delete(index);
      throw error;
    }
  }
}
