import { VirtualDiskError } from './virtual-disk-error';
import type { AsyncReader } from '../reading/drivers';

/**
 * Reads exactly so many bytes.
 *
 * @throws VirtualDiskError if the image ends before them
 */
export async function readFully(image: AsyncReader, offset: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  await readInto(image, offset, bytes);
  return bytes;
}

/**
 * Fills memory with bytes of an image. A reader may return fewer bytes than it is asked for: it is asked again.
 *
 * @throws VirtualDiskError if the image ends before them
 */
export async function readInto(image: AsyncReader, offset: number, memory: Uint8Array): Promise<void> {
  const size = memory.length;
  if (offset + size > image.length) {
    throw new VirtualDiskError(`The image is truncated: it has ${image.length} bytes, and its tables point to byte ${offset + size}. Upload it again.`);
  }
  for (let filled = 0; filled < size;) {
    const part = await image.read(offset + filled, size - filled, memory.subarray(filled));
    if (part.length === 0) {
      throw new VirtualDiskError(`The image is truncated: nothing can be read from byte ${offset + filled} of ${image.length}. Upload it again.`);
    }
    if (part.buffer !== memory.buffer) memory.set(part, filled);
    filled += part.length;
  }
}

/** Reads a part of an image as an image of its own. */
export function within(image: AsyncReader, offset: number, length: number): AsyncReader {
  return { length, read: async (at, size, memory) => image.read(offset + at, size, memory) };
}
