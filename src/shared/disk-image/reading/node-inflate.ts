import * as zlib from 'node:zlib';
import { Inflate } from '../formats/vmdk-sparse';

/** The functions of `node:zlib` that the inspection uses. Node.js has Zstandard from 22.15 on. */
export interface Zlib {
  readonly unzipSync: typeof zlib.unzipSync;
  readonly inflateRawSync: typeof zlib.inflateRawSync;
  readonly zstdDecompressSync?: (frame: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;
}

/** Inflates with a version of `node:zlib`. */
export function inflateWith({ unzipSync, inflateRawSync, zstdDecompressSync }: Zlib): Inflate {
  return (deflated, maxOutputLength, kind) => {
    try {
      if (kind === 'zstd') return zstdDecompressSync?.(deflated, { maxOutputLength });
      if (kind === 'raw') return inflateRawSync(deflated, { maxOutputLength });
      return unzipSync(deflated, { maxOutputLength, ...(kind === 'beginning' ? { finishFlush: zlib.constants.Z_SYNC_FLUSH } : {}) });
    } catch {
      return undefined;
    }
  };
}

/** Inflates with Node.js: the one thing that the inspection is given instead of doing it itself. */
export const nodeInflate: Inflate = inflateWith(zlib);
