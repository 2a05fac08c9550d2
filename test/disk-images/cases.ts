import { gzipSync } from 'node:zlib';
import { member } from './archives';
import { recordedImage } from './image-library';
import { gptDisk, GRUB, MIB, mbrDisk, MbrPartition } from './partition-tables';
import { patched, u64le } from './patch';
import { SparseFile } from './sparse-file';
import { streamVmdk } from './stream-vmdk';
import type { FindingCode, ImportFormat } from '../../src/shared/disk-image';

/** A file that people upload, and what the preflight has to say about it. */
export interface DiskCase {
  readonly name: string;
  readonly fileName: string;
  readonly content: Uint8Array;
  /** Declared format. @default - by the file name */
  readonly format?: ImportFormat;
  readonly errors?: readonly FindingCode[];
  readonly warnings?: readonly FindingCode[];
  readonly infos?: readonly FindingCode[];
}

const LINUX: MbrPartition = { type: 0x83, start: 2048, count: 14_336, status: 'active' };
/** A disk that boots by BIOS. */
export const DISK = mbrDisk(8 * MIB, [LINUX]).bytes();
const STREAM = streamVmdk(DISK);
const GPT_DATA = gptDisk(8 * MIB, [{ type: 'linux', first: 2048, last: 14_335 }]);
const uefi = (copies: 'primary' | 'backup', sectorSize?: 512 | 4096) => gptDisk(8 * MIB, [{ type: 'linux', first: 400, last: 1500 }], { copies, sectorSize, code: GRUB });

/** A descriptor of a machine with one disk. */
function ovf(href: string, { encoding = 'UTF-8', more = '' } = {}): string {
  return `<?xml version="1.0" encoding="${encoding}"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:href="${href}" ovf:id="f0"${more}/></References>
<DiskSection><Info>disks</Info><Disk ovf:diskId="d0" ovf:capacity="8388608" ovf:fileRef="f0"/></DiskSection>
<VirtualSystem ovf:id="vm"><Info>machine</Info></VirtualSystem></Envelope>`;
}

