import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { deflateSync } from 'node:zlib';
import { codes, inspect, tableOf } from './look';
import { VMDK_SUBFORMATS } from '../../../src/shared/disk-image/formats/image';
import { recordedImages } from '../../disk-images/image-library';
import { patched, u32le, u64le } from '../../disk-images/patch';
import { canMakeImages, qemuInfo, run } from '../../disk-images/qemu';
import { streamVmdk } from '../../disk-images/stream-vmdk';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const guest = bytesOf('gpt-bios-raw');
const stream = streamVmdk(guest);
const sparse = bytesOf('gpt-bios-vmdk-sparse');
const directory = Buffer.from(sparse).readUInt32LE(56) * 512;
const table = Buffer.from(sparse).readUInt32LE(directory) * 512;
const streamDirectory = stream.length - 3 * 512 - 512;
const streamTable = Buffer.from(stream).readUInt32LE(streamDirectory) * 512;

/** The first grain holds half of its data, compressed as it should be. */
function shortGrain(bytes: Uint8Array): Uint8Array {
  const data = deflateSync(guest.subarray(0, 32 * 1024));
  return patched(bytes, [64 * 1024 + 8, u32le(data.length)], [64 * 1024 + 12, data]);
}

describe('a stream-optimized VMDK with a footer', () => {
  (canMakeImages() === 'yes' ? test : test.skip)('of the tests is one that qemu-img reads too', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stream-'));
    const file = path.join(folder, 'a.vmdk');
    fs.writeFileSync(file, stream);
    expect(qemuInfo(file, 'vmdk')).toMatchObject({ 'format': 'vmdk', 'virtual-size': guest.length });
    run('qemu-img', ['convert', '-O', 'raw', file, `${file}.raw`]);
    expect(fs.readFileSync(`${file}.raw`).equals(guest)).toBe(true);
    fs.rmSync(folder, { recursive: true });
  });

  test('shows the partitions behind its compressed grains', () => {
    const seen = inspect(stream, { format: 'VMDK' });
    expect(seen).toMatchObject({ format: 'VMDK', subformat: 'streamOptimized', parent: 'none', encryption: 'none', storage: 'data', damage: [], findings: [] });
    expect(tableOf(seen)).toMatchObject({ kind: 'gpt', primary: 'valid', backup: 'not read' });
  });

  test.each([
    ['zeros', Buffer.alloc(65_536)], ['zeros of no whole sector', Buffer.alloc(1000)], ['other bytes', Buffer.alloc(100_000, 7)],
  ])('with %s behind it is whole, and says where to cut', (_, more) => {
    const seen = inspect(Buffer.concat([stream, more]), { fileName: 'a.vmdk', bootMode: 'legacy-bios' });
    expect(seen).toMatchObject({ partitionTable: { kind: 'gpt' }, streamEnd: stream.length });
    expect(seen.findings).toEqual([expect.objectContaining({
      code: 'vmdk-data-behind-footer', severity: 'warning', remedy: `Cut them off in a copy: head -c ${stream.length} a.vmdk > a-importable.vmdk`,
    })]);
  });

  test('without the marker of its end is whole, and says how to add it', () => {
    const seen = inspect(stream.subarray(0, stream.length - 512), { fileName: 'a.vmdk' });
    expect(seen.findings).toEqual([expect.objectContaining({ code: 'vmdk-no-end-of-stream', severity: 'warning' })]);
    expect(tableOf(seen)).toMatchObject({ kind: 'gpt' });
  });

  test('without a descriptor has a warning', () => {
    expect(inspect(patched(stream, [512, new Uint8Array(10_240)])).findings).toEqual([expect.objectContaining({ code: 'vmdk-no-descriptor', severity: 'warning' })]);
  });

  test('that lost its end is truncated', () => {
    const seen = inspect(stream.subarray(0, stream.length - 4096));
    expect(seen).toMatchObject({ damage: ['no-footer'], truncated: { neededSize: stream.length - 3072 } });
    expect(codes(seen)).toEqual(['image-truncated']);
  });

  test('that is shorter than one sector is truncated', () => {
    expect(codes(inspect(stream.subarray(0, 300)))).toEqual(['image-truncated']);
  });

  test.each([
    ['a damaged grain', patched(stream, [64 * 1024 + 20, [1, 2, 3, 4, 5, 6]]), ['image-damaged']],
    ['a grain that inflates to less', shortGrain(stream), ['image-damaged']],
    ['a grain of size 0', patched(stream, [64 * 1024 + 8, u32le(0)]), ['image-damaged']],
    ['a grain that is larger than the file', patched(stream, [64 * 1024 + 8, u32le(stream.length)]), ['image-truncated']],
  ])('with %s does not show its partitions, and says why', (_, bytes, found) => {
    const seen = inspect(bytes);
    expect(tableOf(seen)).toEqual({ kind: 'unknown' });
    expect(codes(seen)).toEqual(found);
  });

  test('whose file ends in a grain says how long it has to be', () => {
    const size = stream.length;
    expect(inspect(patched(stream, [64 * 1024 + 8, u32le(size)]))).toMatchObject({ truncated: { neededSize: 64 * 1024 + 12 + size } });
  });

  test('with a damaged grain that is read twice says so once', () => {
    const uefi = streamVmdk(bytesOf('gpt-uefi-raw'));
    const grains = Buffer.from(uefi).readUInt32LE(uefi.length - 4 * 512) * 512;
    // The grain in which the EFI system partition begins: its first sectors are read as a file system, and as a boot loader's.
    const grain = Buffer.from(uefi).readUInt32LE(grains + 16 * 4) * 512;
    const seen = inspect(patched(uefi, [grain + 20, Buffer.alloc(20, 0x99)]));
    expect(seen).toMatchObject({ efi: { kind: 'not read' }, damage: ['bad-grain'] });
    expect(codes(seen)).toEqual(['image-damaged']);
  });

  test('with grains that are too large to inflate at once does not show its partitions', () => {
    expect(inspect(patched(stream, [20, u64le(4096)]))).toMatchObject({ partitionTable: { kind: 'unknown' }, findings: [] });
    // The largest ones that are inflated; these hold less than they should.
    expect(inspect(patched(stream, [20, u64le(2048)]))).toMatchObject({ damage: ['bad-grain'] });
  });

  test('whose grain does not compress is read whole', () => {
    const noise = Buffer.from(guest);
    for (let i = 24 * 1024, x = 1; i < 64 * 1024; i++) noise[i] = (x = x * 48_271 % 2_147_483_647) % 256;
    expect(tableOf(inspect(streamVmdk(noise)))).toMatchObject({ kind: 'gpt' });
  });

  test.each([
    ['its directory', patched(stream, [-1024 + 56, u64le(2 ** 40)])],
    ['a table', patched(stream, [streamDirectory, u32le(0xffffff)])],
    ['a grain', patched(stream, [streamTable, u32le(0xffffff)])],
  ])('that names %s behind its end is truncated', (_, bytes) => {
    expect(codes(inspect(bytes))).toEqual(['image-truncated']);
  });

});

