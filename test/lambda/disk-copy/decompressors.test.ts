import * as zlib from 'node:zlib';
import { deflateRawSync, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { decompressors, decompressWith } from '../../../lambda/disk-copy/decompressors';

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

  test('unpacks Zstandard without node:zlib where that has no Zstandard', () => {
    const { zstd } = decompressWith({ inflateSync, inflateRawSync });
    expect(Buffer.from(zstd(frame, 18) ?? []).toString()).toBe('hello hello hello\n');
    expect(zstd(Buffer.from('no compressed data'), 100)).toBeUndefined();
  });

  test('unpacks Zstandard by node:zlib where that has it, into room for the whole result', () => {
    const asked: unknown[] = [];
    const zstdDecompressSync = (packed: Uint8Array, options: object) => {
      asked.push([packed, options]);
      return Buffer.from('unpacked');
    };
    const { zstd } = decompressWith({ inflateSync, inflateRawSync, zstdDecompressSync });
    expect(zstd(frame, 18)).toEqual(Buffer.from('unpacked'));
    expect(zstd(frame, 65_536)).toEqual(Buffer.from('unpacked'));
    expect(asked).toEqual([[frame, { maxOutputLength: 18, chunkSize: 64 }], [frame, { maxOutputLength: 65_536, chunkSize: 65_537 }]]);
  });

  test('returns nothing if node:zlib refuses a frame of Zstandard', () => {
    const zstdDecompressSync = () => {
      throw new RangeError('Cannot create a Buffer larger than 18 bytes');
    };
    expect(decompressWith({ inflateSync, inflateRawSync, zstdDecompressSync }).zstd(frame, 18)).toBeUndefined();
  });

  ('zstdDecompressSync' in zlib ? test : test.skip)('this Node.js unpacks a frame of Zstandard, and no more than allowed', () => {
    expect(Buffer.from(decompressWith(zlib).zstd(frame, 18) ?? []).toString()).toBe('hello hello hello\n');
    expect(decompressWith(zlib).zstd(frame, 17)).toBeUndefined();
    expect(decompressWith(zlib).zstd(frame.subarray(0, 12), 18)?.length ?? 0).toBe(0);
  });
});
