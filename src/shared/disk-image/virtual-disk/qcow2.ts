/* eslint-disable no-bitwise -- entries of the tables are made of bits */
import type { CompressedUnit, Decompressors, Extent, Layout } from './layout';
import { MetadataCache } from './metadata-cache';
import { VirtualDiskError } from './virtual-disk-error';
import {
  compressedPlace, isQcow, QCOW2_COMPRESSED, QCOW2_HEADER, QCOW2_OFFSET, QCOW2_READS_AS_ZEROS, qcow2Header, type Qcow2Header,
} from '../formats/qcow2-header';
import type { Bytes } from '../reading/bytes';
import type { AsyncReader } from '../reading/drivers';
import { zstdFrame } from '../reading/zstd-frame';

// The qcow2 image format, "Cluster mapping" and "Extended L2 Entries":
// https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt
const SUBCLUSTERS = 32;
// The same masks as numbers, which are far faster than BigInt.
/** In the first byte of an L2 entry. */
const COMPRESSED = Number(QCOW2_COMPRESSED >> 56n);
/** In the last byte of an L2 entry, from version 3 on. */
const READS_AS_ZEROS = Number(QCOW2_READS_AS_ZEROS);
/** In the first half of an entry: the upper part of the byte at which its table or cluster begins. */
const OFFSET_HIGH = Number(QCOW2_OFFSET >> 32n);

/**
 * Lays out a qcow2 image of version 2 or 3.
 *
 * @throws VirtualDiskError if the image cannot be read by itself, or is damaged
 */
export async function qcow2Layout(image: AsyncReader, decompressors: Decompressors): Promise<Layout> {
  const header = await readHeader(image);
  const { size, l1Offset, l2EntrySize } = header;
  const tables = new MetadataCache(image);
  const clusterSize = 2 ** header.clusterBits;
  const tableSpan = clusterSize / l2EntrySize * clusterSize;
  const compression = compressionOf(header, decompressors);
  return {
    size,
    async locate(offset, most): Promise<Extent> {
      const l1 = await tables.read(l1Offset + Math.floor(offset / tableSpan) * 8, 8);
      const table = clusterStart(clusterOf(l1, 0), clusterSize);
      if (table === 0) return { kind: 'hole', length: tableSpan - offset % tableSpan };
      const index = Math.floor(offset % tableSpan / clusterSize);
      const from = offset % clusterSize;
      const wanted = Math.min(Math.ceil((from + most) / clusterSize), tableSpan / clusterSize - index);
      const entries = await tables.readEntries(table + index * l2EntrySize, l2EntrySize, wanted);
      const length = Math.min(clusterSize - from, size - offset);
      if (isCompressed(entries)) return { kind: 'compressed', length, from, unit: compression(bits64(entries, 0)) };
      if (l2EntrySize === 16) return inSubclusters(bits64(entries, 8), clusterStart(clusterOf(entries, 0), clusterSize), clusterSize, from, length);
      const { first, count } = firstRun(entries, clusterSize, header);
      const run = Math.min(count * clusterSize - from, size - offset);
      return first === 0 ? { kind: 'hole', length: run } : { kind: 'stored', length: run, offset: clusterStart(first, clusterSize) + from };
    },
  };
}

/** @throws VirtualDiskError if the image cannot be read by itself */
async function readHeader(image: AsyncReader): Promise<Qcow2Header> {
  const bytes = await new MetadataCache(image).read(0, Math.min(QCOW2_HEADER, image.length));
  if (!isQcow(bytes)) throw new VirtualDiskError('The image is not a qcow2: its signature is missing.');
  const header = qcow2Header(bytes);
  if ('why' in header) throw new VirtualDiskError(`The qcow2 image ${header.why}. ${header.remedy}`);
  return header;
}

function bits64(bytes: Bytes, at: number): bigint {
  return BigInt(bytes.u32be(at)) << 32n | BigInt(bytes.u32be(at + 4));
}

/** Returns whether the first entry of an L2 table is that of a compressed cluster. */
function isCompressed(entries: Bytes): boolean {
  return (entries.u8(0) & COMPRESSED) !== 0;
}

/** Returns the byte at which the cluster of an entry begins, or 0 if the entry has none. */
function clusterOf(entries: Bytes, at: number): number {
  const low = entries.u32be(at + 4);
  return (entries.u32be(at) & OFFSET_HIGH) * 2 ** 32 + low - low % 512;
}

/** @throws VirtualDiskError if no cluster begins at this byte */
function clusterStart(cluster: number, clusterSize: number): number {
  if (cluster % clusterSize !== 0) throw new VirtualDiskError(`The qcow2 image is damaged: a table points to byte ${cluster}, where no cluster begins. Upload it again.`);
  return cluster;
}

/**
 * Returns the cluster of the first entry, or 0 if it has none, and how many entries are like it: each next one has the next cluster of the
 * image, or none either. Most images have long runs.
 */
function firstRun(entries: Bytes, clusterSize: number, { version }: Qcow2Header): { readonly first: number; readonly count: number } {
  const clusterAt = (at: number) => version === 3 && entries.u8(at + 7) & READS_AS_ZEROS ? 0 : clusterOf(entries, at);
  const first = clusterAt(0);
  let count = 1;
  for (let at = 8; at < entries.length; at += 8) {
    if (entries.u8(at) & COMPRESSED || clusterAt(at) !== (first && first + count * clusterSize)) break;
    count += 1;
  }
  return { first, count };
}

/** Bit i of the bitmap says that subcluster i is stored, bit 32 + i that it reads as zeros. A subcluster without either reads as zeros too. */
function inSubclusters(bitmap: bigint, cluster: number, clusterSize: number, from: number, length: number): Extent {
  const subclusterSize = clusterSize / SUBCLUSTERS;
  const isStored = (subcluster: number) => (bitmap >> BigInt(subcluster) & 1n) === 1n;
  const isZero = (subcluster: number) => (bitmap >> BigInt(SUBCLUSTERS + subcluster) & 1n) === 1n;
  const first = Math.floor(from / subclusterSize);
  if (isStored(first) && (isZero(first) || cluster === 0)) {
    throw new VirtualDiskError('The qcow2 image is damaged: a subcluster has contradictory states. Upload it again.');
  }
  let end = first + 1;
  while (end < SUBCLUSTERS && isStored(end) === isStored(first) && !(isStored(end) && isZero(end))) end += 1;
  const run = Math.min(length, end * subclusterSize - from);
  return isStored(first) ? { kind: 'stored', length: run, offset: cluster + from } : { kind: 'hole', length: run };
}

/** Returns what reads the entry of a compressed cluster. */
function compressionOf({ clusterBits, compression }: Qcow2Header, { deflate, zstd }: Decompressors): (bits: bigint) => CompressedUnit {
  const clusterSize = 2 ** clusterBits;
  const unpack = compression === 'deflate'
    ? (packed: Uint8Array) => deflate(packed, clusterSize)
    : (packed: Uint8Array) => {
      const frame = zstdFrame(packed);
      return frame && zstd(frame, clusterSize);
    };
  return (bits) => ({ ...compressedPlace(bits, clusterBits), unpack });
}
