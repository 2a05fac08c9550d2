import { constants, unzipSync } from 'node:zlib';
import { Inflate } from '../formats/vmdk-sparse';

/** Inflates with Node.js: the one thing that the inspection is given instead of doing it itself. */
export const nodeInflate: Inflate = (deflated, maxOutputLength, part) => {
  try {
    return unzipSync(deflated, { maxOutputLength, ...(part === 'beginning' ? { finishFlush: constants.Z_SYNC_FLUSH } : {}) });
  } catch {
    return undefined;
  }
};
