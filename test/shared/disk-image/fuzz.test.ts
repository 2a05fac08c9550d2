import * as fc from 'fast-check';
import { inspect } from './look';
import { memberName, targetOf } from '../../../src/shared/disk-image/ova/reference';
import { Bytes } from '../../../src/shared/disk-image/reading/bytes';
import { crc } from '../../../src/shared/disk-image/reading/checksum';
import { descriptor, member, tar } from '../../disk-images/archives';
import { fatFileSystem } from '../../disk-images/fat';
import { recordedImages } from '../../disk-images/image-library';
import { gptDisk, MIB, mbrDisk, writeLogical } from '../../disk-images/partition-tables';
import { SparseFile } from '../../disk-images/sparse-file';
import { streamVmdk } from '../../disk-images/stream-vmdk';

/** Printed with every failure; `DISK_IMAGE_FUZZ_SEED=… DISK_IMAGE_FUZZ_RUNS=…` look elsewhere, or longer. */
const SEED = Number(process.env.DISK_IMAGE_FUZZ_SEED ?? 20_240_611);
const RUNS = Number(process.env.DISK_IMAGE_FUZZ_RUNS ?? 4_000);
/** Far above what an inspection takes, far below what anybody waits for. */
const MOST_MILLISECONDS = 2000;

const images = recordedImages();
const guest = images.find(({ name }) => name === 'gpt-uefi-raw')?.file.bytes() ?? new Uint8Array(0);
const stream = streamVmdk(guest);
const ARCHIVES = ['ustar', 'gnu', 'posix'];
// The blank and the giant images have no header that the others lack.
const seeds: readonly (readonly [name: string, file: SparseFile])[] = [
  ...images.filter(({ name }) => !/^(blank|giant)/.test(name)).map(({ name, file }) => [name, file] as const),
  ['stream', SparseFile.ofBytes(stream)],
  ...bootDisks(),
  ...ARCHIVES.map(format => [`ova-${format}`, SparseFile.ofBytes(tar([
    ['server.ovf', descriptor('virtualbox')], ['server-disk001.vmdk', stream], [`${'x'.repeat(format === 'ustar' ? 90 : 120)}.mf`, 'x'],
  ], `--format=${format}`))] as const),
];

/** Disks whose folders and boot records are chains: a changed number leads a parser elsewhere. */
function bootDisks(): (readonly [name: string, file: SparseFile])[] {
  const content = { files: { 'EFI/BOOT/BOOTX64.EFI': 'a boot loader', 'EFI/DEBIAN/GRUBX64.EFI': 'grub' }, longNames: { 'EFI/DEBIAN': 'debian bookworm' }, deleted: 40 };
  const fat = (['FAT12', 'FAT16', 'FAT32'] as const).map((kind) => {
    const volume = fatFileSystem(kind, content);
    const disk = gptDisk(volume.length + 2 * MIB, [{ type: 'efi', first: 2048, last: 2047 + volume.length / 512 }]);
    return [kind, disk.write(MIB, volume.bytes())] as const;
  });
  const logical = [8192, 12_288, 16_384].map(start => ({ type: 0x83, start: start + 63, count: 1024 }));
  return [
    ...fat,
    ['logical partitions', writeLogical(mbrDisk(16 * MIB, [{ type: 0x05, start: 8192, count: 20_000 }]), 8192, logical)],
    ['sectors of 4,096 bytes', gptDisk(16 * MIB, [{ type: 'efi', first: 512, last: 1023 }], { sectorSize: 4096 })],
  ];
}

/** Sectors that hold anything: headers, tables, footers, data. Tables of the formats begin with them. */
const sectors = seeds.map(([, file]) => usedSectors(file));

function usedSectors(file: SparseFile): number[] {
  const used: number[] = [];
  for (let at = 0; at < file.length && used.length < 400; at += 512) {
    if (file.read(at, 512).some(byte => byte !== 0)) used.push(at);
  }
  const isHeader = (at: number) => Buffer.from(file.read(at + 257, 5)).toString('latin1') === 'ustar';
  return [...used.filter(isHeader), ...used, Math.max(0, file.length - 512), Math.max(0, file.length - 1024)];
}

