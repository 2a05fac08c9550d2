import type { SectorBitmap } from './layout';

const SECTOR = 512;
/** Bytes of the disk that a byte of the bitmap describes. */
const SPAN = 8 * SECTOR;

/** Memory with sectors of a disk, and the bits that say which of them were written. */
export interface Masked {
  readonly memory: Uint8Array;
  /** To be read from this byte of the image. */
  readonly start: number;
  readonly bitmap: Uint8Array;
  /** Which of the bytes that the bitmap describes is the first one in memory. */
  readonly from: number;
}

/** Takes the part of a bitmap that describes memory. */
export function maskOf({ offset, from }: SectorBitmap, memory: Uint8Array): Masked {
  const [first, end] = [Math.floor(from / SPAN), Math.ceil((from + memory.length) / SPAN)];
  return { memory, start: offset + first, bitmap: new Uint8Array(end - first), from: from - first * SPAN };
}

/** Fills the sectors with zeros that were not written, once memory and bitmap are read. */
export function zeroUnwritten({ memory, bitmap, from }: Masked): void {
  bitmap.forEach((byte, index) => {
    // Nearly always all sectors were written.
    if (byte === 0xff) return;
    for (let bit = 0; bit < 8; bit++) {
      const start = index * SPAN + bit * SECTOR - from;
      if (Math.floor(byte / 2 ** (7 - bit)) % 2 === 0 && start + SECTOR > 0) memory.fill(0, Math.max(0, start), start + SECTOR);
    }
  });
}
