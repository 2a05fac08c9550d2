import * as fs from 'node:fs';
import * as path from 'node:path';
import { bootFiles, DebianArchitecture } from './debian-packages';
import { run } from './qemu';

/** Disks that boot, each in its own way, or do not boot. */
export const BOOT_DISKS = [
  'BIOS from an MBR', 'BIOS from a GPT', 'UEFI on x86_64', 'UEFI on arm64', 'BIOS and UEFI', 'UEFI from an MBR', 'UEFI from a primary GPT that is gone',
  'UEFI without the removable path', 'UEFI without a protective MBR', 'UEFI with a protective MBR of size 0', 'a GPT for sectors of 4,096 bytes', 'no boot code', 'no active partition',
] as const;
export type BootDisk = typeof BOOT_DISKS[number];

const MIB = 1024 * 1024;
const SECTOR = 512;
const DISK_SIZE = 64 * MIB;
/** Byte at which the partition with kernel and boot loader begins; the BIOS boot partition comes before it. */
const SYSTEM_AT = 4 * MIB;
const SYSTEM_SIZE = 56 * MIB;
const BIOS_BOOT_SECTOR = 2048;

interface Recipe {
  readonly architecture: DebianArchitecture;
  readonly table: 'mbr' | 'gpt';
  readonly bios: 'grub' | 'none';
  /** Where systemd-boot is. */
  readonly loader: 'EFI/BOOT/BOOTX64.EFI' | 'EFI/BOOT/BOOTAA64.EFI' | 'EFI/debian/systemd-bootx64.efi' | 'none';
  /** Kind of the file system. @default 32 */
  readonly fat?: 16 | 32;
  /** What is done to the finished disk. */
  readonly harm?: (disk: string) => void;
}

const UEFI: Recipe = { architecture: 'amd64', table: 'gpt', bios: 'none', loader: 'EFI/BOOT/BOOTX64.EFI' };
const BIOS: Recipe = { architecture: 'amd64', table: 'mbr', bios: 'grub', loader: 'none' };
const RECIPES: Record<BootDisk, Recipe> = {
  'BIOS from an MBR': BIOS,
  'BIOS from a GPT': { ...BIOS, table: 'gpt' },
  'UEFI on x86_64': UEFI,
  'UEFI on arm64': { ...UEFI, architecture: 'arm64', loader: 'EFI/BOOT/BOOTAA64.EFI' },
  'BIOS and UEFI': { ...UEFI, bios: 'grub' },
  'UEFI from an MBR': { ...UEFI, table: 'mbr', fat: 16 },
  'UEFI from a primary GPT that is gone': { ...UEFI, harm: disk => overwrite(disk, SECTOR, Buffer.alloc(33 * SECTOR)) },
  'UEFI without the removable path': { ...UEFI, loader: 'EFI/debian/systemd-bootx64.efi' },
  'UEFI without a protective MBR': { ...UEFI, harm: disk => overwrite(disk, 0, Buffer.alloc(SECTOR)) },
  'UEFI with a protective MBR of size 0': { ...UEFI, harm: disk => overwrite(disk, 446 + 12, Buffer.alloc(4)) },
  'a GPT for sectors of 4,096 bytes': { ...UEFI, harm: moveGptTo4096 },
  'no boot code': { ...BIOS, harm: disk => overwrite(disk, 0, Buffer.alloc(440)) },
  'no active partition': { ...BIOS, harm: disk => deactivate(disk) },
};

/**
 * A kernel that panics resets the machine, which ends it. On a busy host, emulated timer interrupts come too late for the check that the
 * kernel makes of them on x86.
 */
const KERNEL_OPTIONS: Record<DebianArchitecture, string> = { amd64: 'console=ttyS0 quiet panic=-1 no_timer_check', arm64: 'console=ttyAMA0 quiet panic=-1' };

/** The line that a disk prints on its serial console: how it was started, in the words of the preflight. */
export const BOOTED = /cdk-vm-import: this disk (boots by (UEFI|BIOS) on (x86_64|aarch64))/;

/** Architecture of the machine that a disk is for. */
export function architectureOf(disk: BootDisk): DebianArchitecture {
  return RECIPES[disk].architecture;
}

/** Makes a RAW disk from Debian's packages; nothing where these cannot be had. */
export function makeBootDisk(disk: BootDisk, folder: string): string | undefined {
  const recipe = RECIPES[disk];
  const files = bootFiles(recipe.architecture);
  if (files === undefined) return undefined;
  const target = path.join(folder, `${disk.replace(/\W+/g, '-')}.raw`);
  fs.writeFileSync(target, '');
  fs.truncateSync(target, DISK_SIZE);
  run('sfdisk', ['-q', target], partitions(recipe));
  writeSystem(target, recipe, files.kernel, initramfs(files.busybox, folder), files.loader);
  if (recipe.bios === 'grub') writeGrub(target, recipe, folder);
  recipe.harm?.(target);
  return target;
}

