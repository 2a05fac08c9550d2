import { codes, inspect, tableOf } from './look';
import { Expectation } from '../../../src/shared/disk-image';
import { Bytes } from '../../../src/shared/disk-image/reading/bytes';
import { crc } from '../../../src/shared/disk-image/reading/checksum';
import { recordedImages } from '../../disk-images/image-library';
import { patched, u32le, u64le } from '../../disk-images/patch';

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

describe('a partition table', () => {
  test.each<[string, Uint8Array, Partial<Expectation>, string[]]>([
    ['MBR with an active partition', mbr, {}, []],
    ['MBR without an active partition', NO_ACTIVE, {}, ['partition-not-active']],
    ['MBR without an active partition, on a data disk', NO_ACTIVE, { role: 'data disk' }, []],
    ['MBR without an active partition, for VmImportAmi, whose GRUB does without', NO_ACTIVE, { importer: 'VmImportAmi' }, []],
    ['MBR without an active partition, with generic boot code', patched(NO_ACTIVE, [0, '\xeb\x10\x90'], [200, 'Missing operating system']), {}, ['partition-not-active']],
    ['MBR without an active partition, with unfamiliar boot code', patched(NO_ACTIVE, [0, '\xeb\x10\x90\0\0\0\0']), {}, []],
    ['MBR with an active partition and unfamiliar boot code', patched(mbr, [0, '\xeb\x10\x90\0\0\0\0']), {}, []],
    ['MBR with an active partition and no boot code', patched(mbr, [0, new Uint8Array(440)]), {}, ['boot-code-missing']],
    ['MBR with an active partition and generic boot code', patched(mbr, [0, '\xeb\x10\x90'], [200, 'Missing operating system']), {}, []],
    ['MBR without an active partition, with an EFI system partition of no file system', patched(WITH_ESP, [firstActive, [0]]), {}, ['partition-not-active']],
    ['MBR without an active partition, with an EFI system partition, declared legacy-bios', patched(WITH_ESP, [firstActive, [0]]), { bootMode: 'legacy-bios' }, ['partition-not-active']],
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
    ['GPT under an MBR of its own', patched(bios, [firstType, [0x83]]), {}, ['partition-table-unusable']],
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
