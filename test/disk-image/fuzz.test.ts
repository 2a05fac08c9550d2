import * as fc from 'fast-check';
import { descriptor, member, tar } from './archives';
import { recordedImages } from './image-library';
import { inspect } from './look';
import { SparseFile } from './sparse-file';
import { streamVmdk } from './stream-vmdk';

/** Printed with every failure; `DISK_IMAGE_FUZZ_SEED=… DISK_IMAGE_FUZZ_RUNS=…` look elsewhere, or longer. */
const SEED = Number(process.env.DISK_IMAGE_FUZZ_SEED ?? 20_240_611);
const RUNS = Number(process.env.DISK_IMAGE_FUZZ_RUNS ?? 22_000);
/** Far above what an inspection takes, far below what anybody waits for. */
const MOST_MILLISECONDS = 2000;

const images = recordedImages();
const guest = images.find(({ name }) => name === 'gpt-uefi-raw')?.file.bytes() ?? new Uint8Array(0);
const stream = streamVmdk(guest);
// The blank and the giant images have no header that the others lack.
const seeds: readonly (readonly [name: string, file: SparseFile])[] = [
  ...images.filter(({ name }) => !/^(blank|giant)/.test(name)).map(({ name, file }) => [name, file] as const),
  ['stream', SparseFile.ofBytes(stream)],
  ...['ustar', 'gnu', 'posix'].map(format => [`ova-${format}`, SparseFile.ofBytes(tar([
    ['server.ovf', descriptor('virtualbox')], ['server-disk001.vmdk', stream], [`${'x'.repeat(format === 'ustar' ? 90 : 120)}.mf`, 'x'],
  ], `--format=${format}`))] as const),
];

/** Where headers, tables and footers of all these formats are. */
const PLACES = [0, 512, 1024, 1536, 2048, 65_536, 131_072, 196_608, 262_144, 1_048_576, 2_097_152, 3_145_728];
const place = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...PLACES), fc.nat(600)).map(([base, more]) => base + more) },
  { weight: 2, arbitrary: fc.nat(2048).map(more => -1 - more) },
  { weight: 1, arbitrary: fc.nat(40_000) },
);
/** Numbers that parsers stumble over. */
const EDGES = ['00', 'ff', '7f', '80', '01', 'ffffffff', '00000000', '7fffffff', '80000000', 'ffffffffffffffff', '0000000000000080', '3c', '22', '2d353535', '00000100'];
const content = fc.oneof(fc.constantFrom(...EDGES).map(hex => Uint8Array.from(Buffer.from(hex, 'hex'))), fc.uint8Array({ minLength: 1, maxLength: 16 }));
const mutation = fc.record({
  seed: fc.nat(seeds.length - 1),
  patches: fc.array(fc.record({ at: place, content }), { minLength: 1, maxLength: 6 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }),
});

function mutated({ seed, patches, cut }: { seed: number; patches: { at: number; content: Uint8Array }[]; cut: number }): SparseFile {
  const file = (seeds[seed]?.[1] ?? new SparseFile(0)).copy();
  for (const { at, content: bytes } of patches) {
    file.write(Math.max(0, at < 0 ? file.length + at : at), bytes);
  }
  file.length = Math.floor(file.length * cut);
  return file;
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
}

function check(property: fc.IProperty<[SparseFile]>, runs: number): void {
  fc.assert(property, { seed: SEED, numRuns: runs, endOnFailure: true });
}

describe(`whatever the file (seed ${SEED}, ${RUNS} inputs)`, () => {
  test('real images with changed bytes and cut ends are inspected without exception, in time, inside the file and the limits', () => {
    check(fc.property(mutation.map(mutated), mustStand), Math.ceil(RUNS * 0.8));
  }, 120_000);

  test('random bytes behind real signatures are, too', () => {
    const signatures = ['KDMV', 'conectix', 'vhdxfile', 'QFI\xfb', '# Disk DescriptorFile\n', 'COWD\x01\0\0\0', '<?xml version="1.0"?><Envelope>', ''];
    const bytes = fc.tuple(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 3000 }))
      .map(([signature, rest]) => SparseFile.ofBytes(Buffer.concat([Buffer.from(signature, 'latin1'), rest])));
    check(fc.property(bytes, mustStand), Math.ceil(RUNS * 0.15));
  }, 60_000);

  test('OVAs whose descriptor has changed characters are, too', () => {
    const text = descriptor('vmware');
    const pack = ([at, length, insert]: [number, number, string]) =>
      SparseFile.ofBytes(ova(text.slice(0, at) + insert + text.slice(at + length)));
    const change: fc.Arbitrary<[number, number, string]> = fc.tuple(fc.nat(text.length), fc.nat(40), fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('<', '>', '"', '&', '<!--', ']]>')));
    check(fc.property(change.map(pack), mustStand), Math.ceil(RUNS * 0.05));
  }, 60_000);
});

/** An archive of a descriptor and a disk, packed in memory. */
function ova(text: string): Uint8Array {
  return Buffer.concat([member('a.ovf', Buffer.from(text)), member('rhel9-disk1.vmdk', stream), Buffer.alloc(1024)]);
}
