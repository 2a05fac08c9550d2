import { VirtualDiskError } from './virtual-disk-error';
import type { AsyncReader } from '../reading/drivers';

/**
 * Reads exactly so many bytes.
 *
 * @throws VirtualDiskError if the image ends before them
 */
export async function readFully(image: AsyncReader, offset: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  await readInto(image, offset, [bytes]);
  return bytes;
}

/**
 * Fills one piece of memory after the other with bytes of an image. A reader may return fewer bytes than it is asked for: it is asked again.
 *
 * @throws VirtualDiskError if the image ends before them
 */
export async function readInto(image: AsyncReader, offset: number, memory: readonly Uint8Array[]): Promise<void> {
  const size = sizeOf(memory);
  if (offset + size > image.length) {
    throw new VirtualDiskError(`The image is truncated: it has ${image.length} bytes, and its tables point to byte ${offset + size}. Upload it again.`);
  }
  for (let filled = 0; filled < size;) {
    const missing = after(memory, filled);
    const read = await (image.readInto?.(offset + filled, missing) ?? copyInto(image, offset + filled, missing));
    if (read === 0) {
      throw new VirtualDiskError(`The image is truncated: nothing can be read from byte ${offset + filled} of ${image.length}. Upload it again.`);
    }
    filled += read;
  }
}

/** Reads by a reader that returns memory of its own. */
async function copyInto(image: AsyncReader, offset: number, memory: readonly Uint8Array[]): Promise<number> {
  const bytes = await image.read(offset, sizeOf(memory));
  let at = 0;
  for (const piece of memory) {
    piece.set(bytes.subarray(at, at + piece.length));
    at += piece.length;
  }
  return bytes.length;
}

function sizeOf(memory: readonly Uint8Array[]): number {
  return memory.reduce((sum, { length }) => sum + length, 0);
}

/** Returns the memory behind its first bytes. */
function after(memory: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  return memory.flatMap((piece) => {
    const rest = piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
    return rest.length === 0 ? [] : [rest];
  });
}

/** Reads a part of an image as an image of its own. */
export function within(image: AsyncReader, offset: number, length: number): AsyncReader {
  const { readInto: into } = image;
  return {
    length,
    read: async (at, size) => image.read(offset + at, size),
    ...into === undefined ? {} : { readInto: async (at: number, memory: readonly Uint8Array[]) => into.call(image, offset + at, memory) },
  };
}
