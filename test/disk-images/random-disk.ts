import * as fc from 'fast-check';
import { run } from './qemu';
import type { VirtualDiskFormat } from '../../src/shared/disk-image/virtual-disk';

const SECTOR = 512;
const MIB = 2 ** 20;

/** A kind of image that qemu-img makes. */
export interface Kind {
  readonly format: VirtualDiskFormat;
  readonly qemu: 'raw' | 'vmdk' | 'vpc' | 'vhdx' | 'qcow2';
  readonly options: string;
  /** Arguments of qemu-img convert besides. */
  readonly flags?: readonly string[];
}

/** Every format and subformat that this library reads and qemu-img writes. */
export const KINDS: readonly Kind[] = [
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

/** Returns the name of a kind, as the arguments of qemu-img. */
export function nameOf({ qemu, options, flags = [] }: Kind): string {
  return [qemu, options, ...flags].join(' ').trim();
}

/** What a part of a disk holds: nothing, text that compresses, or noise that does not. */
interface Part {
  readonly at: number;
  readonly sectors: number;
  readonly fill: 'zeros' | 'text' | 'noise';
}

/** The disk that a guest has written. */
export interface GuestDisk {
  readonly sectors: number;
  readonly parts: readonly Part[];
}

const parts = fc.array(fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  sectors: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 3000 })),
  fill: fc.constantFrom('zeros', 'text', 'noise'),
} as const), { maxLength: 12 });

/** Disks of any number of sectors, up to 8 MiB. */
export const guestDisk: fc.Arbitrary<GuestDisk> = fc.record({ sectors: fc.integer({ min: 1, max: 8 * MIB / SECTOR }), parts });

/** Returns the bytes of a disk. */
export function contentsOf({ sectors, parts: filled }: GuestDisk): Buffer {
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

/** Writes an image of a kind from a RAW file. */
export function convert(kind: Kind, source: string, target: string): void {
  const { qemu, options, flags = [] } = kind;
  run('qemu-img', ['convert', '-f', 'raw', '-O', qemu, ...flags, ...(options === '' ? [] : ['-o', options]), source, target]);
}
