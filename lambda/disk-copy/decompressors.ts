import { inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { decompress } from 'fzstd';
import type { Decompressors } from '../../src/shared/disk-image/virtual-disk';

/** Decompresses with Node.js, and Zstandard, which not every supported version of Node.js has, with fzstd. */
export const decompressors: Decompressors = {
  zlib: (packed, mostBytes) => undefinedIfDamaged(() => inflateSync(packed, oneChunk(mostBytes))),
  deflate: (packed, mostBytes) => undefinedIfDamaged(() => inflateRawSync(packed, oneChunk(mostBytes))),
  // A buffer for the result keeps a damaged frame from asking for a larger one.
  zstd: (frame, mostBytes) => undefinedIfDamaged(() => decompress(frame, new Uint8Array(mostBytes))),
};

/**
 * Reserves room for the whole result at once: the default of 16 KiB makes several parts, which are then copied. A result that fills all
 * of its room makes zlib look for more in a second piece of memory, hence one byte more.
 */
function oneChunk(mostBytes: number): ZlibOptions {
  return { maxOutputLength: mostBytes, chunkSize: mostBytes + 1 };
}

function undefinedIfDamaged(unpack: () => Uint8Array): Uint8Array | undefined {
  try {
    return unpack();
  } catch {
    return undefined;
  }
}
