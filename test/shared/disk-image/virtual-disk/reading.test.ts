import { open, readerOf, StrictReader } from './readers';
import { decompressors } from '../../../../lambda/disk-copy/decompressors';
import { zstdFrame } from '../../../../src/shared/disk-image/reading/zstd-frame';
import type { Extent, Layout } from '../../../../src/shared/disk-image/virtual-disk/layout';
import { MetadataCache } from '../../../../src/shared/disk-image/virtual-disk/metadata-cache';
import { findOvaDisk } from '../../../../src/shared/disk-image/virtual-disk/ova-disk';
import { readFully, readInto, within } from '../../../../src/shared/disk-image/virtual-disk/read-fully';
import { LaidOutDisk } from '../../../../src/shared/disk-image/virtual-disk/virtual-disk';
import { descriptor, member } from '../../../disk-images/archives';

const KIB = 1024;
const bytes = Buffer.from(Array.from({ length: 300 * KIB }, (_, at) => Math.floor(at / KIB) % 251));

describe('a read of the image', () => {
  test('that returns less is continued', async () => {
    const reader = new StrictReader(10, (offset, size) => bytes.subarray(offset, offset + Math.min(size, 3)));
    expect(await readFully(reader, 0, 10)).toEqual(new Uint8Array(bytes.subarray(0, 10)));
    expect(reader.requests.map(({ offset }) => offset)).toEqual([0, 3, 6, 9]);
  });

  test('fills one piece of memory after the other, also if the reader stops in the middle of one', async () => {
    const asked: unknown[] = [];
    const reader = {
      length: 30,
      read: async () => { throw new Error('has readInto'); },
      readInto: async (offset: number, memory: readonly Uint8Array[]) => {
        asked.push([offset, memory.map(({ length }) => length)]);
        memory[0]?.fill(offset, 0, 3);
        return Math.min(3, memory[0]?.length ?? 0);
      },
    };
    const memory = new Uint8Array(9);
    await readInto(within(reader, 10, 20), 2, [memory.subarray(1, 5), memory.subarray(6, 8)]);
    expect([...memory]).toEqual([0, 12, 12, 12, 15, 0, 16, 16, 0]);
    expect(asked).toEqual([[12, [4, 2]], [15, [1, 2]], [16, [2]]]);
  });

  test('fills memory by a reader that returns memory of its own', async () => {
    const reader = new StrictReader(30, (offset, size) => Buffer.alloc(Math.min(size, 5), offset));
    const memory = new Uint8Array(9);
    await readInto(within(reader, 10, 20), 2, [memory.subarray(1, 4), memory.subarray(5, 8)]);
    expect([...memory]).toEqual([0, 12, 12, 12, 0, 12, 12, 17, 0]);
    expect(reader.requests).toEqual([{ offset: 12, size: 6 }, { offset: 17, size: 1 }]);
  });

  test('that returns nothing says that the image is truncated', async () => {
    await expect(readFully(new StrictReader(10, () => new Uint8Array(0)), 2, 5)).rejects.toMatchObject({
      name: 'VirtualDiskError', message: 'The image is truncated: nothing can be read from byte 2 of 10. Upload it again.',
    });
  });

  test('behind its end says that the image is truncated', async () => {
    await expect(readFully(readerOf(bytes.subarray(0, 10)), 8, 3)).rejects.toMatchObject({
      name: 'VirtualDiskError', message: 'The image is truncated: it has 10 bytes, and its tables point to byte 11. Upload it again.',
    });
  });
});

