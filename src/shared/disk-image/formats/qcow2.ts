/* eslint-disable no-bitwise -- entries of the tables are made of bits */
import { Qcow2Image } from './image';
import { compressedPlace, QCOW2_COMPRESSED, QCOW2_HEADER, QCOW2_OFFSET, QCOW2_READS_AS_ZEROS, qcow2Header, Qcow2Header } from './qcow2-header';
import { Inflate } from './vmdk-sparse';
import { readContent } from '../boot/disk-content';
import { Bytes } from '../reading/bytes';
import { BlockPlace, blockGuest, GuestReader, unknownGuest } from '../reading/guest';
import { Reading, Section } from '../reading/image-file';

/** Reads a qcow2, which VmImportAmi and VmImportSnapshot take. */
export function* readQcow2(section: Section, head: Bytes, inflate: Inflate): Reading<Qcow2Image> {
  const header = qcow2Header(head.slice(0, QCOW2_HEADER));
  const virtualSize = head.u64be(24);
  const guest = 'why' in header ? unknownGuest : guestOf(section, header, inflate);
  return {
    format: 'qcow2',
    subformat: head.u32be(32) === 0 ? 'plain' : 'encrypted',
    virtualSize,
    ...('why' in header ? { refusal: header } : {}),
    ...(yield* readContent(guest, virtualSize, 'on demand')),
  };
}

/** Clusters that are compressed with zstd, and those with subclusters, stay unseen. */
function guestOf(section: Section, { version, clusterBits, l1Offset, l2EntrySize, compression }: Qcow2Header, inflate: Inflate): GuestReader {
  if (l2EntrySize === 16) return unknownGuest;
  const clusterSize = 2 ** clusterBits;
  const entries = clusterSize / l2EntrySize;
  return blockGuest(section, clusterSize, function* (cluster): Reading<BlockPlace> {
    const table = yield* entryAt(section, l1Offset + Math.floor(cluster / entries) * 8);
    if (table === undefined) return { kind: 'unknown' };
    const tableAt = Number(table & QCOW2_OFFSET);
    if (tableAt === 0) return { kind: 'zero' };
    const entry = yield* entryAt(section, tableAt + (cluster % entries) * l2EntrySize);
    if (entry === undefined) return { kind: 'unknown' };
    if (entry & QCOW2_COMPRESSED) {
      const { offset, size } = compressedPlace(entry, clusterBits);
      const packed = yield* section.read(offset, size);
      const bytes = compression === 'deflate' ? inflate(packed.data, clusterSize, 'raw') : undefined;
      return bytes === undefined ? { kind: 'unknown' } : { kind: 'unpacked', bytes: new Bytes(bytes) };
    }
    const offset = Number(entry & QCOW2_OFFSET);
    return offset === 0 || (version === 3 && entry & QCOW2_READS_AS_ZEROS) ? { kind: 'zero' } : { kind: 'stored', offset };
  });
}

/** Reads an entry of a table. Returns undefined where the file has ended. */
function* entryAt(section: Section, at: number): Reading<bigint | undefined> {
  const bytes = yield* section.read(at, 8);
  return bytes.length < 8 ? undefined : BigInt(bytes.u32be(0)) << 32n | BigInt(bytes.u32be(4));
}
