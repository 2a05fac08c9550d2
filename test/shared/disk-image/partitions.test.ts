import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { codes, inspect, tableOf } from './look';
import { Expectation } from '../../../src/shared/disk-image';
import { Bytes } from '../../../src/shared/disk-image/reading/bytes';
import { crc } from '../../../src/shared/disk-image/reading/checksum';
import { recordedImages } from '../../disk-images/image-library';
import { GENERIC, gptDisk, MIB, mbrDisk, MbrPartition, UNFAMILIAR, writeLogical } from '../../disk-images/partition-tables';
import { patched, u32le, u64le } from '../../disk-images/patch';
import { canMakeImages, run } from '../../disk-images/qemu';
import { SparseFile } from '../../disk-images/sparse-file';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const mbr = bytesOf('mbr-raw');
const uefi = bytesOf('gpt-uefi-raw');
const bios = bytesOf('gpt-bios-raw');

/** A GPT whose header and entries have right checksums again. */
function sealed(disk: Uint8Array, header = 512, entries = 1024): Uint8Array {
  const count = Buffer.from(disk).readUInt32LE(header + 80) * Buffer.from(disk).readUInt32LE(header + 84);
  const summed = patched(disk, [header + 88, u32le(crc('crc32', new Bytes(disk.subarray(entries, entries + count)), { at: 0, length: 0 }))]);
  return patched(summed, [header + 16, u32le(crc('crc32', new Bytes(summed.subarray(header, header + 92)), { at: 16, length: 4 }))]);
}

/** The same GPT with data where its BIOS boot partition was, and without boot code. */
function withoutBoot(disk: Uint8Array): Uint8Array {
  return sealed(patched(disk, [0, new Uint8Array(440)], [1024, disk.subarray(1024 + 128, 1024 + 144)]));
}

const firstType = 446 + 4;
const firstActive = 446;
const NO_ACTIVE = patched(mbr, [firstActive, [0]]);
const WITH_ESP = patched(mbr, [firstType, [0xef]]);

test.each([
  ['LUKS', 0, 'LUKS\xba\xbe'], ['BitLocker', 3, '-FVE-FS-'], ...[0, 512, 1024, 1536].map((at) => ['LVM', at, 'LABELONE'] as const),
  ...[0, 4096].map((at) => ['RAID member', at, '\xfc\x4e\x2b\xa9'] as const), ['NTFS', 3, 'NTFS    '], ['XFS', 0, 'XFSB'], ['ext', 1080, '\x53\xef'],
  ['swap', 4086, 'SWAPSPACE2'], ['FAT', 54, 'FAT16'], ['FAT', 82, 'FAT32'],
] as const)('a partition holds %s if byte %i of it begins %j', (content, at, signature) => {
  const disk = (shift: number) => mbrDisk(4 * MIB, [{ type: 0x83, start: 2048, count: 4096 }]).write(MIB + at + shift, Buffer.from(signature, 'latin1'));
  expect(tableOf(inspect(disk(0)))).toMatchObject({ partitions: [{ content }] });
  expect(tableOf(inspect(disk(1)))).not.toMatchObject({ partitions: [{ content }] });
});