describe('the tables of an image', () => {
  test('are read page by page, each once', async () => {
    const reader = readerOf(bytes);
    const tables = new MetadataCache(reader);
    expect(await Promise.all([5, 70_000, 9, 70_008].map(async at => (await tables.read(at, 8)).u8(0)))).toEqual([0, 68, 0, 68]);
    expect(reader.requests).toEqual([{ offset: 0, size: 64 * KIB }, { offset: 64 * KIB, size: 64 * KIB }]);
  });

  test('may have an entry that crosses pages', async () => {
    expect([...(await new MetadataCache(readerOf(bytes)).read(64 * KIB - 2, 4)).data]).toEqual([63, 63, 64, 64]);
  });

  test('give as many entries as are in one page', async () => {
    const reader = readerOf(bytes);
    const tables = new MetadataCache(reader);
    expect((await tables.readEntries(64 * KIB - 16, 8, 2)).length).toBe(16);
    expect([...(await tables.readEntries(64 * KIB - 16, 8, 3)).data]).toEqual([...bytes.subarray(64 * KIB - 16, 64 * KIB)]);
    expect((await tables.readEntries(64 * KIB, 16, 1)).length).toBe(16);
    expect(reader.requests.map(({ offset }) => offset)).toEqual([0, 64 * KIB]);
  });

  test('end with the image', async () => {
    const tables = new MetadataCache(readerOf(bytes));
    await expect(tables.read(300 * KIB - 4, 8)).rejects.toThrow('The image is truncated');
    await expect(tables.read(2 ** 40, 8)).rejects.toThrow('The image is truncated');
  });

  test('take at most 16 MiB: the page that was used least recently is read again', async () => {
    const reader = new StrictReader(2 ** 40, (_, size) => new Uint8Array(size));
    const tables = new MetadataCache(reader);
    for (let page = 0; page < 256; page++) await tables.read(page * 64 * KIB, 8);
    await tables.read(0, 8);
    await tables.read(256 * 64 * KIB, 8);
    expect(reader.requests).toHaveLength(257);
    await tables.read(0, 8);
    expect(reader.requests).toHaveLength(257);
    await tables.read(64 * KIB, 8);
    expect(reader.requests).toHaveLength(258);
  });

  test('are read again after an error', async () => {
    let calls = 0;
    const tables = new MetadataCache(new StrictReader(64, () => {
      calls += 1;
      if (calls === 1) throw new Error('connection');
      return new Uint8Array(64);
    }));
    await expect(tables.read(0, 8)).rejects.toThrow('connection');
    expect((await tables.read(0, 8)).length).toBe(8);
  });
});

/** A disk of blocks of 4 KiB that are at these offsets of the image, or are holes. */
function scattered(offsets: readonly (number | 'hole')[]): Layout {
  const locate = async (at: number): Promise<Extent> => {
    const [offset = 0, length] = [offsets[Math.floor(at / 4 / KIB)], 4 * KIB - at % (4 * KIB)];
    return offset === 'hole' ? { kind: 'hole', length } : { kind: 'stored', length, offset: offset + at % (4 * KIB) };
  };
  return { size: offsets.length * 4 * KIB, locate };
}

