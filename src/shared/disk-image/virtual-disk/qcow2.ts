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
    async locate(offset): Promise<Extent> {
      const l1 = await tables.read(l1Offset + Math.floor(offset / tableSpan) * 8, 8);
      const table = clusterAt(bits64(l1, 0), clusterSize);
      if (table === 0) return { kind: 'hole', length: tableSpan - offset % tableSpan };
      const entry = await tables.read(table + Math.floor(offset % tableSpan / clusterSize) * l2EntrySize, l2EntrySize);
      const from = offset % clusterSize;
      const length = Math.min(clusterSize - from, size - offset);
      const bits = bits64(entry, 0);
      if (bits & QCOW2_COMPRESSED) return { kind: 'compressed', length, from, unit: compression(bits) };
      if (l2EntrySize === 16) return inSubclusters(bits64(entry, 8), clusterAt(bits, clusterSize), clusterSize, from, length);
      const cluster = header.version === 3 && bits & QCOW2_READS_AS_ZEROS ? 0 : clusterAt(bits, clusterSize);
      return cluster === 0 ? { kind: 'hole', length } : { kind: 'stored', length, offset: cluster + from };
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

/** Returns the byte at which the cluster of an entry begins, or 0 if the entry has none. */
function clusterAt(bits: bigint, clusterSize: number): number {
  const offset = Number(bits & QCOW2_OFFSET);
  if (offset % clusterSize !== 0) throw new VirtualDiskError(`The qcow2 image is damaged: a table points to byte ${offset}, where no cluster begins. Upload it again.`);
  return offset;
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