describe('a sparse VMDK', () => {
  test('has the one extent that its descriptor names', () => {
    expect(inspect(sparse)).toMatchObject({ extents: [expect.anything()] });
  });

  test.each([
    ['whose line ends were changed', patched(sparse, [73, '\n \n\n']), ['vmdk-not-stream-optimized', 'vmdk-text-transfer']],
    ['whose grains have 0 bytes', patched(sparse, [20, u64le(0)]), ['image-damaged', 'vmdk-not-stream-optimized']],
    ['whose tables have 0 entries', patched(sparse, [44, u32le(0)]), ['image-damaged', 'vmdk-not-stream-optimized']],
    ['whose disk has 0 bytes', patched(sparse, [12, u64le(0)]), ['disk-empty', 'vmdk-not-stream-optimized']],
    ['with a parent', patched(sparse, [sparse.indexOf(0x70, 512 + 20), 'parentCID=12345678']), ['vmdk-not-stream-optimized', 'vmdk-parent']],
    ['that is encrypted', patched(sparse, [512, '# Disk DescriptorFile\nencryption.keySafe = "vmware:key/list"\n#']), ['image-encrypted', 'vmdk-not-stream-optimized']],
    ['without a grain for its first sectors', patched(sparse, [table, u32le(0)]), ['partition-table-missing', 'vmdk-not-stream-optimized']],
    ['with a grain of zeros for its first sectors', patched(sparse, [table, u32le(1)]), ['partition-table-missing', 'vmdk-not-stream-optimized']],
    ['without a table for its first sectors', patched(sparse, [directory, u32le(0)]), ['partition-table-missing', 'vmdk-not-stream-optimized']],
    ['that claims compression without any', patched(stream, [77, [0, 0]]), ['vmdk-not-stream-optimized']],
  ])('%s has the findings it deserves', (_, bytes, found) => {
    expect(codes(inspect(bytes)).filter(code => !code.startsWith('boot-mode')).sort()).toEqual(found);
  });

  test('says that a line end was changed once, and how to mend it', () => {
    expect(inspect(patched(stream, [73, '\n \n\n'])).findings).toEqual([
      expect.objectContaining({ code: 'vmdk-text-transfer', severity: 'warning', remedy: 'Transfer the file again, in binary mode.' }),
    ]);
  });
});

