import * as fs from 'node:fs';
import * as path from 'node:path';
import { run } from './qemu';

/** Disks as a guest sees them. */
export type GuestDisk = 'blank' | 'mbr' | 'gpt-uefi' | 'gpt-bios' | 'no-table';

/** One image: which disk, in which format, made by which options of qemu-img. */
export interface Recipe {
  readonly name: string;
  readonly disk: GuestDisk;
  /** qemu's name of the format. */
  readonly format: string;
  readonly options: string;
  /** The file of the result to look at, where there are several. */
  readonly file?: string;
}

const KINDS: readonly (readonly [string, string, string, string?])[] = [
  ['raw', 'raw', ''],
  ['vmdk-stream', 'vmdk', 'subformat=streamOptimized'],
  ['vmdk-sparse', 'vmdk', 'subformat=monolithicSparse'],
  ['vmdk-flat', 'vmdk', 'subformat=monolithicFlat'],
  ['vmdk-split-sparse', 'vmdk', 'subformat=twoGbMaxExtentSparse'],
  ['vmdk-split-sparse-part', 'vmdk', 'subformat=twoGbMaxExtentSparse', '-s001.vmdk'],
  ['vmdk-split-flat', 'vmdk', 'subformat=twoGbMaxExtentFlat'],
  ['vhd-dynamic', 'vpc', 'subformat=dynamic,force_size=on'],
  ['vhd-fixed', 'vpc', 'subformat=fixed,force_size=on'],
  ['vhdx-dynamic', 'vhdx', 'subformat=dynamic,block_size=1M'],
  ['vhdx-fixed', 'vhdx', 'subformat=fixed,block_size=1M'],
];
const FOREIGN: readonly (readonly [string, string, string])[] = [
  ['qcow2', 'qcow2', ''],
  ['qcow', 'qcow', ''],
  ['vdi', 'vdi', ''],
  ['vdi-static', 'vdi', 'static=on'],
  ['qed', 'qed', ''],
  ['parallels', 'parallels', ''],
];
const DISKS: readonly GuestDisk[] = ['blank', 'mbr', 'gpt-uefi', 'gpt-bios'];

export const RECIPES: readonly Recipe[] = [
  ...DISKS.flatMap(disk => KINDS.map(([kind, format, options, file]) => ({ name: `${disk}-${kind}`, disk, format, options, ...(file ? { file } : {}) }))),
  ...FOREIGN.map(([kind, format, options]) => ({ name: `gpt-uefi-${kind}`, disk: 'gpt-uefi' as const, format, options })),
  { name: 'no-table-raw', disk: 'no-table', format: 'raw', options: '' },
  { name: 'no-table-vmdk-stream', disk: 'no-table', format: 'vmdk', options: 'subformat=streamOptimized' },
];

/** Images that are not converted from a disk but made by these arguments, the file last. */
export const SPECIAL: readonly { readonly name: string; readonly format: string; readonly args: readonly string[]; readonly opened: string }[] = [
  {
    name: 'special-qcow2-encrypted',
    format: 'qcow2',
    // LUKS would measure the processor first, and fail where that is busy.
    args: ['--object', 'secret,id=s,data=secret', '-f', 'qcow2', '-o', 'encrypt.format=aes,encrypt.key-secret=s', 'FILE', '1M'],
    opened: 'qcow2',
  },
  { name: 'special-vmdk-delta', format: 'vmdk', args: ['-f', 'vmdk', '-b', 'mbr-vmdk-sparse.vmdk', '-F', 'vmdk', 'FILE'], opened: 'vmdk' },
];

export function makeSpecial(name: string, args: readonly string[], folder: string): string {
  const file = path.join(folder, name);
  run('qemu-img', ['create', ...args.map(arg => arg === 'FILE' ? file : arg)]);
  return file;
}

export const DISK_SIZE = 6 * 1024 * 1024;

const TABLES: Record<GuestDisk, string> = {
  'blank': '',
  'no-table': '',
  'mbr': 'label: dos\nstart=2048, size=8192, type=83, bootable\nstart=10240, type=83\n',
  'gpt-uefi': 'label: gpt\nstart=2048, size=4096, type=uefi\nstart=6144, type=linux\n',
  'gpt-bios': 'label: gpt\nstart=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649\nstart=4096, type=linux\n',
};

/** Makes the guest's disk, with real file systems in it, and returns its file. */
export function makeGuestDisk(disk: GuestDisk, folder: string): string {
  const file = path.join(folder, `${disk}.raw`);
  if (fs.existsSync(file)) return file;
  fs.writeFileSync(file, '');
  fs.truncateSync(file, DISK_SIZE);
  if (TABLES[disk] !== '') run('sfdisk', ['-q', file], TABLES[disk]);
  if (disk === 'gpt-uefi') {
    run('mkfs.vfat', ['--offset', '2048', '-s', '1', file, '2048']);
    run('mmd', ['-i', `${file}@@1M`, '::EFI', '::EFI/BOOT', '::EFI/debian']);
    run('mcopy', ['-i', `${file}@@1M`, '-', '::EFI/BOOT/BOOTX64.EFI'], 'a boot loader');
  }
  if (disk === 'mbr' || disk === 'gpt-bios') writeBootCode(file);
  if (disk === 'mbr') run('mkfs.ext4', ['-q', '-F', '-E', 'offset=1048576', file, '4096']);
  if (disk === 'no-table') run('mkfs.ext4', ['-q', '-F', file]);
  return file;
}

/** Writes what inspections tell boot code by: sfdisk writes none, and no test starts this disk. */
function writeBootCode(file: string): void {
  const descriptor = fs.openSync(file, 'r+');
  fs.writeSync(descriptor, '\xeb\x63\x90GRUB', 0, 'latin1');
  fs.closeSync(descriptor);
}

/** The file that qemu-img opens, and the one of its files to look at. */
export function makeImage({ name, disk, format, options, file }: Recipe, folder: string): { readonly opened: string; readonly inspected: string } {
  const target = path.join(folder, `${name}.${format}`);
  run('qemu-img', ['convert', '-f', 'raw', '-O', format, ...(options ? ['-o', options] : []), makeGuestDisk(disk, folder), target]);
  return { opened: target, inspected: file === undefined ? target : target.replace(/\.vmdk$/, file) };
}