describe('a partition table', () => {
  test.each<[string, Uint8Array, Partial<Expectation>, string[]]>([
    ['MBR with an active partition', mbr, {}, []],
    ['MBR without an active partition', NO_ACTIVE, {}, ['partition-not-active']],
    ['MBR without an active partition, on a data disk', NO_ACTIVE, { role: 'data disk' }, []],
    ['MBR without an active partition, for VmImportAmi, whose GRUB does without', NO_ACTIVE, { importer: 'VmImportAmi' }, []],
    ['MBR without an active partition, with generic boot code', patched(NO_ACTIVE, [0, GENERIC]), {}, ['partition-not-active']],
    ['MBR without an active partition, with unfamiliar boot code', patched(NO_ACTIVE, [0, UNFAMILIAR], [5, '\0\0']), {}, []],
    ['MBR with an active partition and unfamiliar boot code', patched(mbr, [0, UNFAMILIAR], [5, '\0\0']), {}, []],
    ['MBR with an active partition and no boot code', patched(mbr, [0, new Uint8Array(440)]), {}, ['boot-code-missing']],
    ['MBR with an active partition and generic boot code', patched(mbr, [0, GENERIC]), {}, []],
    ['MBR without an active partition, with an EFI system partition of no file system', patched(WITH_ESP, [firstActive, [0]]), {}, ['partition-not-active']],
    ['MBR without an active partition, with an EFI system partition, declared legacy-bios', patched(WITH_ESP, [firstActive, [0]]), { bootMode: 'legacy-bios' }, ['partition-not-active']],
    ['MBR without an active partition, declared uefi', NO_ACTIVE, { bootMode: 'uefi' }, ['boot-mode-needs-efi-partition']],
    ['MBR declared uefi', mbr, { bootMode: 'uefi' }, ['boot-mode-needs-efi-partition']],
    ['MBR with an EFI system partition of no file system, declared uefi', WITH_ESP, { bootMode: 'uefi' }, ['efi-partition-unreadable']],
    ['MBR with an impossible status', patched(mbr, [firstActive, [7]]), {}, ['partition-table-missing']],
    ['MBR without partitions', patched(mbr, [firstActive, new Uint8Array(64)]), {}, ['partition-table-missing']],
    ['MBR without its signature', patched(mbr, [510, [0, 0]]), {}, ['partition-table-missing']],
    ['MBR without its signature, on a data disk', patched(mbr, [510, [0, 0]]), { role: 'data disk' }, []],
    ['MBR with a partition beyond the disk', patched(mbr, [446 + 12, u32le(1_000_000)]), {}, ['image-truncated']],
    ['MBR with a partition whose tail is beyond the disk', patched(mbr, [446 + 16 + 12, u32le(2048 + 2048)]), {}, ['partition-beyond-disk']],
    ['GPT with an EFI system partition', uefi, {}, ['boot-mode-undeclared']],
    ['GPT with an EFI system partition, on a data disk', uefi, { role: 'data disk' }, []],
    ['GPT with an EFI system partition, declared uefi', uefi, { bootMode: 'uefi' }, []],
    ['GPT with an EFI system partition, declared legacy-bios', uefi, { bootMode: 'legacy-bios' }, ['boot-mode-legacy-on-gpt']],
    ['GPT with a BIOS boot partition', bios, {}, []],
    ['GPT with a BIOS boot partition, declared legacy-bios', bios, { bootMode: 'legacy-bios' }, []],
    ['GPT with a BIOS boot partition, declared uefi', bios, { bootMode: 'uefi' }, ['boot-mode-needs-efi-partition']],
    ['GPT with neither, declared legacy-bios', sealed(patched(bios, [1024, 'another type'])), { bootMode: 'legacy-bios' }, ['boot-mode-legacy-on-gpt']],
    ['GPT with a damaged header', patched(bios, [512 + 60, 'x']), {}, ['partition-table-damaged']],
    ['GPT whose header is too long', patched(bios, [512 + 12, u32le(600)]), {}, ['partition-table-damaged']],
    ['GPT whose header is too short', patched(bios, [512 + 12, u32le(10)]), {}, ['partition-table-damaged']],
    ['GPT with a damaged entry', patched(bios, [1024 + 60, 'x']), {}, ['partition-table-damaged']],
    ['GPT without a protective MBR', patched(bios, [firstActive, new Uint8Array(64)]), {}, ['partition-table-unusable']],
    ['GPT under an MBR of its own, which hides it', patched(bios, [firstType, [0x83]]), {}, ['partition-not-active']],
    ['GPT under an MBR of its own with an active partition', patched(bios, [firstType, [0x83]], [firstActive, [0x80]]), {}, []],
    ['GPT whose protective entry has no size', patched(bios, [446 + 12, u32le(0)]), {}, []],
    ['GPT under a hybrid MBR', patched(bios, [446 + 16, [0x80, 0, 2, 0, 0x0c, 0xff, 0xff, 0xff]], [446 + 24, u32le(2048)], [446 + 28, u32le(2048)]), {}, []],
    ['GPT with a damaged backup', patched(bios, [-512 + 60, 'x']), {}, ['partition-table-backup-damaged']],
    ['GPT without its backup', patched(bios, [-512, 'x']), {}, ['partition-table-backup-damaged']],
    ['GPT with a partition beyond the disk', sealed(patched(bios, [1024 + 128 + 40, u64le(1_000_000)])), {}, ['image-truncated']],
    ['GPT with a partition whose tail is beyond the disk', sealed(patched(bios, [1024 + 128 + 40, u64le(12_288 + 2047)])), {}, ['partition-beyond-disk']],
    ['GPT with a partition that ends before it begins', sealed(patched(bios, [1024 + 128 + 40, u64le(1)])), {}, []],
    ['GPT with data only, no boot code', withoutBoot(bios), {}, ['boot-partition-missing']],
    ['GPT with data only, no boot code, on a data disk', withoutBoot(bios), { role: 'data disk' }, []],
    ['GPT with a BIOS boot partition and no boot code', patched(bios, [0, new Uint8Array(440)]), {}, ['boot-code-missing']],
    ['GPT without partitions', sealed(patched(bios, [1024, new Uint8Array(256)])), {}, ['boot-partition-missing']],
    ['GPT without partitions, on a data disk', sealed(patched(bios, [1024, new Uint8Array(256)])), { role: 'data disk' }, []],
    ['GPT whose copies are both gone', patched(bios, [512, 'x'], [-512, 'x']), {}, ['partition-table-unusable']],
    ['GPT whose copies are both damaged', patched(bios, [512 + 60, 'x'], [-512 + 60, 'x']), {}, ['partition-table-unusable']],
    ['MBR with LVM', patched(mbr, [firstType, [0x8e]], [2 ** 20, new Uint8Array(8192)]), {}, ['volume-spans-disks']],
    ['MBR with LUKS in its second partition', patched(mbr, [5 * 2 ** 20, 'LUKS\xba\xbe\0\x02']), {}, ['volume-encrypted']],
    ['GPT with BitLocker in its second partition', patched(bios, [2 * 2 ** 20, '\xeb\x58\x90-FVE-FS-']), {}, ['volume-encrypted']],
  ])('%s has the findings it deserves', (_, disk, expectation, found) => {
    const seen = inspect(disk, { format: 'RAW', ...expectation });
    expect(seen.format).toBe('RAW');
    expect(codes(seen)).toEqual(found);
  });

  test.each([
    ['LUKS', patched(mbr, [5 * 2 ** 20, 'LUKS\xba\xbe\0\x02']), 'Partition 2 of disk.img is encrypted with LUKS: VM Import/Export does not import encrypted volumes.'],
    ['BitLocker', patched(mbr, [2 ** 20, '\xeb\x58\x90-FVE-FS-']), 'Partition 1 of disk.img is encrypted with BitLocker: VM Import/Export does not import encrypted volumes.'],
  ])('with a volume of %s names it', (_, disk, message) => {
    expect(inspect(disk).findings).toEqual([expect.objectContaining({ severity: 'error', message })]);
  });

  test('with a damaged header says that its backup is whole, and takes the partitions from it, also in a container that is not flat', () => {
    const vhdx = bytesOf('gpt-bios-vhdx-dynamic');
    const header = Buffer.from(vhdx).indexOf('EFI PART');
    const seen = inspect(patched(vhdx, [header + 60, 'x']));
    expect(tableOf(seen)).toMatchObject({ primary: 'damaged', backup: 'valid', partitions: [{ role: 'bios boot' }, {}] });
    expect(seen.findings[0]?.message).toBe('The primary GPT of disk.img has a damaged header; its backup at the end of the disk is whole.');
  });

  test('with a damaged header in a container that does not have its end leaves the backup open', () => {
    const vhd = bytesOf('gpt-bios-vhd-dynamic');
    const header = Buffer.from(vhd).indexOf('EFI PART');
    const last = Number(Buffer.from(vhd).readBigUInt64BE(512 + 16)) + 8;
    expect(tableOf(inspect(patched(vhd, [header + 60, 'x'], [last, [0, 0xff, 0xff, 0xff]])))).toMatchObject({ primary: 'damaged', backup: 'not read' });
  });

  test('of a disk with sectors of 4,096 bytes is read, and does not boot on EC2', () => {
    const disk = Buffer.alloc(16 * 2 ** 20);
    Buffer.from(uefi).copy(disk, 446, 446, 512);
    Buffer.from(uefi).copy(disk, 4096, 512, 1024);
    Buffer.from(uefi).copy(disk, 8192, 1024, 1024 + 128 * 128);
    const seen = inspect(sealed(patched(disk, [8192 + 40, u64le(2049)], [8192 + 128, new Uint8Array(128)]), 4096, 8192), { bootMode: 'uefi' });
    expect(tableOf(seen)).toMatchObject({ kind: 'gpt', sectorSize: 4096, primary: 'valid', partitions: [{ role: 'efi system', offset: 2048 * 4096 }] });
    expect(codes(seen)).toEqual(['partition-table-sector-size', 'partition-table-backup-damaged']);
    expect(seen.boot).toEqual({ kind: 'does not boot', obstacle: 'sectors of 4,096 bytes' });
  });

  test.each([
    ['more entries than are read', patched(bios, [512 + 80, u32le(1000)])],
    ['entries of impossible size', patched(bios, [512 + 84, u32le(8)])],
  ])('with %s is taken from its backup', (_, disk) => {
    const resealed = patched(disk, [512 + 16, u32le(crc('crc32', new Bytes(disk.subarray(512, 604)), { at: 16, length: 4 }))]);
    expect(tableOf(inspect(resealed))).toMatchObject({ primary: 'damaged', backup: 'valid', partitions: [{}, {}] });
  });

  test('with the most entries that are read is valid', () => {
    expect(tableOf(inspect(sealed(patched(bios, [512 + 80, u32le(256)]))))).toMatchObject({ primary: 'valid', partitions: [{}, {}] });
  });

  test('whose backup is not at the end of an enlarged disk says so', () => {
    const seen = inspect(Buffer.concat([bios, Buffer.alloc(2 ** 20)]));
    expect(tableOf(seen)).toMatchObject({ primary: 'valid', backup: 'elsewhere' });
    expect(seen.findings).toEqual([expect.objectContaining({ severity: 'info', message: 'The backup GPT of disk.img is not at the end of the disk, as after the disk was enlarged.' })]);
  });

  test('of many partitions is looked into at its six largest', () => {
    const entry = (i: number) => Buffer.concat([Buffer.from([0, 0, 0, 0, 0x83, 0, 0, 0]), u32le(2048 + i), u32le(100 - i)]);
    const gpt = (i: number) => Buffer.concat([bios.subarray(1024 + 128, 1024 + 160), u64le(2048 + i), u64le(2147 - i)]);
    expect(tableOf(inspect(patched(mbr, [firstActive, Buffer.concat([0, 1, 2, 3].map(entry))])))).toMatchObject({ partitions: [{ content: 'ext' }, ...Array(3).fill({ content: 'other' })] });
    const many = sealed(patched(bios, ...Array.from({ length: 8 }, (_, i) => [1024 + i * 128, gpt(i)] as const)));
    expect(tableOf(inspect(many))).toMatchObject({ partitions: [...Array(6).fill({ content: 'zeros' }), { content: 'not looked at' }, { content: 'not looked at' }] });
  });

  test('that names more than a RAW file has makes it truncated', () => {
    expect(inspect(mbr.subarray(0, 2 ** 21))).toMatchObject({ truncated: { neededSize: 6 * 2 ** 20 } });
  });
});

