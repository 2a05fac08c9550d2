import { readSync, fstatSync, openSync, closeSync } from 'node:fs';
import { decompressors } from '../../../../lambda/disk-copy/decompressors';
import type { AsyncReader } from '../../../../src/shared/disk-image';
import { openVirtualDisk, type VirtualDisk, type VirtualDiskFormat } from '../../../../src/shared/disk-image/virtual-disk';

/** A reader that fails the test when it is asked for bytes outside of the image, and that counts what it is asked for. */
export class StrictReader implements AsyncReader {
  public readonly requests: { readonly offset: number; readonly size: number }[] = [];

  public constructor(public readonly length: number, private readonly bytesAt: (offset: number, size: number) => Uint8Array) {}

  public async read(offset: number, size: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size) || offset < 0 || size <= 0 || offset + size > this.length) {
      throw new Error(`read of ${size} bytes at ${offset} of an image of ${this.length}`);
    }
    this.requests.push({ offset, size });
    return this.bytesAt(offset, size);
  }
}

export function readerOf(bytes: Uint8Array): StrictReader {
  return new StrictReader(bytes.length, (offset, size) => bytes.slice(offset, offset + size));
}

/** Opens an image in memory. */
export async function open(bytes: Uint8Array, format: VirtualDiskFormat, ovaDisk?: number): Promise<VirtualDisk> {
  return openVirtualDisk({ image: readerOf(bytes), format, ovaDisk, decompressors });
}

/** Uses a file as an image, and closes it. */
export async function withFile<T>(path: string, use: (image: StrictReader) => Promise<T>): Promise<T> {
  const file = openSync(path, 'r');
  try {
    return await use(new StrictReader(fstatSync(file).size, (offset, size) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(file, bytes, 0, size, offset));
    }));
  } finally {
    closeSync(file);
  }
}

/** Reads the whole disk, so many bytes at a time. */
export async function contentOf(disk: VirtualDisk, step: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < disk.size; at += step) {
    parts.push(await disk.read(at, Math.min(step, disk.size - at)));
  }
  return Buffer.concat(parts);
}