function ova(...members: readonly (readonly [name: string, content: Uint8Array | string])[]): Uint8Array {
  return Buffer.concat([...members.map(([name, content]) => member(name, Buffer.from(content))), Buffer.alloc(1024)]);
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

/** A VHDX whose header gives the disk this many bytes. */
function vhdxOf(virtualSize: number): Uint8Array {
  const bytes = recordedImage('mbr-vhdx-dynamic');
  return patched(bytes, [Buffer.from(bytes).lastIndexOf(u64le(6 * MIB)), u64le(virtualSize)]);
}

/** An ISO 9660 image with the MBR that USB sticks need. */
function hybridIso(partition: MbrPartition): SparseFile {
  return mbrDisk(MIB, [partition]).write(32_769, Buffer.from('CD001'));
}

const FILLERS = Array.from({ length: 90 }, (_, index) => [`file${index}.bin`, Buffer.alloc(80 * 1024, 1)] as const);

export const DISK_CASES: readonly DiskCase[] = [
  // References of an OVF descriptor are relative references of RFC 3986.
  { name: 'an OVA whose reference is percent-encoded', fileName: 'my box.ova', content: ova(['my box.ovf', ovf('my%20box-disk1.vmdk')], ['my box-disk1.vmdk', STREAM]) },
  { name: 'an OVA whose reference is written as the file is called', fileName: 'box.ova', content: ova(['box.ovf', ovf('100%.vmdk')], ['100%.vmdk', STREAM]) },
  { name: 'an OVA in a folder', fileName: 'box.ova', content: ova(['vm/box.ovf', ovf('box-disk1.vmdk')], ['vm/box-disk1.vmdk', STREAM]) },
  { name: 'an OVA whose members begin with a dot', fileName: 'box.ova', content: ova(['./box.ovf', ovf('./disks/../d.vmdk')], ['./d.vmdk', STREAM]) },
  { name: 'an OVA that macOS packed', fileName: 'box.ova', content: ova(['._box.ovf', '\0\x05\x16\x07'], ['box.ovf', ovf('d.vmdk')], ['._d.vmdk', 'x'], ['d.vmdk', STREAM]) },
  { name: 'an OVA whose disk is missing', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk')], ['e.vmdk', STREAM]), errors: ['ova-disk-missing'] },
  { name: 'an OVA whose disk is at a URL', fileName: 'box.ova', content: ova(['box.ovf', ovf('https://example.com/d.vmdk')]), errors: ['ova-disk-missing'] },
  { name: 'an OVA whose disk is behind many files', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk')], ...FILLERS, ['d.vmdk', STREAM]), infos: ['inspection-incomplete'] },
  {
    name: 'an OVA of many files whose descriptor is not the first',
    fileName: 'box.ova',
    content: ova(['a.txt', 'a'], ['box.ovf', ovf('d.vmdk')], ...FILLERS, ['d.vmdk', STREAM]),
    warnings: ['ova-descriptor-not-first'],
    infos: ['inspection-incomplete'],
  },
  { name: 'an OVA with two descriptors', fileName: 'box.ova', content: ova(['a.ovf', ovf('d.vmdk')], ['b.ovf', ovf('d.vmdk')], ['d.vmdk', STREAM]), warnings: ['ova-several-descriptors'] },

  // An XML processor must read UTF-8 and UTF-16.
  { name: 'an OVF in UTF-16, big endian', fileName: 'box.ova', content: ova(['box.ovf', utf16be(`\ufeff${ovf('d.vmdk', { encoding: 'UTF-16' })}`)], ['d.vmdk', STREAM]) },
  { name: 'an OVF in UTF-16, little endian', fileName: 'box.ova', content: ova(['box.ovf', Buffer.from(`\ufeff${ovf('d.vmdk', { encoding: 'UTF-16' })}`, 'utf16le')], ['d.vmdk', STREAM]) },
  { name: 'an OVF in UTF-16 without a byte order mark', fileName: 'box.ova', content: ova(['box.ovf', utf16be(ovf('d.vmdk', { encoding: 'UTF-16' }))], ['d.vmdk', STREAM]) },
  { name: 'an OVF in UTF-8 that declares UTF-16', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk', { encoding: 'UTF-16' })], ['d.vmdk', STREAM]) },
  { name: 'an OVF in Latin-1', fileName: 'box.ova', content: ova(['box.ovf', Buffer.from(ovf('b\u00fcro.vmdk', { encoding: 'ISO-8859-1' }), 'latin1')], ['b\u00fcro.vmdk', STREAM]) },
  { name: 'an OVF in an encoding that nobody knows', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk', { encoding: 'x-nobody' })], ['d.vmdk', STREAM]), warnings: ['ova-descriptor-unreadable'] },

  // What the descriptor declares, and what the file is.
  { name: 'an OVF that declares a compression which the disk does not have', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk', { more: ' ovf:compression="gzip"' })], ['d.vmdk', STREAM]), warnings: ['ova-compression-differs'] },
  { name: 'an OVF that declares no compression by name', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk', { more: ' ovf:compression="identity"' })], ['d.vmdk', STREAM]) },
  { name: 'an OVA whose disk is compressed as declared', fileName: 'box.ova', content: ova(['box.ovf', ovf('d.vmdk', { more: ' ovf:compression="gzip"' })], ['d.vmdk', gzipSync(STREAM)]), warnings: ['ova-disk-compressed'] },

  // The name declares a format.
  { name: 'a RAW disk with the name of a VMDK', fileName: 'box-flat.vmdk', content: DISK, errors: ['format-mismatch'] },
  { name: 'a VMDK with the name of a RAW disk', fileName: 'box.img', content: STREAM, errors: ['format-mismatch'] },
  { name: 'a VMDK with the name of an OVA', fileName: 'box.ova', content: STREAM, errors: ['format-mismatch'] },

  // Partition tables.
  { name: 'a GPT with a partition of data only', fileName: 'box.raw', content: GPT_DATA.bytes(), warnings: ['boot-partition-missing'] },
  { name: 'an MBR with a partition of data only', fileName: 'box.raw', content: mbrDisk(8 * MIB, [{ ...LINUX, status: 'inactive' }], new Uint8Array(0)).bytes(), warnings: ['partition-not-active'] },
  { name: 'a GPT whose primary copy is gone', fileName: 'box.raw', content: uefi('backup').bytes(), warnings: ['partition-table-damaged'] },
  { name: 'a GPT whose backup is gone', fileName: 'box.raw', content: uefi('primary').bytes(), infos: ['partition-table-backup-damaged'] },
  { name: 'a GPT for sectors of 4,096 bytes whose primary copy is gone', fileName: 'box.raw', content: uefi('backup', 4096).bytes(), warnings: ['partition-table-damaged', 'partition-table-sector-size'] },
  { name: 'a GPT of which only the protective MBR is left', fileName: 'box.raw', content: uefi('primary').write(512, new Uint8Array(512)).bytes(), warnings: ['partition-table-unusable'] },

  // Files that were cut, and files that have too much.
  { name: 'a RAW disk of which half is missing', fileName: 'box.raw', content: DISK.subarray(0, 4 * MIB), errors: ['image-truncated'] },
  { name: 'a RAW disk with a GPT of which half is missing', fileName: 'box.raw', content: GPT_DATA.bytes().subarray(0, 4 * MIB), errors: ['image-truncated'] },
  { name: 'a RAW disk that lacks the tail of its last partition', fileName: 'box.raw', content: DISK.subarray(0, 8 * MIB - 512 * 1024), warnings: ['partition-beyond-disk'] },
  { name: 'a VMDK with zeros behind its end', fileName: 'box.vmdk', content: Buffer.concat([STREAM, Buffer.alloc(65_536)]), warnings: ['vmdk-data-behind-footer'] },
  { name: 'a VMDK without the end of its stream', fileName: 'box.vmdk', content: STREAM.subarray(0, -512), warnings: ['vmdk-no-end-of-stream'] },
  { name: 'a VMDK without its footer', fileName: 'box.vmdk', content: STREAM.subarray(0, -4096), errors: ['image-truncated'] },
  { name: 'a VMDK whose first grain does not inflate', fileName: 'box.vmdk', content: patched(STREAM, [128 * 512 + 20, Buffer.alloc(40, 0x99)]), errors: ['image-damaged'] },
  { name: 'a VMDK without a descriptor', fileName: 'box.vmdk', content: patched(STREAM, [512, Buffer.alloc(20 * 512)]), warnings: ['vmdk-no-descriptor'] },

  // Sizes.
  { name: 'a disk of exactly 16 TiB', fileName: 'box.vhdx', content: vhdxOf(2 ** 44), errors: ['disk-too-large'] },
  { name: 'a disk of a sector less than 16 TiB', fileName: 'box.vhdx', content: vhdxOf(2 ** 44 - 512), warnings: ['disk-over-8-tib'] },
  { name: 'a disk of exactly 8 TiB', fileName: 'box.vhdx', content: vhdxOf(2 ** 43) },

  // Compressed files.
  { name: 'a gzipped OVA', fileName: 'box.ova', content: gzipSync(ova(['box.ovf', ovf('d.vmdk')], ['d.vmdk', STREAM])), errors: ['format-compressed'] },
  { name: 'a gzipped RAW disk', fileName: 'box.img.gz', content: gzipSync(DISK), format: 'RAW', errors: ['format-compressed'] },
  { name: 'a gzip file whose beginning does not inflate', fileName: 'box.img.gz', content: Buffer.from('\x1f\x8b\x08\0damaged', 'latin1'), format: 'RAW', errors: ['format-compressed'] },

  // Installers.
  { name: 'an installer with an MBR', fileName: 'box.iso', content: hybridIso({ type: 0x17, start: 64, count: 1936, status: 'active' }).bytes(), format: 'RAW', errors: ['format-not-importable'] },
  { name: 'an installer without an MBR', fileName: 'box.iso', content: new SparseFile(MIB).write(32_769, Buffer.from('CD001')).bytes(), format: 'RAW', errors: ['format-not-importable'] },
  { name: 'an installer beside which a system is installed', fileName: 'box.iso', content: hybridIso({ type: 0x83, start: 256, count: 1024 }).write(256 * 512 + 1080, Buffer.of(0x53, 0xef)).bytes(), format: 'RAW', warnings: ['format-doubtful'] },
];