describe('a virtual disk', () => {
  test('is read only within its size', async () => {
    const disk = await open(bytes, 'RAW');
    await expect(disk.read(-1, 1)).rejects.toThrow(RangeError);
    await expect(disk.read(bytes.length, 1)).rejects.toThrow(`bytes ${bytes.length} to ${bytes.length + 1} of a disk of ${bytes.length} bytes`);
  });

  test('joins what is near in the image into one request, in whatever order it is on the disk', async () => {
    const reader = readerOf(bytes);
    const offsets = [80 * KIB, 0, 8 * KIB, 200 * KIB];
    const seen = await new LaidOutDisk(reader, scattered(offsets)).read(0, 16 * KIB);
    expect(Buffer.concat(offsets.map(at => bytes.subarray(at, at + 4 * KIB))).equals(seen)).toBe(true);
    expect(reader.requests).toEqual([{ offset: 0, size: 12 * KIB }, { offset: 80 * KIB, size: 4 * KIB }, { offset: 200 * KIB, size: 4 * KIB }]);
  });

  test('tells the layout how many bytes it needs', async () => {
    const asked: [number, number][] = [];
    const { size, locate } = scattered(['hole', 'hole', 'hole', 'hole']);
    const disk = new LaidOutDisk(readerOf(bytes), {
      size,
      locate: async (at, most) => {
        asked.push([at / KIB, most / KIB]);
        return locate(at, most);
      },
    });
    await disk.read(KIB, 10 * KIB);
    await disk.isAllocated(KIB, 10 * KIB);
    const expected = [[1, 10], [4, 7], [8, 3]];
    expect(asked).toEqual([...expected, ...expected]);
  });

  test('reads right into the memory, also around what it does not need', async () => {
    const given: unknown[] = [];
    const image = {
      length: bytes.length,
      read: async () => { throw new Error('has readInto'); },
      readInto: async (offset: number, memory: readonly Uint8Array[]) => {
        given.push([offset, memory.map(({ byteOffset, length, buffer }) => [buffer === all.buffer ? byteOffset : 'elsewhere', length])]);
        return memory.reduce((sum, piece) => {
          piece.set(bytes.subarray(offset + sum, offset + sum + piece.length));
          return sum + piece.length;
        }, 0);
      },
    };
    const all = new Uint8Array(20 * KIB);
    // The third block is a neighbour in the image only, the fourth one of the fifth in both.
    await new LaidOutDisk(image, scattered([100 * KIB, 108 * KIB, 96 * KIB, 200 * KIB, 204 * KIB])).readInto(all, 0);
    const expected = [100, 108, 96, 200, 204].map(at => bytes.subarray(at * KIB, (at + 4) * KIB));
    expect(Buffer.concat(expected).equals(all)).toBe(true);
    expect(given).toEqual([
      [96 * KIB, [[8 * KIB, 4 * KIB], [0, 4 * KIB], ['elsewhere', 4 * KIB], [4 * KIB, 4 * KIB]]],
      [200 * KIB, [[12 * KIB, 8 * KIB]]],
    ]);
  });

  test('reads once what several parts of the disk share', async () => {
    const reader = readerOf(bytes);
    const seen = await new LaidOutDisk(reader, scattered([100 * KIB, 8 * KIB, 102 * KIB, 100 * KIB])).read(0, 16 * KIB);
    expect(Buffer.concat([100, 8, 102, 100].map(at => bytes.subarray(at * KIB, (at + 4) * KIB))).equals(seen)).toBe(true);
    expect(reader.requests).toEqual([{ offset: 8 * KIB, size: 4 * KIB }, { offset: 100 * KIB, size: 6 * KIB }]);
  });

  test('puts zeros between neighbours in the image that have a hole between them on the disk', async () => {
    const memory = new Uint8Array(12 * KIB).fill(7);
    await new LaidOutDisk(readerOf(bytes), scattered([100 * KIB, 'hole', 104 * KIB])).readInto(memory, 0);
    const expected = [bytes.subarray(100 * KIB, 104 * KIB), Buffer.alloc(4 * KIB), bytes.subarray(104 * KIB, 108 * KIB)];
    expect(Buffer.concat(expected).equals(memory)).toBe(true);
  });

  test('reads compressed units into memory that it used before, if that is large enough', async () => {
    const given: [ArrayBufferLike, number][] = [];
    const image = {
      length: bytes.length,
      read: async () => { throw new Error('has readInto'); },
      readInto: async (offset: number, [memory = new Uint8Array(0)]: readonly Uint8Array[]) => {
        given.push([memory.buffer, memory.length]);
        memory.set(bytes.subarray(offset, offset + memory.length));
        return memory.length;
      },
    };
    // Units of 4 KiB at every 4 KiB of the image, each of which unpacks to its last KiB.
    const locate = async (at: number): Promise<Extent> => {
      const unit = { offset: Math.floor(at / KIB) * 4 * KIB, size: 4 * KIB, unpack: (packed: Uint8Array) => packed.subarray(3 * KIB) };
      return { kind: 'compressed', length: KIB - at % KIB, from: at % KIB, unit };
    };
    const disk = new LaidOutDisk(image, { size: 100 * KIB, locate });
    for (const [first, count] of [[0, 3], [20, 2], [5, 4], [30, 5]] as const) {
      const expected = Array.from({ length: count }, (_, index) => bytes.subarray(((first + index) * 4 + 3) * KIB, (first + index + 1) * 4 * KIB));
      expect(Buffer.concat(expected).equals(await disk.read(first * KIB, count * KIB))).toBe(true);
    }
    expect(given.map(([memory, size]) => [given.findIndex(([one]) => one === memory), memory.byteLength / KIB, size / KIB])).toEqual([
      [0, 16, 12], [0, 16, 8], [0, 16, 16], [3, 32, 20],
    ]);
  });

  test('keeps eight pieces of memory at most', async () => {
    const given: ArrayBufferLike[] = [];
    const image = {
      length: 2 ** 30,
      read: async () => { throw new Error('has readInto'); },
      readInto: async (_offset: number, [memory = new Uint8Array(0)]: readonly Uint8Array[]) => given.push(memory.buffer) && memory.length,
    };
    // Ten units that are too far apart for one request.
    const locate = async (at: number): Promise<Extent> => (
      { kind: 'compressed', length: 1, from: 0, unit: { offset: at * 2 ** 20, size: KIB, unpack: (packed: Uint8Array) => packed } });
    const disk = new LaidOutDisk(image, { size: 10, locate });
    await disk.read(0, 10);
    await disk.read(0, 10);
    expect([given.length, new Set(given).size]).toEqual([20, 12]);
  });

  test('joins up to 64 KiB apart, and at most 16 MiB', async () => {
    const large = new StrictReader(2 ** 30, (_, size) => new Uint8Array(size));
    await new LaidOutDisk(large, scattered([0, 68 * KIB, 136 * KIB + 1])).read(0, 12 * KIB);
    expect(large.requests).toEqual([{ offset: 0, size: 72 * KIB }, { offset: 136 * KIB + 1, size: 4 * KIB }]);
    const all = new StrictReader(2 ** 30, (_, size) => new Uint8Array(size));
    await new LaidOutDisk(all, scattered(Array.from({ length: 300 }, (_, block) => block * 64 * KIB))).read(0, 300 * 4 * KIB);
    expect(all.requests.map(({ size }) => size)).toEqual([255 * 64 * KIB + 4 * KIB, 43 * 64 * KIB + 4 * KIB]);
  });
});

