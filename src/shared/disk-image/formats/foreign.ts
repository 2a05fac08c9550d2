import { ForeignFile, ForeignFormat } from './image';
import { isQcow } from './qcow2-header';
import { PartitionContent } from '../partitions/partition';
import { readPartitionTable } from '../partitions/partition-table';
import { contentOf } from '../partitions/volume';
import { Bytes } from '../reading/bytes';
import { flatGuest } from '../reading/guest';
import { Reading, Section } from '../reading/image-file';

/** Where the name of an ISO 9660 volume begins (ECMA-119, 8.1: the 17th sector of 2,048 bytes). */
const ISO_SIGNATURE = { at: 32_769, text: 'CD001' };

/**
 * Signatures of what people upload by mistake. Short ones carry the bytes that always follow them,
 * so that a boot sector is not taken for an archive.
 * qcow2: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt · qed, parallels: the same folder
 * VDI: https://www.virtualbox.org/browser/vbox/trunk/include/VBox/vd.h · WIM, 7z, xz, zstd, gzip (RFC 1952), zip (APPNOTE): their specifications
 * Git LFS: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
const SIGNATURES: readonly (readonly [ForeignFormat, number, string])[] = [
  ['qed', 0, 'QED\0'],
  ['vdi', 64, '\x7f\x10\xda\xbe'],
  ['parallels', 0, 'WithoutFreeSpace'],
  ['parallels', 0, 'WithouFreSpacExt'],
  ['wim', 0, 'MSWIM\0\0\0'],
  ['gzip', 0, '\x1f\x8b\x08'],
  ['zip', 0, 'PK\x03\x04'],
  ['xz', 0, '\xfd7zXZ\0'],
  ['zstd', 0, '\x28\xb5\x2f\xfd'],
  ['7z', 0, '7z\xbc\xaf\x27\x1c'],
  ['git-lfs-pointer', 0, 'version https://git-lfs.github.com/spec/'],
];

export function readForeignHead(head: Bytes): ForeignFile | undefined {
  if (head.length === 0) return plain('empty', 0);
  if (isQcow(head)) return qcow(head);
  const named = SIGNATURES.find(([, at, text]) => head.has(at, text))?.[0] ?? bzip2(head) ?? encrypted(head) ?? markup(head) ?? plainText(head);
  return named && plain(named, sizeOf(named, head));
}

function sizeOf(format: ForeignFormat, head: Bytes): number {
  switch (format) {
    case 'vdi': return head.u64le(368);
    case 'qed': return head.u64le(48);
    case 'parallels': return head.u64le(36) * 512;
    default: return 0;
  }
}

/** Formats that name themselves at the end or further in, where a RAW disk has anything. */
export function* readForeignTail(section: Section, head: Bytes): Reading<ForeignFile | undefined> {
  if (head.has(ISO_SIGNATURE.at, ISO_SIGNATURE.text)) {
    return { ...plain('iso9660', section.length), subformat: yield* isoKind(section, head) };
  }
  const tail = yield* section.tail(512);
  return tail.has(0, 'koly') ? plain('dmg', tail.u64be(492) * 512) : undefined;
}

/** Nearly every ISO has an MBR for USB sticks: only a partition with a system of its own makes a disk of it. */
function* isoKind(section: Section, head: Bytes): Reading<ForeignFile['subformat']> {
  if (!head.has(510, '\x55\xaa')) return 'plain';
  const table = yield* readPartitionTable(flatGuest(section), section.length, 'on demand');
  const partitions = table.kind === 'mbr' || table.kind === 'gpt' ? table.partitions : [];
  return partitions.some(({ content }) => SYSTEMS.has(content)) ? 'hybrid with a system' : 'hybrid';
}
const SYSTEMS: ReadonlySet<PartitionContent> = new Set<PartitionContent>(['ext', 'XFS', 'Btrfs', 'NTFS', 'LVM', 'LUKS', 'BitLocker', 'RAID member', 'dynamic disk']);

function plain(format: ForeignFormat, virtualSize: number): ForeignFile {
  return { format, subformat: 'plain', virtualSize };
}

/** The first version of QCOW. */
function qcow(head: Bytes): ForeignFile {
  return { format: 'qcow', subformat: head.u32be(36) === 0 ? 'plain' : 'encrypted', virtualSize: head.u64be(24) };
}

function bzip2(head: Bytes): ForeignFormat | undefined {
  return head.has(0, 'BZh') && head.has(4, '1AY&SY') ? 'bzip2' : undefined;
}

function encrypted(head: Bytes): ForeignFormat | undefined {
  switch (contentOf(head)) {
    case 'LUKS': return 'luks';
    case 'BitLocker': return 'bitlocker';
    default: return undefined;
  }
}

/** An OVF descriptor without its disks, or the error page that a download left behind. */
function markup(head: Bytes): ForeignFormat | undefined {
  const beginning = head.slice(0, 4096);
  const text = (beginning.document().text ?? beginning.latin1(0, beginning.length)).trimStart();
  if (!/^\ufeff?<(\?xml|!doctype|html|(\w+:)?envelope|!--)/i.test(text)) return undefined;
  return /<(\w+:)?Envelope\b/.test(text) ? 'ovf' : 'markup';
}

/** A readme or a list beside the disk. No disk begins with that much text. */
function plainText(head: Bytes): ForeignFormat | undefined {
  return head.length >= SHORTEST_TEXT && head.data.every(isTextByte) ? 'text' : undefined;
}
const SHORTEST_TEXT = 16;

function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