function partitions({ table, bios, loader }: Recipe): string {
  const system = `start=${SYSTEM_AT / SECTOR}, size=${SYSTEM_SIZE / SECTOR}`;
  if (table === 'mbr') return `label: dos\nlabel-id: 0x14db62fa\n${system}, type=${loader === 'none' ? 'c, bootable' : 'ef'}\n`;
  const biosBoot = bios === 'grub' ? `start=${BIOS_BOOT_SECTOR}, size=4096, type=21686148-6449-6E6F-744E-656564454649\n` : '';
  return `label: gpt\n${biosBoot}${system}, type=${loader === 'none' ? 'linux' : 'uefi'}\n`;
}

/** An initial RAM disk whose first program says how the machine was started, and turns it off. */
function initramfs(busybox: string, folder: string): string {
  const root = fs.mkdtempSync(path.join(folder, 'initramfs-'));
  fs.mkdirSync(path.join(root, 'bin'));
  fs.mkdirSync(path.join(root, 'sys'));
  fs.copyFileSync(busybox, path.join(root, 'bin', 'busybox'));
  fs.writeFileSync(path.join(root, 'init'), [
    '#!/bin/busybox sh',
    '/bin/busybox mount -t sysfs sysfs /sys',
    'by=BIOS; [ -d /sys/firmware/efi ] && by=UEFI',
    'echo "cdk-vm-import: this disk boots by $by on $(/bin/busybox uname -m)"',
    '/bin/busybox poweroff -f',
    '',
  ].join('\n'), { mode: 0o755 });
  const image = path.join(folder, 'initrd.img');
  run('sh', ['-c', 'find . | cpio --quiet -o -H newc > "$0"', image], '', root);
  return image;
}

function writeSystem(disk: string, { loader, architecture, fat = 32 }: Recipe, kernel: string, initrd: string, systemdBoot: string): void {
  const place = `${disk}@@${SYSTEM_AT}`;
  run('mkfs.vfat', ['-F', `${fat}`, ...fat === 32 ? ['-s', '1'] : [], '--offset', `${SYSTEM_AT / SECTOR}`, disk, `${SYSTEM_SIZE / 1024}`]);
  run('mcopy', ['-i', place, kernel, '::vmlinuz']);
  run('mcopy', ['-i', place, initrd, '::initrd.img']);
  if (loader === 'none') return;
  run('mmd', ['-i', place, '::EFI', '::EFI/BOOT', '::EFI/debian', '::loader', '::loader/entries']);
  run('mcopy', ['-i', place, systemdBoot, `::${loader}`]);
  run('mcopy', ['-i', place, '-', '::loader/loader.conf'], 'timeout 0\n');
  run('mcopy', ['-i', place, '-', '::loader/entries/debian.conf'], `title Debian\nlinux /vmlinuz\ninitrd /initrd.img\noptions ${KERNEL_OPTIONS[architecture]}\n`);
}

/**
 * Installs GRUB as grub-install does, without the loop device that that needs: `boot.img` in the first sector, the core
 * behind it or in the BIOS boot partition.
 */
function writeGrub(disk: string, { table }: Recipe, folder: string): void {
  const modules = '/usr/lib/grub/i386-pc';
  const [core, config] = [path.join(folder, 'core.img'), path.join(folder, 'grub.cfg')];
  const system = table === 'mbr' ? '(hd0,msdos1)' : '(hd0,gpt2)';
  fs.writeFileSync(config, `set root=${system}\nlinux /vmlinuz ${KERNEL_OPTIONS.amd64}\ninitrd /initrd.img\nboot\n`);
  run('grub-mkimage', ['-O', 'i386-pc', '-o', core, '-p', '/grub', '-c', config, '-d', modules, 'biosdisk', 'part_msdos', 'part_gpt', 'fat', 'linux']);
  const at = table === 'mbr' ? 1 : BIOS_BOOT_SECTOR;
  const [boot, image] = [fs.readFileSync(path.join(modules, 'boot.img')), fs.readFileSync(core)];
  // Where the first sector of the core is, and where its others are.
  boot.writeBigUInt64LE(BigInt(at), 0x5c);
  image.writeBigUInt64LE(BigInt(at + 1), 0x1f4);
  overwrite(disk, 0, boot.subarray(0, 440));
  overwrite(disk, at * SECTOR, image);
}

/** Puts SYSLINUX's boot code there, which starts the active partition, and marks none active. */
function deactivate(disk: string): void {
  overwrite(disk, 0, fs.readFileSync('/usr/lib/syslinux/mbr/mbr.bin'));
  overwrite(disk, 446, Buffer.of(0));
}

/** Puts a GPT where a disk with sectors of 4,096 bytes has it. */
function moveGptTo4096(disk: string): void {
  overwrite(disk, 0, Buffer.alloc(34 * SECTOR));
  overwrite(disk, DISK_SIZE - 33 * SECTOR, Buffer.alloc(33 * SECTOR));
  // The FAT file system stays where it is: only the table counts in other sectors.
  const [from, to] = [SYSTEM_AT / 4096, (SYSTEM_AT + SYSTEM_SIZE) / 4096 - 1];
  run('fdisk', ['-b', '4096', '-W', 'never', disk], `g\nn\n1\n${from}\n${to}\nt\n1\nw\n`);
}

function overwrite(disk: string, at: number, bytes: Uint8Array): void {
  const file = fs.openSync(disk, 'r+');
  fs.writeSync(file, bytes, 0, bytes.length, at);
  fs.closeSync(file);
}