/** Numbers that parsers stumble over, and texts that are numbers in tar headers. */
const EDGES = [
  '00', 'ff', '7f', '80', '01', 'ffffffff', '00000000', '7fffffff', '80000000', 'ffffffffffffffff', '0000000000000080', '3c', '22',
  '2d3737373737373737373700', '303030303030303030303000', '373737373737373737373700', '80000000ffffffffffffffff', '00000100',
];
const content = fc.oneof(fc.constantFrom(...EDGES).map(hex => Uint8Array.from(Buffer.from(hex, 'hex'))), fc.uint8Array({ minLength: 1, maxLength: 16 }));
/** Fields of headers: sizes, offsets, types, checksums; most others begin at multiples of four. */
const FIELDS = [0, 8, 12, 16, 20, 28, 32, 36, 44, 48, 56, 60, 64, 73, 77, 124, 156, 345];
const within = fc.oneof(fc.constantFrom(...FIELDS), fc.nat(127).map(field => field * 4), fc.nat(511));
const mutationOf = (seed: fc.Arbitrary<number>) => fc.record({
  seed,
  patches: fc.array(fc.record({ sector: fc.oneof(fc.nat(8), fc.nat(400)), within, content }), { minLength: 1, maxLength: 6 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }),
  checksums: fc.constantFrom('right', 'wrong'),
});
type Mutation = ReturnType<typeof mutationOf> extends fc.Arbitrary<infer T> ? T : never;

/** Disks with chains stand before the archives. */
const anyBootDisk = mutationOf(fc.integer({ min: seeds.length - ARCHIVES.length - bootDisks().length, max: seeds.length - ARCHIVES.length - 1 }));
/** Archives stand at the end, and have the sectors of their headers at the beginning of their list. */
const anyImage = mutationOf(fc.nat(seeds.length - 1));
const anyArchive = mutationOf(fc.integer({ min: seeds.length - ARCHIVES.length, max: seeds.length - 1 }));

function mutated({ seed, patches, cut, checksums }: Mutation): SparseFile {
  const file = (seeds[seed]?.[1] ?? new SparseFile(0)).copy();
  const places = sectors[seed] ?? [0];
  const touched = patches.map(({ sector, within: at, content: bytes }) => {
    const place = places[sector % places.length] ?? 0;
    file.write(place + at, bytes);
    return place;
  });
  if (checksums === 'right') [...touched, ...places.filter(place => isGptHeader(file, place))].forEach(place => seal(file, place));
  file.length = Math.floor(file.length * cut);
  return file;
}

function isGptHeader(file: SparseFile, place: number): boolean {
  return Buffer.from(file.read(place, 8)).toString('latin1') === 'EFI PART';
}

/** Gives a changed header its right checksum again, or no parser would look at what was changed. */
function seal(file: SparseFile, place: number): void {
  const sector = Buffer.from(file.read(place, 512));
  if (sector.toString('latin1', 257, 262) === 'ustar') {
    sector.write('        ', 148);
    file.write(place + 148, Buffer.from(`${sector.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `));
  }
  if (isGptHeader(file, place)) {
    const array = new Bytes(file.read(sector.readUInt32LE(72) * 512, Math.min(65_536, sector.readUInt32LE(80) * sector.readUInt32LE(84))));
    sector.writeUInt32LE(crc('crc32', array, { at: 0, length: 0 }), 88);
    sector.writeUInt32LE(crc('crc32', new Bytes(sector.subarray(0, 92)), { at: 16, length: 4 }), 16);
    file.write(place, sector);
  }
  if (/^(head|regi)/.test(sector.toString('latin1', 0, 4))) {
    const bytes = new Bytes(file.read(place, sector.toString('latin1', 0, 4) === 'head' ? 4096 : 65_536));
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc('crc32c', bytes, { at: 4, length: 4 }));
    file.write(place + 4, sum);
  }
}