const DESCRIPTOR = '# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n';
describe('a VMDK that is only a descriptor, or a kind of ESX', () => {
  test.each([
    ['of one flat file', `${DESCRIPTOR}createType="monolithicFlat"\nRW 4194304 FLAT "a-flat.vmdk" 0\n`, 'monolithicFlat', 2 ** 31, 'vmdk-descriptor-only', /its data is in a-flat\.vmdk\.$/],
    ['of many files', `${DESCRIPTOR}createType="2GbMaxExtentSparse"\n${[1, 2, 3, 4].map(i => `RW 2 SPARSE "a-s00${i}.vmdk"\n`).join('')}`, 'twoGbMaxExtentSparse', 4096, 'vmdk-descriptor-only', /a-s001\.vmdk, a-s002\.vmdk, a-s003\.vmdk, …/],
    ['of VMFS', `${DESCRIPTOR}createType="vmfs"\nRW 20971520 VMFS "a-flat.vmdk"\n`, 'vmfs', 10 * 2 ** 30, 'vmdk-descriptor-only', /a-flat\.vmdk/],
    ['that claims to be stream-optimized', `${DESCRIPTOR}createType="streamOptimized"\nRDONLY 2 SPARSE "a.vmdk"\n`, 'streamOptimized', 1024, 'vmdk-descriptor-only', /a\.vmdk/],
    ['that names no file', `${DESCRIPTOR}createType="nobody knows"\nRW 8 ZERO\n`, 'custom', 4096, 'vmdk-descriptor-only', /its data is in other files/],
    ['without a type', '#Disk DescriptorFile\nRW 8 ZERO\n', 'custom', 4096, 'vmdk-descriptor-only', /other files/],
    ['of a raw device in VMFS', `${DESCRIPTOR}createType="vmfsRawDeviceMap"\nRW 8 VMFSRDM "a-rdm.vmdk"\n`, 'vmfsRawDeviceMap', 4096, 'vmdk-raw-device', /maps a physical device \(vmfsRawDeviceMap\)/],
    ['of a whole device', `${DESCRIPTOR}createType="fullDevice"\nRW 8 FLAT "/dev/sdb" 0\n`, 'fullDevice', 4096, 'vmdk-raw-device', /fullDevice/],
    ['of a snapshot in SEsparse', `${DESCRIPTOR}createType="seSparse"\nRW 8 SESPARSE "a-sesparse.vmdk"\n`, 'seSparse', 4096, 'vmdk-sesparse', /seSparse snapshot delta/],
    ['that holds SEsparse', patched(Buffer.alloc(8192), [0, u64le(0xcafebabe)], [8, u64le(0x200000001)], [16, u64le(2048)]), 'seSparse', 2 ** 20, 'vmdk-sesparse', /seSparse/],
    ['that holds a sparse delta of VMFS', patched(Buffer.alloc(8192), [0, 'COWD\x01\0\0\0'], [12, u32le(2048)]), 'vmfsSparse', 2 ** 20, 'vmdk-sesparse', /vmfsSparse/],
  ] as const)('%s has its name and its finding', (_, content, subformat, virtualSize, code, says) => {
    const seen = inspect(Buffer.from(content), { format: 'VMDK' });
    expect(seen).toMatchObject({ format: 'VMDK', subformat, virtualSize, partitionTable: { kind: 'unknown' } });
    expect(codes(seen)).toEqual([code]);
    expect(seen.findings[0]?.message).toMatch(says);
  });

  test.each(VMDK_SUBFORMATS)('of the kind %s is never importable', subformat => {
    const seen = inspect(Buffer.from(`${DESCRIPTOR}createType="${subformat.toUpperCase()}"\nRW 8 FLAT "a.bin" 0\n`));
    expect(seen).toMatchObject({ subformat, findings: [{ severity: 'error' }] });
  });

  test('of which one file of several is meant is converted by its descriptor', () => {
    const [finding] = inspect(bytesOf('mbr-vmdk-split-sparse-part'), { fileName: 'a-s001.vmdk' }).findings;
    expect(finding?.remedy).toBe('Convert the descriptor file that joins all its parts: qemu-img convert -p -f vmdk -O vmdk -o subformat=streamOptimized descriptor.vmdk descriptor-importable.vmdk');
  });
});

describe('for VmImportSnapshot, which copies a disk as it is', () => {
  const asItIs = { importer: 'VmImportSnapshot', role: 'data disk' } as const;
  test.each<[string, Uint8Array, string[]]>([
    ['a sparse VMDK', sparse, []],
    ['the descriptor of a sparse VMDK', Buffer.from('# Disk DescriptorFile\ncreateType="monolithicSparse"\nRW 8 SPARSE "a.vmdk"\n'), ['vmdk-descriptor-only']],
    ['one file of a split VMDK', bytesOf('gpt-bios-vmdk-split-sparse-part'), ['vmdk-not-stream-optimized']],
    ['a qcow2', bytesOf('gpt-uefi-qcow2'), []],
    ['a VMDK without a descriptor', patched(stream, [512, new Uint8Array(10_240)]), ['vmdk-no-descriptor']],
  ])('%s has the findings it deserves', (_, bytes, found) => {
    expect(codes(inspect(bytes, asItIs))).toEqual(found);
  });
});
