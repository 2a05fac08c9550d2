import * as fs from 'node:fs';
import { dataRanges } from './qemu';

const PAGE = 4096;

/** A file as its length and its pages that are not zero: a disk of a terabyte fits into memory. */
export class SparseFile {
  public static ofBytes(bytes: Uint8Array): SparseFile {
    const file = new SparseFile(bytes.length);
    file.write(0, bytes);
    return file;
  }

  public static load(path: string): SparseFile {
    const file = new SparseFile(fs.statSync(path).size);
    const fd = fs.openSync(path, 'r');
    for (const { start, length } of dataRanges(path)) {
      for (let at = start; at < start + length; at += 1024 * PAGE) {
        const part = Buffer.alloc(Math.min(1024 * PAGE, start + length - at));
        fs.readSync(fd, part, 0, part.length, at);
        file.write(at, part);
      }
    }
    fs.closeSync(fd);
    return file;
  }

  public static fromJson({ length, pages }: { length: number; pages: Record<string, string> }): SparseFile {
    const file = new SparseFile(length);
    Object.entries(pages).forEach(([page, base64]) => file.pages.set(Number(page), Buffer.from(base64, 'base64')));
    return file;
  }

  private readonly pages = new Map<number, Uint8Array>();

  public constructor(public length: number) {}

  public write(offset: number, bytes: Uint8Array): this {
    for (let done = 0; done < bytes.length;) {
      const number = Math.floor((offset + done) / PAGE);
      const within = offset + done - number * PAGE;
      const part = bytes.subarray(done, done + PAGE - within);
      if (part.some(byte => byte !== 0) || this.pages.has(number)) {
        const page = this.pages.get(number) ?? new Uint8Array(PAGE);
        page.set(part, within);
        this.pages.set(number, page);
      }
      done += part.length;
    }
    return this;
  }

  public read(offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(size, this.length - offset)));
    for (let number = Math.floor(offset / PAGE); number * PAGE < offset + bytes.length; number++) {
      const from = Math.max(offset, number * PAGE);
      const page = this.pages.get(number)?.subarray(from - number * PAGE, offset + bytes.length - number * PAGE);
      if (page !== undefined) bytes.set(page, from - offset);
    }
    return bytes;
  }

  public bytes(): Uint8Array {
    return this.read(0, this.length);
  }

  public copy(): SparseFile {
    const copy = new SparseFile(this.length);
    this.pages.forEach((page, number) => copy.pages.set(number, Uint8Array.from(page)));
    return copy;
  }

  public toJSON(): { length: number; pages: Record<string, string> } {
    return { length: this.length, pages: Object.fromEntries([...this.pages].map(([page, bytes]) => [page, Buffer.from(bytes).toString('base64')])) };
  }
}