describe('logical partitions of an MBR', () => {
  const EXTENDED: MbrPartition = { type: 0x0f, start: 4096, count: 24_576 };
  const LOGICAL: readonly MbrPartition[] = [1, 2, 3].map(index => ({ type: 0x83, start: 4096 * index + 63, count: 2048 }));
  const extended = () => writeLogical(mbrDisk(16 * MIB, [{ type: 0x83, start: 2048, count: 1024, status: 'active' }, EXTENDED]), 4096, LOGICAL);
  const numbersOf = (disk: SparseFile) => {
    const seen = inspect(disk);
    return 'partitionTable' in seen && seen.partitionTable.kind === 'mbr' ? seen.partitionTable.partitions.map(({ number, offset }) => [number, offset / 512]) : [];
  };

  test('are numbered from 5 behind the primary ones, and the partition around them is none of them', () => {
    expect(numbersOf(extended())).toEqual([[1, 2048], [5, 4096 + 63], [6, 8192 + 63], [7, 12_288 + 63]]);
    expect(codes(inspect(extended()))).toEqual([]);
  });

  test('are found behind one that was deleted, whose record keeps its link', () => {
    expect(numbersOf(extended().write(4096 * 512 + 446, new Uint8Array(16)))).toEqual([[1, 2048], [5, 8192 + 63], [6, 12_288 + 63]]);
  });

  test.each<[string, (disk: SparseFile) => SparseFile, number[]]>([
    ['a link that leads back', disk => disk.write(8192 * 512 + 462 + 8, u32le(0)), [1, 5, 6]],
    ['a link that leads to its own record', disk => disk.write(8192 * 512 + 462 + 8, u32le(4096)), [1, 5, 6]],
    ['a record without its signature', disk => disk.write(8192 * 512 + 510, new Uint8Array(2)), [1, 5]],
    ['a record of other data', disk => disk.write(8192 * 512 + 446, Buffer.of(0x11)), [1, 5]],
    ['a record behind the end of the file', disk => disk.write(4096 * 512 + 462 + 8, u32le(2 ** 24)), [1, 5]],
    ['a second entry that is no link', disk => disk.write(8192 * 512 + 462 + 4, Buffer.of(0)), [1, 5, 6]],
  ])('end at %s', (_, change, numbers) => {
    expect(numbersOf(change(extended())).map(([number]) => number)).toEqual(numbers);
  });

  test('are followed through eight records', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ type: 0x83, start: 4096 + index * 1024 + 63, count: 512 }));
    const disk = writeLogical(mbrDisk(16 * MIB, [EXTENDED]), 4096, many);
    expect(numbersOf(disk).map(([number]) => number)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('that are encrypted are named in one finding, and by their numbers', () => {
    const luks = [4096, 8192, 12_288].reduce((disk, sector) => disk.write((sector + 63) * 512, Buffer.from('LUKS\xba\xbe', 'latin1')), extended());
    expect(inspect(luks).findings).toEqual([expect.objectContaining({
      code: 'volume-encrypted', message: 'Partitions 5, 6 and 7 of disk.img are encrypted with LUKS: VM Import/Export does not import encrypted volumes.',
    })]);
  });

  test('of which two are encrypted are named as several', () => {
    const luks = [4096, 8192].reduce((disk, sector) => disk.write((sector + 63) * 512, Buffer.from('LUKS\xba\xbe', 'latin1')), extended());
    expect(inspect(luks).findings).toEqual([expect.objectContaining({ message: expect.stringMatching(/^Partitions 5 and 6 of disk\.img are encrypted/) })]);
  });

  test('that belong to a volume group are named in one finding', () => {
    const lvm = [4096, 8192].reduce((disk, sector) => disk.write((sector + 63) * 512 + 512, Buffer.from('LABELONE')), extended());
    expect(inspect(lvm).findings).toEqual([expect.objectContaining({
      code: 'volume-spans-disks', message: 'Partitions 5 and 6 of disk.img belong to an LVM volume group: the system needs every disk that this spans.',
    })]);
  });

  test('may be all right where only the partition around them ends behind the disk', () => {
    const disk = writeLogical(mbrDisk(14 * MIB, [{ ...EXTENDED, count: 24_700 }]), 4096, LOGICAL);
    expect(inspect(disk, { role: 'data disk' }).findings.map(({ message }) => message)).toEqual(['The extended partition of disk.img ends behind the disk: at byte 14743552, the disk at byte 14680064.']);
  });

  test('that end behind the disk are named together', () => {
    const long = LOGICAL.map((one, index) => ({ ...one, count: index === 0 ? 2048 : 32_768 - one.start + 100 }));
    const disk = writeLogical(mbrDisk(16 * MIB, [EXTENDED]), 4096, long);
    expect(inspect(disk, { role: 'data disk' }).findings.map(({ message }) => message)).toEqual(['Partitions 6 and 7 of disk.img end behind the disk: at byte 16828416, the disk at byte 16777216.']);
  });
});

