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

  test.each([
    ['no Zstandard', {}], ['only a function for it', { zstdDecompressSync: () => Buffer.from('unused') }],
  ])('unpacks Zstandard without node:zlib where that has %s', (_, functions) => {
    const { zstd } = decompressWith({ inflateSync, inflateRawSync, ...functions });
    expect(Buffer.from(zstd(frame, 18) ?? []).toString()).toBe('hello hello hello\n');
    expect(zstd(Buffer.from('no compressed data'), 100)).toBeUndefined();
  });

  /** A Node.js with Zstandard that answers what it is given, and what it was asked. */
  function withZstd(stream: object, zstdDecompressSync: (packed: Uint8Array) => Uint8Array) {
    const asked: unknown[] = [];
    const { zstd } = decompressWith({
      inflateSync,
      inflateRawSync,
      createZstdDecompress: (options) => {
        asked.push(['stream', options]);
        return stream;
      },
      zstdDecompressSync: (packed, options) => {
        asked.push([packed, options]);
        return zstdDecompressSync(packed);
      },
    });
    return { zstd, asked };
  }

  test('unpacks Zstandard by a stream of node:zlib, with room for the whole result', () => {
    const stream = { _handle: { close: () => undefined }, on: () => undefined, removeAllListeners: () => undefined, _processChunk: () => Buffer.from('unpacked') };
    const { zstd, asked } = withZstd(stream, () => Buffer.from('unused'));
    expect(zstd(frame, 8)).toEqual(Buffer.from('unpacked'));
    expect(asked).toEqual([['stream', { maxOutputLength: 8, chunkSize: 64 }]]);
  });

  test('unpacks Zstandard by a function of node:zlib where the stream does not, with room for the whole result', () => {
    const { zstd, asked } = withZstd({}, () => Buffer.from('unpacked'));
    expect(zstd(frame, 18)).toEqual(Buffer.from('unpacked'));
    expect(zstd(frame, 65_536)).toEqual(Buffer.from('unpacked'));
    const [small, large] = [{ maxOutputLength: 18, chunkSize: 64 }, { maxOutputLength: 65_536, chunkSize: 65_537 }];
    expect(asked).toEqual([['stream', small], [frame, small], ['stream', large], [frame, large]]);
  });

  test('returns nothing if node:zlib refuses a frame of Zstandard', () => {
    const { zstd } = withZstd({}, () => { throw new RangeError('Cannot create a Buffer larger than 18 bytes'); });
    expect(zstd(frame, 18)).toBeUndefined();
  });

  ('zstdDecompressSync' in zlib ? test : test.skip)('this Node.js unpacks a frame of Zstandard, and no more than allowed', () => {
    expect(Buffer.from(decompressWith(zlib).zstd(frame, 18) ?? []).toString()).toBe('hello hello hello\n');
    expect(decompressWith(zlib).zstd(frame, 17)).toBeUndefined();
    expect(decompressWith(zlib).zstd(frame.subarray(0, 12), 18)?.length ?? 0).toBe(0);
  });
});