/** The strict reader fails what leaves the file or the limits; everything else is asserted here. */
function mustStand(file: SparseFile): void {
  const before = performance.now();
  const seen = inspect(file, { format: 'VMDK', bootMode: 'uefi', platform: 'Linux' });
  expect(performance.now() - before).toBeLessThan(MOST_MILLISECONDS);
  expect(seen.fileSize).toBe(file.length);
  for (const { message, remedy } of seen.findings) {
    expect(`${message} ${remedy}`).not.toMatch(/undefined|NaN|\[object/);
  }
  // Every cause is told once.
  expect(new Set(seen.findings.map(({ message }) => message)).size).toBe(seen.findings.length);
  if (seen.boot.kind === 'boots') {
    const architectures = seen.boot.ways.map(({ architecture }) => architecture);
    expect(architectures).toHaveLength(new Set(architectures).size);
    expect(architectures).not.toHaveLength(0);
  }
}

function check(property: fc.IProperty<[SparseFile]>, runs: number): void {
  fc.assert(property, { seed: SEED, numRuns: runs, endOnFailure: true });
}

describe(`whatever the file (seed ${SEED}, ${RUNS} inputs)`, () => {
  test('real images with changed bytes and cut ends are inspected without exception, in time, inside the file and the limits', () => {
    check(fc.property(anyImage.map(mutated), mustStand), Math.ceil(RUNS * 0.5));
  }, 300_000);

  test('FAT file systems, logical partitions and GPTs with changed bytes are, too', () => {
    check(fc.property(anyBootDisk.map(mutated), mustStand), Math.ceil(RUNS * 0.2));
  }, 300_000);

  test('a reference of an OVF descriptor leads to a URL, or to names that stay inside of the archive', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', '%2e%2e', '%2F', '%', 'a b', '%ff', ':', '?', '#', 'u\u0308'), fc.string({ maxLength: 8 }));
    const path = fc.array(part, { maxLength: 6 }).map(parts => parts.join('/'));
    fc.assert(fc.property(path, path, (href, folder) => {
      const target = targetOf(href, `${folder}/box.ovf`);
      if (target.kind === 'elsewhere') {
        expect(href).toMatch(/^([a-z][a-z0-9+.-]*:)?\/\//i);
        return;
      }
      for (const name of target.names) {
        expect(memberName(name)).toBe(name);
        expect(name.split('/')).not.toContain('..');
      }
      expect(new Set(target.names).size).toBe(target.names.length);
    }), { seed: SEED, numRuns: RUNS, endOnFailure: true });
  });

  test('OVAs with changed headers are, too', () => {
    check(fc.property(anyArchive.map(mutated), mustStand), Math.ceil(RUNS * 0.15));
  }, 300_000);

  test('random bytes behind real signatures are, too', () => {
    const signatures = ['KDMV', 'conectix', 'vhdxfile', 'QFI\xfb', '# Disk DescriptorFile\n', 'COWD\x01\0\0\0', '<?xml version="1.0"?><Envelope>', ''];
    const bytes = fc.tuple(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 3000 }))
      .map(([signature, rest]) => SparseFile.ofBytes(Buffer.concat([Buffer.from(signature, 'latin1'), rest])));
    check(fc.property(bytes, mustStand), Math.ceil(RUNS * 0.1));
  }, 300_000);

  test('OVAs whose descriptor has changed characters are, too', () => {
    const text = descriptor('vmware');
    const pack = ([at, length, insert]: [number, number, string]) =>
      SparseFile.ofBytes(ova(text.slice(0, at) + insert + text.slice(at + length)));
    const change: fc.Arbitrary<[number, number, string]> = fc.tuple(fc.nat(text.length), fc.nat(40), fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('<', '>', '"', '&', '<!--', ']]>')));
    check(fc.property(change.map(pack), mustStand), Math.ceil(RUNS * 0.05));
  }, 300_000);
});

/** An archive of a descriptor and a disk, packed in memory. */
function ova(text: string): Uint8Array {
  return Buffer.concat([member('a.ovf', Buffer.from(text)), member('rhel9-disk1.vmdk', stream), Buffer.alloc(1024)]);
}
