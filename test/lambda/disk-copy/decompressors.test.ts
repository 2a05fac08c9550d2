import { deflateRawSync, deflateSync } from 'node:zlib';
import { decompressors } from '../../../lambda/disk-copy/decompressors';

const text = Buffer.from('a disk '.repeat(500));
/** `printf 'hello hello hello\n' | zstd`: a frame with a checksum. */
const frame = Buffer.from('28b52ffd04586d00003868656c6c6f200a0100314a11a3aa74ce', 'hex');

describe('decompression', () => {
  test.each([['zlib', deflateSync(text)], ['deflate', deflateRawSync(text)]] as const)('unpacks %s, whatever follows the data', (kind, packed) => {
    expect(Buffer.from(decompressors[kind](Buffer.concat([packed, Buffer.alloc(100, 7)]), text.length) ?? []).equals(text)).toBe(true);
  });

  test.each(['zlib', 'deflate', 'zstd'] as const)('returns nothing for damaged %s', (kind) => {
    expect(decompressors[kind](Buffer.from('no compressed data'), 100)).toBeUndefined();
  });

  test.each([['zlib', deflateSync(text)], ['deflate', deflateRawSync(text)]] as const)('returns nothing for %s that unpacks to more than allowed', (kind, packed) => {
    expect(decompressors[kind](packed, text.length - 1)).toBeUndefined();
  });

  test('unpacks a frame of Zstandard', () => {
    expect(Buffer.from(decompressors.zstd(frame, 18) ?? []).toString()).toBe('hello hello hello\n');
  });
});
