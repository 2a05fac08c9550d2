/* eslint-disable no-bitwise -- features are bits */
import type { Bytes } from '../reading/bytes';

// The qcow2 image format: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt
const MAGIC = 'QFI\xfb';
/** Bytes of a header: version 3 has 104, and one more with the compression type if it says so. */
export const QCOW2_HEADER = 112;
const INCOMPATIBLE = { dirty: 1 << 0, corrupt: 1 << 1, externalDataFile: 1 << 2, compressionType: 1 << 3, extendedL2: 1 << 4 } as const;
const KNOWN = Object.values(INCOMPATIBLE).reduce((all, bit) => all | bit, 0);
/** QEMU opens no larger one either: it is enough for 2 EiB in clusters of 2 MiB. */
const LARGEST_L1 = 32 * 1024 * 1024;

export interface Qcow2Header {
  readonly size: number;
  readonly version: 2 | 3;
  readonly clusterBits: number;
  readonly l1Offset: number;
  readonly compression: 'deflate' | 'zstd';
  /** Bytes of an entry in an L2 table: 16 with a bitmap of 32 subclusters. */
  readonly l2EntrySize: 8 | 16;
}

/** Why an image cannot be read by itself. */
export interface Qcow2Refusal {
  /** The end of a sentence that begins with "The qcow2 image". */
  readonly why: string;
  /** A sentence. */
  readonly remedy: string;
}

const CONVERT = 'Convert it with qemu-img convert -O qcow2.';

/** Whether a file begins as all versions of QCOW do, the first one included. */
export function isQcow(head: Bytes): boolean {
  return head.has(0, MAGIC);
}

export function isQcow2(head: Bytes): boolean {
  return isQcow(head) && head.u32be(4) !== 1;
}

/**
 * Reads the header of a qcow2 image. Returns why not if the image is of another version, encrypted, damaged, or needs another file.
 *
 * An image that was not closed cleanly (lazy reference counts) is read: only its reference counts may be wrong, which a reader does not use.
 */
export function qcow2Header(header: Bytes): Qcow2Header | Qcow2Refusal {
  const version = header.u32be(4);
  if (version !== 2 && version !== 3) return { why: `has version ${version}, and only the versions 2 and 3 can be read`, remedy: CONVERT };
  if (header.u64be(8) !== 0) return { why: 'holds only the changes since its backing file', remedy: 'Merge both with qemu-img convert -O qcow2.' };
  if (header.u32be(32) !== 0) return { why: 'is encrypted', remedy: 'Decrypt it with qemu-img convert -O qcow2.' };
  const features = version === 3 ? header.u32be(76) : 0;
  const unusable = version === 3 ? unusableFeature(header, features) : undefined;
  if (unusable !== undefined) return unusable;
  const type = features & INCOMPATIBLE.compressionType ? header.u8(104) : 0;
  if (type > 1) return { why: `uses the unknown compression type ${type}`, remedy: CONVERT };
  const clusterBits = header.u32be(20);
  const l2EntrySize = features & INCOMPATIBLE.extendedL2 ? 16 : 8;
  const size = header.u64be(24);
  const [l1Entries, l1Offset] = [header.u32be(36), header.u64be(40)];
  const l1Span = 2 ** (2 * clusterBits) / l2EntrySize;
  // A subcluster has at least a sector: an extended L2 table needs clusters of 16 KiB.
  if (clusterBits < (l2EntrySize === 16 ? 14 : 9) || clusterBits > 21) return damaged(`its clusters have 2^${clusterBits} bytes`);
  if (l1Entries * 8 > LARGEST_L1 || l1Entries * l1Span < size) return damaged('its L1 table does not fit the disk');
  if (!Number.isSafeInteger(l1Offset) || l1Offset % 2 ** clusterBits !== 0) return damaged('its L1 table is not at a cluster');
  return { size, version, clusterBits, l1Offset, l2EntrySize, compression: type === 1 ? 'zstd' : 'deflate' };
}

function unusableFeature(header: Bytes, features: number): Qcow2Refusal | undefined {
  if (features & INCOMPATIBLE.externalDataFile) return { why: 'keeps its data in an external data file', remedy: CONVERT };
  if (features & INCOMPATIBLE.corrupt) return { why: 'is marked as corrupt', remedy: 'Repair it with qemu-img check -r all.' };
  return header.u32be(72) !== 0 || features & ~KNOWN ? { why: 'uses features that are not known here', remedy: CONVERT } : undefined;
}

function damaged(how: string): Qcow2Refusal {
  return { why: `is damaged: ${how}`, remedy: 'Upload it again.' };
}

const SECTOR = 512;

/** Returns where the compressed cluster of an L2 entry is: the byte at which it begins, and above that the number of further sectors. */
export function compressedPlace(bits: bigint, clusterBits: number): { readonly offset: number; readonly size: number } {
  const offsetBits = BigInt(62 - (clusterBits - 8));
  const sectorBits = BigInt(clusterBits - 8);
  const offset = Number(bits & ((1n << offsetBits) - 1n));
  const sectors = Number(bits >> offsetBits & ((1n << sectorBits) - 1n)) + 1;
  return { offset, size: sectors * SECTOR - offset % SECTOR };
}

/** Bits 9 to 55 of an entry: where a table or a cluster is. */
export const QCOW2_OFFSET = (1n << 56n) - (1n << 9n);
/** Bit 62 of an L2 entry. */
export const QCOW2_COMPRESSED = 1n << 62n;
/** Bit 0 of a standard L2 entry, from version 3 on. */
export const QCOW2_READS_AS_ZEROS = 1n;
