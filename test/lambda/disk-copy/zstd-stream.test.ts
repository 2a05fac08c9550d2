import { EventEmitter } from 'node:events';
import * as zlib from 'node:zlib';
import { zstdByOneStream } from '../../../lambda/disk-copy/zstd-stream';

/** A stream as Node.js 22 has it. A frame is two bytes: what it is filled with, and how many of these. The byte 0 is damage. */
class FakeStream extends EventEmitter {
  public closed = false;
  public _handle: { close: () => void } | null = { close: () => { this.closed = true; } };
  private readonly memory: Buffer;

  public constructor(public readonly mostBytes: number) {
    super();
    this.memory = Buffer.alloc(mostBytes + 1);
  }

  public _processChunk([content = 0, length = 0]: Uint8Array, flush: number): Uint8Array {
    if (this._handle === null || this.closed) throw new Error('closed');
    this.on('error', () => undefined);
    this._handle.close();
    this._handle = null;
    if (content === 0 || flush !== 0) throw new Error('damaged');
    return this.memory.fill(content).subarray(0, length);
  }
}

function fake() {
  const streams: FakeStream[] = [];
  const unpack = zstdByOneStream((mostBytes) => {
    const stream = new FakeStream(mostBytes);
    streams.push(stream);
    return stream;
  });
  return { streams, unpack: (frame: number[], mostBytes = 4) => [...unpack(Uint8Array.from(frame), mostBytes) ?? []] };
}

describe('frames of Zstandard', () => {
  test('are unpacked one after the other by one stream, which stays open', () => {
    const { streams, unpack } = fake();
    expect([1, 2, 3].map(content => unpack([content, 4]))).toEqual([[1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]]);
    expect(streams.map(({ closed }) => closed)).toEqual([false]);
  });

  test('leave one listener behind, which takes an error that the stream emits later', () => {
    const { streams, unpack } = fake();
    for (let content = 1; content < 20; content++) unpack([content, 4]);
    expect(streams[0]?.listenerCount('error')).toBe(1);
    unpack([0, 4]);
    expect(() => streams[0]?.emit('error', new Error('later'))).not.toThrow();
  });

  test.each([['is damaged', [0, 4]], ['has fewer bytes than it should', [7, 3]]] as const)('get a new stream after one that %s, and the old one closes', (_, frame) => {
    const { streams, unpack } = fake();
    unpack([1, 4]);
    expect(unpack([...frame])).toEqual([]);
    expect(unpack([2, 4])).toEqual([2, 2, 2, 2]);
    expect(streams.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test('of another size get another stream, and the old one closes', () => {
    const { streams, unpack } = fake();
    unpack([1, 4]);
    expect(unpack([2, 6], 6)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(streams.map(({ mostBytes, closed }) => [mostBytes, closed])).toEqual([[4, true], [6, false]]);
  });

  test.each([
    ['no handle', { _handle: null }],
    ['a handle of another kind', {}],
    ['no synchronous function', { _handle: { close: () => undefined }, removeAllListeners: () => undefined, on: () => undefined }],
  ])('are not unpacked by a stream that has %s', (_, stream) => {
    expect(zstdByOneStream(() => stream)(Uint8Array.of(1, 4), 4)).toBeUndefined();
  });

  ('createZstdDecompress' in zlib ? test : test.skip)('are unpacked by the streams of this Node.js', () => {
    const { createZstdDecompress, zstdCompressSync } = zlib as unknown as Record<'createZstdDecompress' | 'zstdCompressSync', (value: object) => Buffer>;
    const unpack = zstdByOneStream((mostBytes) => createZstdDecompress({ chunkSize: mostBytes + 1, maxOutputLength: mostBytes }));
    const disks = Array.from({ length: 50 }, (_, index) => Buffer.alloc(65_536, `disk ${index}`));
    for (const disk of disks) {
      const frame = zstdCompressSync(disk);
      expect(Buffer.from(unpack(frame, disk.length) ?? []).equals(disk)).toBe(true);
      expect(unpack(frame.subarray(0, 20), disk.length)).toBeUndefined();
      expect(unpack(frame, disk.length - 1)).toBeUndefined();
    }
  });
});
