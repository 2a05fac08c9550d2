import { constants, inflateRawSync, unzipSync } from 'node:zlib';
import { Inflate } from '../formats/vmdk-sparse';

/** Inflates with Node.js: the one thing that the inspection is given instead of doing it itself. */
export const nodeInflate: Inflate = (deflated, maxOutputLength, kind) => {
  try {
    if (kind === 'raw') return inflateRawSync(deflated, { maxOutputLength });
    return unzipSync(deflated, { maxOutputLength, ...(kind === 'beginning' ? { finishFlush: constants.Z_SYNC_FLUSH } : {}) });
  } catch {
    return undefined;
  }
};
