/* eslint-disable no-bitwise -- headers of Zstandard are made of bits */
import { Bytes } from './bytes';

// Zstandard Compression (RFC 8878), 3.1.1 "Zstandard Frames": https://www.rfc-editor.org/rfc/rfc8878
const MAGIC = 0xfd2fb528;
const RLE = 1;
const RESERVED = 3;

/** Cuts the frame at the beginning out of bytes that hold anything after it. Returns undefined if there is no whole frame. */
export function zstdFrame(data: Uint8Array): Uint8Array | undefined {
  const bytes = new Bytes(data);
  if (bytes.u32le(0) !== MAGIC) return undefined;
  const descriptor = bytes.u8(4);
  let at = 5 + headerFields(descriptor);
  for (let last = 0; last === 0;) {
    const block = bytes.u16le(at) + bytes.u8(at + 2) * 65_536;
    const type = block >> 1 & 3;
    if (at + 3 > data.length || type === RESERVED) return undefined;
    last = block & 1;
    at += 3 + (type === RLE ? 1 : block >> 3);
  }
  at += descriptor & 4;
  return at > data.length ? undefined : data.subarray(0, at);
}

/** Bytes of window descriptor, dictionary id and content size. A checksum of 4 bytes ends the frame if bit 2 is set. */
function headerFields(descriptor: number): number {
  const singleSegment = descriptor >> 5 & 1;
  const [sizeFlag, dictionaryFlag] = [descriptor >> 6, descriptor & 3];
  const contentSize = sizeFlag === 0 ? singleSegment : 2 ** sizeFlag;
  const dictionaryId = dictionaryFlag === 3 ? 4 : dictionaryFlag;
  return 1 - singleSegment + dictionaryId + contentSize;
}
