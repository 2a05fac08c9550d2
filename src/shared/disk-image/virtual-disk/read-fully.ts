import { VirtualDiskError } from './virtual-disk-error';
import type { AsyncReader } from '../reading/drivers';

/**
 * Reads exactly so many bytes: a reader may return fewer at a time.
 *
 * @throws VirtualDiskError if the image ends before them
 */
export async function readFully(image: AsyncReader, offset: number, size: number): Promise<Uint8Array> {
  if (offset + size > image.length) {
    throw new VirtualDiskError(`The image is truncated: it has ${image.length} bytes, and its tables point to byte ${offset + size}. Upload it again.`);
  }
  let part = await image.read(offset, size);
  if (part.length === size) return part;
  const whole = new Uint8Array(size);
  let filled = 0;
  for (;;) {
    if (part.length === 0) {
      throw new VirtualDiskError(`The image is truncated: nothing can be read from byte ${offset + filled} of ${image.length}. Upload it again.`);
    }
    whole.set(part, filled);
    filled += part.length;
    if (filled === size) return whole;
    part = await image.read(offset + filled, size - filled);
  }
}

/** Reads a part of an image as an image of its own. */
export function within(image: AsyncReader, offset: number, length: number): AsyncReader {
  return { length, read: async (at, size) => image.read(offset + at, size) };
}
