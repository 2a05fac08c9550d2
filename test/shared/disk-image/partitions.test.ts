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

const firstType = 446 + 4;
const firstActive = 446;
const NO_ACTIVE = patched(mbr, [firstActive, [0]]);
const WITH_ESP = patched(mbr, [firstType, [0xef]]);

describe('a partition table', () => {
  test.each<[string, Uint8Array, Partial<Expectation>, string[]]>([
    ['MBR with an active partition', mbr, {}, []],
    ['MBR without an active partition', NO_ACTIVE, {}, ['partition-not-active']],
    ['MBR without an active partition, on a data disk', NO_ACTIVE, { role: 'data disk' }, []],
    ['MBR without an active partition, with an EFI system partition', patched(WITH_ESP, [firstActive, [0]]), {}, []],
    ['MBR without an active partition, with an EFI system partition, declared legacy-bios', patched(WITH_ESP, [firstActive, [0]]), { bootMode: 'legacy-bios' }, ['partition-not-active']],
    ['MBR declared uefi', mbr, { bootMode: 'uefi' }, ['boot-mode-needs-efi-partition']],
    ['MBR with an EFI system partition, declared uefi', WITH_ESP, { bootMode: 'uefi' }, []],
    ['MBR with an impossible status', patched(mbr, [firstActive, [7]]), {}, ['partition-table-missing']],
    ['MBR without partitions', patched(mbr, [firstActive, new Uint8Array(64)]), {}, ['partition-table-missing']],
    ['MBR without its signature', patched(mbr, [510, [0, 0]]), {}, ['partition-table-missing']],
    ['MBR without its signature, on a data disk', patched(mbr, [510, [0, 0]]), { role: 'data disk' }, []],
    ['MBR with a partition beyond the disk', patched(mbr, [446 + 12, u32le(1_000_000)]), {}, ['partition-beyond-disk']],
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
    ['GPT without a protective MBR', patched(bios, [firstActive, new Uint8Array(64)]), {}, ['partition-table-damaged']],
    ['GPT under an MBR of its own', patched(bios, [firstType, [0x83]]), {}, ['partition-table-damaged']],
    ['GPT with a damaged backup', patched(bios, [-512 + 60, 'x']), {}, ['partition-table-backup-damaged']],
    ['GPT without its backup', patched(bios, [-512, 'x']), {}, ['partition-table-backup-damaged']],
    ['GPT with a partition beyond the disk', sealed(patched(bios, [1024 + 128 + 40, u64le(1_000_000)])), {}, ['partition-beyond-disk']],
    ['GPT with a partition that ends before it begins', sealed(patched(bios, [1024 + 128 + 40, u64le(1)])), {}, []],
    ['MBR with LUKS in its second partition', patched(mbr, [5 * 2 ** 20, 'LUKS\xba\xbe\0\x02']), {}, ['volume-encrypted']],
    ['GPT with BitLocker in its second partition', patched(bios, [2 * 2 ** 20, '\xeb\x58\x90-FVE-FS-']), {}, ['volume-encrypted']],
  ])('%s has the findings it deserves', (_, disk, expectation, found) => {
    const seen = inspect(disk, { format: 'RAW', ...expectation });
    expect(seen.format).toBe('RAW');
    expect(codes(seen)).toEqual(found);
  });

  test.each([
    ['LUKS', patched(mbr, [5 * 2 ** 20, 'LUKS\xba\xbe\0\x02']), 'The partition 2 of disk.img is encrypted with LUKS: VM Import/Export does not import encrypted volumes.'],
    ['BitLocker', patched(mbr, [2 ** 20, '\xeb\x58\x90-FVE-FS-']), 'The partition 1 of disk.img is encrypted with BitLocker: VM Import/Export does not import encrypted volumes.'],
  ])('with a volume of %s names it', (_, disk, message) => {
    expect(inspect(disk).findings).toEqual([expect.objectContaining({ severity: 'error', message })]);
  });

  test('with a damaged header says that its backup is intact, also in a container that is not flat', () => {
    const vhdx = bytesOf('gpt-bios-vhdx-dynamic');
    const header = Buffer.from(vhdx).indexOf('EFI PART');
    const seen = inspect(patched(vhdx, [header + 60, 'x']));
    expect(tableOf(seen)).toMatchObject({ header: 'damaged', backup: 'valid' });
    expect(seen.findings[0]?.message).toBe('The GPT of disk.img has a wrong header checksum; its backup at the end is intact.');
  });

  test('with a damaged header in a container that does not have its end leaves the backup open', () => {
    const vhd = bytesOf('gpt-bios-vhd-dynamic');
    const header = Buffer.from(vhd).indexOf('EFI PART');
    const last = Number(Buffer.from(vhd).readBigUInt64BE(512 + 16)) + 8;
    expect(tableOf(inspect(patched(vhd, [header + 60, 'x'], [last, [0, 0xff, 0xff, 0xff]])))).toMatchObject({ header: 'damaged', backup: 'not read' });
  });

  test('of a disk with sectors of 4,096 bytes is read', () => {
    const disk = Buffer.alloc(2 ** 20);
    Buffer.from(uefi).copy(disk, 4096, 512, 1024);
    Buffer.from(uefi).copy(disk, 8192, 1024, 1024 + 128 * 128);
    const table = tableOf(inspect(sealed(disk, 4096, 8192)));
    expect(table).toMatchObject({ kind: 'gpt', sectorSize: 4096, header: 'valid', entries: 'valid', partitions: [{ role: 'efi system', offset: 2048 * 4096 }, {}] });
  });

  test('with more entries than are read at once is not checked', () => {
    const disk = patched(bios, [512 + 80, u32le(1000)]);
    const checked = patched(disk, [512 + 16, u32le(crc('crc32', new Bytes(disk.subarray(512, 604)), { at: 16, length: 4 }))]);
    const seen = inspect(checked);
    expect(tableOf(seen)).toMatchObject({ header: 'valid', entries: 'not checked', partitions: [{}, {}] });
    expect(codes(seen)).toEqual([]);
  });

  test('with entries of impossible size has no partition', () => {
    expect(tableOf(inspect(patched(bios, [512 + 84, u32le(8)])))).toMatchObject({ header: 'damaged', partitions: [] });
  });

  test('of many partitions is looked into at its three largest', () => {
    const entry = (i: number) => Buffer.concat([Buffer.from([0, 0, 0, 0, 0x83, 0, 0, 0]), u32le(2048 + i), u32le(100 - i)]);
    const disk = patched(mbr, [firstActive, Buffer.concat([0, 1, 2, 3].map(entry))]);
    expect(tableOf(inspect(disk))).toMatchObject({ partitions: [{ encryption: 'none' }, { encryption: 'none' }, { encryption: 'none' }, { encryption: 'not looked at' }] });
  });

  test('that names more than a RAW file has makes it truncated', () => {
    expect(inspect(mbr.subarray(0, 2 ** 21))).toMatchObject({ truncated: { neededSize: 6 * 2 ** 20 } });
  });
});
