/* eslint-disable no-bitwise -- features are bits */
import { MetadataCache } from './metadata-cache';
import { VirtualDiskError } from './virtual-disk-error';
import type { Bytes } from '../reading/bytes';
import type { AsyncReader } from '../reading/drivers';

// The qcow2 image format: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt
const MAGIC = 'QFI\xfb';
/** Version 3 has 104 bytes, and one more with the compression type if it says so. */
const HEADER = 112;
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

/**
 * Reads the header of a qcow2 image.
 *
 * An image that was not closed cleanly (lazy reference counts) is read: only its reference counts may be wrong, which a reader does not use.
 *
 * @throws VirtualDiskError if it is of another version, encrypted, damaged, or needs another file
 */
export async function readQcow2Header(image: AsyncReader): Promise<Qcow2Header> {
  const header = await new MetadataCache(image).read(0, Math.min(HEADER, image.length));
  if (!header.has(0, MAGIC)) throw new VirtualDiskError('The image is not a qcow2: its signature is missing.');
  const version = header.u32be(4);
  if (version !== 2 && version !== 3) throw new VirtualDiskError(`The qcow2 image has version ${version}, and only the versions 2 and 3 can be read: convert it with qemu-img convert -O qcow2.`);
  if (header.u64be(8) !== 0) {
    throw new VirtualDiskError('The qcow2 image holds only the changes since its backing file: merge both with qemu-img convert -O qcow2.');
  }
  if (header.u32be(32) !== 0) throw new VirtualDiskError('The qcow2 image is encrypted: decrypt it with qemu-img convert -O qcow2.');
  const features = version === 3 ? featuresOf(header) : 0;
  const clusterBits = header.u32be(20);
  const l2EntrySize = features & INCOMPATIBLE.extendedL2 ? 16 : 8;
  const size = header.u64be(24);
  const [l1Entries, l1Offset] = [header.u32be(36), header.u64be(40)];
  const l1Span = 2 ** (2 * clusterBits) / l2EntrySize;
  // A subcluster has at least a sector: an extended L2 table needs clusters of 16 KiB.
  if (clusterBits < (l2EntrySize === 16 ? 14 : 9) || clusterBits > 21) throw damaged(`its clusters have 2^${clusterBits} bytes`);
  if (l1Entries * 8 > LARGEST_L1 || l1Entries * l1Span < size) throw damaged('its L1 table does not fit the disk');
  if (!Number.isSafeInteger(l1Offset) || l1Offset % 2 ** clusterBits !== 0) throw damaged('its L1 table is not at a cluster');
  return { size, version, clusterBits, l1Offset, l2EntrySize, compression: compressionOf(header, features) };
}

function featuresOf(header: Bytes): number {
  const features = header.u32be(76);
  if (features & INCOMPATIBLE.externalDataFile) {
    throw new VirtualDiskError('The qcow2 image keeps its data in an external data file: convert it with qemu-img convert -O qcow2.');
  }
  if (features & INCOMPATIBLE.corrupt) throw new VirtualDiskError('The qcow2 image is marked as corrupt: repair it with qemu-img check -r all.');
  if (header.u32be(72) !== 0 || features & ~KNOWN) {
    throw new VirtualDiskError('The qcow2 image uses features that are not known here: convert it with qemu-img convert -O qcow2.');
  }
  return features;
}

function compressionOf(header: Bytes, features: number): Qcow2Header['compression'] {
  const type = features & INCOMPATIBLE.compressionType ? header.u8(104) : 0;
  if (type > 1) throw new VirtualDiskError(`The qcow2 image uses the unknown compression type ${type}: convert it with qemu-img convert -O qcow2.`);
  return type === 1 ? 'zstd' : 'deflate';
}

function damaged(how: string): VirtualDiskError {
  return new VirtualDiskError(`The qcow2 image is damaged: ${how}. Upload it again.`);
}
