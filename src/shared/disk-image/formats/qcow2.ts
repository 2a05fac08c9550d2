/* eslint-disable no-bitwise -- entries of the tables are made of bits */
import { Qcow2Image } from './image';
import { compressedPlace, QCOW2_COMPRESSED, QCOW2_HEADER, QCOW2_OFFSET, QCOW2_READS_AS_ZEROS, qcow2Header, Qcow2Header } from './qcow2-header';
import { Inflate } from './vmdk-sparse';
import { readContent } from '../boot/disk-content';
import { Bytes } from '../reading/bytes';
import { BlockPlace, blockGuest, GuestReader, unknownGuest } from '../reading/guest';
import { Reading, Section } from '../reading/image-file';
import { zstdFrame } from '../reading/zstd-frame';

/** Reads a qcow2, which VmImportAmi and VmImportSnapshot take. */
export function* readQcow2(section: Section, head: Bytes, inflate: Inflate): Reading<Qcow2Image> {
  const header = qcow2Header(head.slice(0, QCOW2_HEADER));
  const virtualSize = head.u64be(24);
  const unseen: 'zstd'[] = [];
  const guest = 'why' in header ? unknownGuest : guestOf({ section, header, inflate, unseen });
  const content = yield* readContent(guest, virtualSize, 'on demand');
  return {
    format: 'qcow2',
    subformat: head.u32be(32) === 0 ? 'plain' : 'encrypted',
    virtualSize,
    ...('why' in header ? { refusal: header } : {}),
    ...(unseen.length === 0 ? {} : { unseen: 'zstd' }),
    ...content,
  };
}

interface Qcow2 {
  readonly section: Section;
  readonly header: Qcow2Header;
  readonly inflate: Inflate;
  /** Collects what could not be unpacked. */
  readonly unseen: 'zstd'[];
}

const SUBCLUSTERS = 32;

/** Reads the guest's disk in clusters or, with extended L2 entries, in subclusters. */
function guestOf(qcow2: Qcow2): GuestReader {
  const { section, header: { version, clusterBits, l1Offset, l2EntrySize } } = qcow2;
  const clusterSize = 2 ** clusterBits;
  const blocks = l2EntrySize === 16 ? SUBCLUSTERS : 1;
  const blockSize = clusterSize / blocks;
  const entries = clusterSize / l2EntrySize;
  return blockGuest(section, blockSize, function* (block): Reading<BlockPlace> {
    const cluster = Math.floor(block / blocks);
    const from = block % blocks * blockSize;
    const table = yield* bits64At(section, l1Offset + Math.floor(cluster / entries) * 8);
    if (table === undefined) return { kind: 'unknown' };
    const tableAt = Number(table & QCOW2_OFFSET);
    if (tableAt === 0) return { kind: 'zero' };
    const entryAt = tableAt + (cluster % entries) * l2EntrySize;
    const entry = yield* bits64At(section, entryAt);
    if (entry === undefined) return { kind: 'unknown' };
    if (entry & QCOW2_COMPRESSED) return yield* unpack(qcow2, entry, from, blockSize);
    const offset = Number(entry & QCOW2_OFFSET) + from;
    if (l2EntrySize === 16) {
      // Bit i of the bitmap says that subcluster i is stored; otherwise it reads as zeros.
      const bitmap = yield* bits64At(section, entryAt + 8);
      if (bitmap === undefined) return { kind: 'unknown' };
      return bitmap >> BigInt(block % blocks) & 1n ? { kind: 'stored', offset } : { kind: 'zero' };
    }
    return offset === 0 || (version === 3 && entry & QCOW2_READS_AS_ZEROS) ? { kind: 'zero' } : { kind: 'stored', offset };
  });
}

/** Unpacks a block of a compressed cluster. */
function* unpack(qcow2: Qcow2, entry: bigint, from: number, blockSize: number): Reading<BlockPlace> {
  const { section, header: { clusterBits, compression }, inflate, unseen } = qcow2;
  const { offset, size } = compressedPlace(entry, clusterBits);
  const packed = (yield* section.read(offset, size)).data;
  const frame = compression === 'zstd' ? zstdFrame(packed) : packed;
  const bytes = frame && inflate(frame, 2 ** clusterBits, compression === 'zstd' ? 'zstd' : 'raw');
  if (frame !== undefined && bytes === undefined && compression === 'zstd') unseen.push('zstd');
  return bytes === undefined ? { kind: 'unknown' } : { kind: 'unpacked', bytes: new Bytes(bytes.subarray(from, from + blockSize)) };
}

/** Reads an entry of a table. Returns undefined if the file ends before it. */
function* bits64At(section: Section, at: number): Reading<bigint | undefined> {
  const bytes = yield* section.read(at, 8);
  return bytes.length < 8 ? undefined : BigInt(bytes.u32be(0)) << 32n | BigInt(bytes.u32be(4));
}