describe('what a machine needs of other disks', () => {
  test.each([
    [0x8e, 'an LVM volume group'], [0xfd, 'a Linux software RAID'], [0x42, 'a Windows dynamic disk'],
  ])('is told by the type %i of a partition', (type, belongs) => {
    expect(inspect(mbrDisk(16 * MIB, [{ type, start: 2048, count: 4096, status: 'active' }])).findings).toEqual([
      expect.objectContaining({ code: 'volume-spans-disks', severity: 'info', message: `Partition 1 of disk.img belongs to ${belongs}: the system needs every disk that this spans.` }),
    ]);
  });

  test('is told of two kinds at once', () => {
    const disk = mbrDisk(16 * MIB, [{ type: 0x8e, start: 2048, count: 4096, status: 'active' }, { type: 0xfd, start: 8192, count: 4096 }]);
    expect(inspect(disk).findings[0]?.message).toBe('Partitions 1 and 2 of disk.img belong to an LVM volume group and a Linux software RAID: the system needs every disk that this spans.');
  });
});

describe('a GPT', () => {
  const PARTITIONS = [{ type: 'linux', first: 4096, last: 20_000, name: 'root' }] as const;

  (canMakeImages() === 'yes' ? test : test.skip)('of the tests is one that sgdisk has no fault with', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gpt-'));
    fs.writeFileSync(path.join(folder, 'gpt.raw'), gptDisk(16 * MIB, PARTITIONS).bytes());
    expect(run('sgdisk', ['-v', path.join(folder, 'gpt.raw')])).toContain('No problems found');
    fs.rmSync(folder, { recursive: true });
  });

  test.each([512, 4096] as const)('for sectors of %i bytes whose primary copy is gone is read from its backup', (sectorSize) => {
    const seen = inspect(gptDisk(16 * MIB, [{ ...PARTITIONS[0], first: 512, last: 2000 }], { sectorSize, copies: 'backup' }), { role: 'data disk' });
    expect(tableOf(seen)).toMatchObject({ sectorSize, primary: 'missing', backup: 'valid', partitions: [{ label: 'root', offset: 512 * sectorSize }] });
    expect(codes(seen)).toEqual(['partition-table-damaged']);
  });

  test('that names a backup before the end of the disk which is not there has no backup', () => {
    const disk = gptDisk(16 * MIB, PARTITIONS);
    disk.length += MIB;
    const seen = inspect(disk.write(16 * MIB - 512, new Uint8Array(8)), { role: 'data disk' });
    expect(tableOf(seen)).toMatchObject({ primary: 'valid', backup: 'missing' });
    expect(codes(seen)).toEqual(['partition-table-backup-damaged']);
  });

  test('whose array of partitions is behind the end of the file is not known', () => {
    const header = Buffer.from(gptDisk(16 * MIB, PARTITIONS).read(512, 512));
    header.set(u64le(2 ** 30), 72);
    header.set(u32le(crc('crc32', new Bytes(header.subarray(0, 92)), { at: 16, length: 4 })), 16);
    const disk = gptDisk(16 * MIB, PARTITIONS).write(512, header).write(16 * MIB - 512, new Uint8Array(8));
    expect(inspect(disk)).toMatchObject({ partitionTable: { primary: 'not read', backup: 'missing', partitions: [] }, boot: { kind: 'unknown' } });
  });

  test.each([512, 1023, 3501, 5000])('of which %i bytes are left has neither copy', (length) => {
    const left = gptDisk(16 * MIB, PARTITIONS, { copies: 'backup' }).bytes().subarray(0, length);
    expect(inspect(left)).toMatchObject({ partitionTable: { primary: 'missing', backup: 'missing', partitions: [] } });
  });

  test('of which the primary header alone is left has no backup', () => {
    const left = gptDisk(16 * MIB, PARTITIONS).bytes().subarray(0, 1024);
    expect(inspect(left)).toMatchObject({ partitionTable: { primary: 'not read', backup: 'missing' }, boot: { kind: 'unknown' } });
  });

  test('with two damaged copies says what is wrong with each', () => {
    const disk = gptDisk(16 * MIB, PARTITIONS).write(1024, Buffer.from('x')).write(16 * MIB - 512 + 60, Buffer.from('x'));
    const seen = inspect(disk);
    expect(seen.findings.map(({ message }) => message)).toEqual(['The primary GPT of disk.img has damaged entries, and its backup at the end of the disk has a damaged header.']);
    expect(seen.boot).toEqual({ kind: 'does not boot', obstacle: 'damaged partition table' });
  });

  test('whose second copy is in a container that does not show it leaves that open', () => {
    const vhd = bytesOf('gpt-bios-vhd-dynamic');
    const header = Buffer.from(vhd).indexOf('EFI PART');
    // The table of blocks ends before the last block of the disk.
    const seen = inspect(patched(vhd, [header, 'x'], [512 + 28, [0, 0, 0, 2]]));
    expect(seen.findings.map(({ message }) => message)).toEqual(['disk.img is a VHD with a wrong header checksum.', 'The primary GPT of disk.img is missing.']);
    expect(seen.boot).toEqual({ kind: 'unknown' });
  });
});
