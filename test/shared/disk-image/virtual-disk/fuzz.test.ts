import * as fc from 'fast-check';
import { open } from './readers';
import { VirtualDiskError, type VirtualDiskFormat } from '../../../../src/shared/disk-image/virtual-disk';
import { recordedImages } from '../../../disk-images/image-library';
import { patched } from '../../../disk-images/patch';
import { streamVmdk } from '../../../disk-images/stream-vmdk';

/** Printed with every failure; `VIRTUAL_DISK_FUZZ_SEED=… VIRTUAL_DISK_FUZZ_RUNS=…` look elsewhere, or longer. */
const SEED = Number(process.env.VIRTUAL_DISK_FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.VIRTUAL_DISK_FUZZ_RUNS ?? 300);
/** Far above what a read of 256 KiB takes, far below what anybody waits for. */
const MOST_MILLISECONDS = 2_000;
const SIZE = 256 * 1024;

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const IMAGES: readonly (readonly [VirtualDiskFormat, Uint8Array])[] = [
  ['VMDK', bytesOf('gpt-bios-vmdk-sparse')], ['VMDK', streamVmdk(bytesOf('gpt-bios-raw'))], ['VHD', bytesOf('gpt-bios-vhd-dynamic')],
  ['VHDX', bytesOf('gpt-bios-vhdx-dynamic')], ['QCOW2', bytesOf('gpt-uefi-qcow2')],
];

const EDGES = ['00', 'ff', '7f', '80', '40', 'ffffffff', '00000000', '7fffffffffffffff', '4000000000000003', '0000000000000001'];
const content = fc.oneof(fc.constantFrom(...EDGES).map(hex => Uint8Array.from(Buffer.from(hex, 'hex'))), fc.uint8Array({ minLength: 1, maxLength: 16 }));
/** Sectors with anything in them, by their numbers: headers and tables come first in most formats. */
const used = IMAGES.map(([, bytes]) => Array.from({ length: bytes.length / 512 }, (_, sector) => sector * 512)
  .filter(at => bytes.subarray(at, at + 512).some(byte => byte !== 0)).slice(0, 300));
const field = fc.oneof(fc.nat(127).map(word => word * 4), fc.nat(490));
const mutation = fc.nat(IMAGES.length - 1).chain(seed => fc.record({
  seed: fc.constant(seed),
  patches: fc.array(fc.tuple(fc.constantFrom(...used[seed] ?? [0]), field, content), { minLength: 1, maxLength: 6 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
}));

test(`a changed image is read, or refused with a sentence, in time and inside the image (seed ${SEED}, ${RUNS} inputs)`, async () => {
  await fc.assert(fc.asyncProperty(mutation, async ({ seed, patches, cut }) => {
    const [format, bytes] = IMAGES[seed] ?? ['RAW', new Uint8Array(0)];
    const changed = patched(bytes, ...patches.map(([sector, at, value]) => [sector + at, value.subarray(0, bytes.length - sector - at)] as const));
    const image = changed.subarray(0, Math.ceil(changed.length * cut));
    const started = performance.now();
    try {
      const disk = await open(image, format);
      for (const at of [0, disk.size / 2, disk.size - SIZE].map(Math.floor).filter(start => start >= 0 && start + SIZE <= disk.size)) {
        expect(await disk.read(at, SIZE)).toHaveLength(SIZE);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(VirtualDiskError);
      expect((error as Error).message).toMatch(/^The [^\n]+$/);
      expect((error as Error).message).not.toMatch(/undefined|NaN|\[object/);
    }
    expect(performance.now() - started).toBeLessThan(MOST_MILLISECONDS);
  }), { seed: SEED, numRuns: RUNS, endOnFailure: true });
}, 600_000);
