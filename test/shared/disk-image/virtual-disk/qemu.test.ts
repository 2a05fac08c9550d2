import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { contentOf, withFile } from './readers';
import { decompressors } from '../../../../lambda/disk-copy/decompressors';
import { openVirtualDisk, type VirtualDiskFormat } from '../../../../src/shared/disk-image/virtual-disk';
import { run } from '../../../disk-images/qemu';

/** Printed with every failure; `VIRTUAL_DISK_SEED=… VIRTUAL_DISK_RUNS=…` look elsewhere, or longer. */
const SEED = Number(process.env.VIRTUAL_DISK_SEED ?? 20_261_127);
const RUNS = Number(process.env.VIRTUAL_DISK_RUNS ?? 2);
const SECTOR = 512;
const MIB = 2 ** 20;

interface Kind {
  readonly format: VirtualDiskFormat;
  readonly qemu: 'raw' | 'vmdk' | 'vpc' | 'vhdx' | 'qcow2';
  readonly options: string;
  /** Arguments of qemu-img convert besides. */
  readonly flags?: readonly string[];
}

const KINDS: readonly Kind[] = [
  { format: 'RAW', qemu: 'raw', options: '' },
  { format: 'VMDK', qemu: 'vmdk', options: 'subformat=monolithicSparse' },
  { format: 'VMDK', qemu: 'vmdk', options: 'subformat=monolithicSparse,zeroed_grain=on' },
  { format: 'VMDK', qemu: 'vmdk', options: 'subformat=monolithicSparse,compat6=on' },
  { format: 'VMDK', qemu: 'vmdk', options: 'subformat=streamOptimized' },
  { format: 'VHD', qemu: 'vpc', options: 'subformat=dynamic' },
  { format: 'VHD', qemu: 'vpc', options: 'subformat=dynamic,force_size=on' },
  { format: 'VHD', qemu: 'vpc', options: 'subformat=fixed' },
  { format: 'VHD', qemu: 'vpc', options: 'subformat=fixed,force_size=on' },
  { format: 'VHDX', qemu: 'vhdx', options: 'subformat=dynamic' },
  { format: 'VHDX', qemu: 'vhdx', options: 'subformat=dynamic,block_size=1M,log_size=2M' },
  { format: 'VHDX', qemu: 'vhdx', options: 'subformat=fixed' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=0.10' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=0.10', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,lazy_refcounts=on' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,compression_type=zlib', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,compression_type=zstd', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,cluster_size=512' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,cluster_size=4k', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,cluster_size=2M', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,cluster_size=2M,compression_type=zstd', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,extended_l2=on,cluster_size=16k' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,extended_l2=on,cluster_size=128k', flags: ['-c'] },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,preallocation=metadata' },
  { format: 'QCOW2', qemu: 'qcow2', options: 'compat=1.1,refcount_bits=64' },
];
const nameOf = ({ qemu, options, flags = [] }: Kind) => [qemu, options, ...flags].join(' ').trim();

/** What a part of a disk holds: nothing, text that compresses, or noise that does not. */
interface Part {
  readonly at: number;
  readonly sectors: number;
  readonly fill: 'zeros' | 'text' | 'noise';
}

interface GuestDisk {
  readonly sectors: number;
  readonly parts: readonly Part[];
}

const parts = fc.array(fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 3000 })),
  fill: fc.constantFrom('zeros', 'text', 'noise'),
} as const), { maxLength: 12 });
const guestDisk: fc.Arbitrary<GuestDisk> = fc.record({ sectors: fc.integer({ min: 1, max: 8 * MIB / SECTOR }), parts });

function contentsOf({ sectors, parts: filled }: GuestDisk): Buffer {
  const disk = Buffer.alloc(sectors * SECTOR);
  let state = 1;
  for (const { at, sectors: length, fill } of filled) {
    const start = Math.floor(at * sectors) * SECTOR;
    const part = disk.subarray(start, start + length * SECTOR);
    if (fill === 'noise') {
      for (let i = 0; i + 4 <= part.length; i += 4) {
        state = Math.imul(state, 1_664_525) + 1_013_904_223;
        part.writeInt32LE(state % 2 ** 31, i);
      }
    } else {
      part.fill(fill === 'text' ? `text at ${start}\n` : 0);
    }
  }
  return disk;
}

const hasQemu = ['qemu-img', 'qemu-io'].every(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined);
let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'virtual-disk-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function convert(kind: Kind, source: string, target: string): void {
  const { qemu, options, flags = [] } = kind;
  run('qemu-img', ['convert', '-f', 'raw', '-O', qemu, ...flags, ...(options === '' ? [] : ['-o', options]), source, target]);
}

/** Compares the disk that we read with the one that qemu-img reads from the same image. */
async function compare({ format, qemu }: Kind, image: string, step: number): Promise<void> {
  const raw = `${image}.raw`;
  run('qemu-img', ['convert', '-f', qemu, '-O', 'raw', image, raw]);
  const expected = readFileSync(raw);
  await withFile(image, async file => {
    const disk = await openVirtualDisk({ image: file, format, decompressors });
    expect(disk.size).toBe(expected.length);
    const seen = await contentOf(disk, step);
    expect(seen.equals(expected) ? 'equal' : `differs from byte ${seen.findIndex((byte, at) => byte !== expected[at])}`).toBe('equal');
    for (let at = 0; at < expected.length; at += 64 * 1024) {
      const size = Math.min(64 * 1024, expected.length - at);
      if (!await disk.isAllocated(at, size)) expect(expected.subarray(at, at + size).every(byte => byte === 0)).toBe(true);
    }
  });
}

const describeWithQemu = hasQemu ? describe : describe.skip;
describeWithQemu(`disks that qemu-img made (seed ${SEED}, ${RUNS} of each kind)`, () => {
  test.each(KINDS.map(kind => [nameOf(kind), kind] as const))('%s reads as qemu-img reads it', async (_, kind) => {
    const [source, image] = [join(folder, 'source'), join(folder, 'image')];
    await fc.assert(fc.asyncProperty(guestDisk, fc.constantFrom(SECTOR * 1999, 512 * 1024, 8 * MIB), async (guest, step) => {
      writeFileSync(source, contentsOf(guest));
      convert(kind, source, image);
      await compare(kind, image, step);
    }), { seed: SEED, numRuns: RUNS, endOnFailure: true });
  }, 600_000);
});
