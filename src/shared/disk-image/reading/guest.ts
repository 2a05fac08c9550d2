import { Bytes } from './bytes';
import { Reading, Section } from './image-file';

/** Reads the disk as the guest sees it; nothing where the container does not tell where those bytes are. */
export type GuestReader = (offset: number, size: number) => Reading<Bytes | undefined>;

/** Where a block of the guest's disk is. */
export type BlockPlace =
  | { readonly kind: 'stored'; readonly offset: number }
  | { readonly kind: 'unpacked'; readonly bytes: Bytes }
  | { readonly kind: 'zero' }
  | { readonly kind: 'unknown' };

/** A disk that is stored byte for byte. */
export function flatGuest(section: Section): GuestReader {
  if (section.depth === 'headers') return unknownGuest;
  return function* (offset, size) {
    const bytes = yield* section.read(offset, size);
    return bytes.length < size ? undefined : bytes;
  };
}

export function* unknownGuest(): Reading<undefined> {
  return undefined;
}

/** A disk that is stored in blocks of one size, in any order, some of them absent. */
export function blockGuest(section: Section, blockSize: number, locate: (block: number) => Reading<BlockPlace>): GuestReader {
  if (section.depth === 'headers') return unknownGuest;
  return function* (offset, size) {
    const parts: Bytes[] = [];
    for (let at = offset; at < offset + size;) {
      const block = Math.floor(at / blockSize);
      const inBlock = at - block * blockSize;
      const wanted = Math.min(blockSize - inBlock, offset + size - at);
      const part = yield* readPlace(section, yield* locate(block), inBlock, wanted);
      if (part === undefined || part.length < wanted) return undefined;
      parts.push(part);
      at += wanted;
    }
    return Bytes.concat(parts);
  };
}

function* readPlace(section: Section, place: BlockPlace, inBlock: number, size: number): Reading<Bytes | undefined> {
  switch (place.kind) {
    case 'stored': return yield* section.read(place.offset + inBlock, size);
    case 'unpacked': return place.bytes.slice(inBlock, size);
    case 'zero': return Bytes.zeros(size);
    case 'unknown': return undefined;
  }
}
