import * as zlib from 'node:zlib';
import { decompress } from 'fzstd';
import { zstdByOneStream } from './zstd-stream';
import type { Decompressors } from '../../src/shared/disk-image/virtual-disk';

/** The functions of `node:zlib` that unpack. Node.js has Zstandard from 22.15 on. */
export interface ZlibFunctions {
  readonly inflateSync: typeof zlib.inflateSync;
  readonly inflateRawSync: typeof zlib.inflateRawSync;
  readonly zstdDecompressSync?: (frame: Uint8Array, options: ReturnType<typeof oneChunk>) => Uint8Array;
  readonly createZstdDecompress?: (options: ReturnType<typeof oneChunk>) => object;
}

/**
 * Decompresses with a version of `node:zlib`. If it has no Zstandard, fzstd takes its place, which is written in JavaScript and ten times
 * as slow.
 */
export function decompressWith({ inflateSync, inflateRawSync, zstdDecompressSync, createZstdDecompress }: ZlibFunctions): Decompressors {
  return {
    zlib: (packed, mostBytes) => undefinedIfDamaged(() => inflateSync(packed, oneChunk(mostBytes))),
    deflate: (packed, mostBytes) => undefinedIfDamaged(() => inflateRawSync(packed, oneChunk(mostBytes))),
    zstd: zstdWith({ zstdDecompressSync, createZstdDecompress }),
  };
}

function zstdWith({ zstdDecompressSync, createZstdDecompress }: Pick<ZlibFunctions, 'zstdDecompressSync' | 'createZstdDecompress'>): Decompressors['zstd'] {
  if (zstdDecompressSync === undefined || createZstdDecompress === undefined) {
    // A buffer for the result keeps a damaged frame from asking for a larger one.
    return (frame, mostBytes) => undefinedIfDamaged(() => decompress(frame, new Uint8Array(mostBytes)));
  }
  const byOneStream = zstdByOneStream((mostBytes) => createZstdDecompress(oneChunk(mostBytes)));
  return (frame, mostBytes) => byOneStream(frame, mostBytes) ?? undefinedIfDamaged(() => zstdDecompressSync(frame, oneChunk(mostBytes)));
}

/** Decompresses with this Node.js. */
export const decompressors: Decompressors = decompressWith(zlib);

/**
 * Reserves room for the whole result at once: the default of 16 KiB makes several parts, which are then copied. A result that fills all
 * of its room makes zlib look for more in a second piece of memory, hence one byte more. zlib accepts no chunk below 64 bytes.
 */
function oneChunk(mostBytes: number): { readonly maxOutputLength: number; readonly chunkSize: number } {
  return { maxOutputLength: mostBytes, chunkSize: Math.max(64, mostBytes + 1) };
}

function undefinedIfDamaged(unpack: () => Uint8Array): Uint8Array | undefined {
  try {
    return unpack();
  } catch {
    return undefined;
  }
}