describe('a frame of Zstandard', () => {
  const raw = (last: 0 | 1, size: number) => [last + size * 8, 0, 0, ...Array.from({ length: size }, () => 7)];
  const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
  test.each([
    ['with a window descriptor', [...MAGIC, 0x00, 0x58, ...raw(1, 3)]],
    ['with a checksum', [...MAGIC, 0x04, 0x58, ...raw(1, 3), 1, 2, 3, 4]],
    ['of a single segment', [...MAGIC, 0x20, 3, ...raw(1, 3)]],
    ['with sizes of 2, 4 and 8 bytes', [...MAGIC, 0x40, 0x58, 1, 0, ...raw(1, 3)]],
    ['with a size of 4 bytes', [...MAGIC, 0x80, 0x58, 1, 0, 0, 0, ...raw(1, 3)]],
    ['with a size of 8 bytes', [...MAGIC, 0xc0, 0x58, 1, 0, 0, 0, 0, 0, 0, 0, ...raw(1, 3)]],
    ['with a dictionary', [...MAGIC, 0x03, 0x58, 1, 0, 0, 0, ...raw(1, 3)]],
    ['with several blocks', [...MAGIC, 0x00, 0x58, ...raw(0, 3), ...raw(0, 9), ...raw(1, 1)]],
    ['with a block of one repeated byte', [...MAGIC, 0x00, 0x58, 1 + 2 + 80, 0, 0, 9]],
  ])('%s is cut out of what follows', (_, frame) => {
    expect([...zstdFrame(Uint8Array.from([...frame, 9, 9, 9])) ?? []]).toEqual(frame);
    expect([...zstdFrame(Uint8Array.from(frame)) ?? []]).toEqual(frame);
    expect(zstdFrame(Uint8Array.from(frame.slice(0, -1)))).toBeUndefined();
  });

  test.each([
    ['that does not begin as one', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['with a reserved block', [...MAGIC, 0x00, 0x58, 1 + 6, 0, 0]],
    ['without its last block', [...MAGIC, 0x00, 0x58, ...raw(0, 3)]],
  ])('%s is none', (_, data) => {
    expect(zstdFrame(Uint8Array.from(data))).toBeUndefined();
  });
});

test('a disk of an OVA that the limits of the inspection hide is refused with a sentence', async () => {
  const [, disk = ''] = /href="([^"]+\.vmdk)"/.exec(descriptor('vmware')) ?? [];
  const archive = Buffer.concat([member('server.ovf', Buffer.from(descriptor('vmware'))), member(disk, Buffer.alloc(200 * KIB, 7)), Buffer.alloc(1024)]);
  const seen = archive.subarray(0, 100 * KIB);
  const hidden = new StrictReader(archive.length, (offset, size) => seen.subarray(offset, offset + size));
  await expect(findOvaDisk(hidden, 0, decompressors)).rejects.toThrow('Disk 0 of the OVA was not found: the archive has too many members.');
});
