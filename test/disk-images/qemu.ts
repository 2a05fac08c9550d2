import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';

/** What `qemu-img info --output=json` says of an image. */
export interface QemuInfo {
  readonly 'format': string;
  readonly 'virtual-size': number;
}

/** The programs that make and repair images, in the Debian packages qemu-utils, fdisk, gdisk, dosfstools, e2fsprogs and mtools. */
const PROGRAMS = ['qemu-img', 'sfdisk', 'sgdisk', 'mkfs.vfat', 'mkfs.ext4', 'mcopy'];

const ENV = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };

/** Whether images can be made here; where not, the tests take the recorded ones. */
export function canMakeImages(): 'yes' | 'no' {
  return PROGRAMS.every(program => spawnSync(program, ['--help'], { env: ENV, stdio: 'ignore' }).error === undefined) ? 'yes' : 'no';
}

export function run(program: string, args: readonly string[], input = '', cwd = process.cwd()): string {
  return execFileSync(program, args, { env: ENV, cwd, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

export function qemuInfo(file: string, format: string): QemuInfo {
  return JSON.parse(run('qemu-img', ['info', '--output=json', '-f', format, file]));
}

/** The parts of a file that are not holes. */
export function dataRanges(file: string): { start: number; length: number }[] {
  const map: { start: number; length: number; data: unknown }[] = JSON.parse(run('qemu-img', ['map', '--output=json', '-f', 'raw', file]));
  const { size } = fs.statSync(file);
  return map.filter(({ data }) => data === true).map(({ start, length }) => ({ start, length: Math.min(length, size - start) }));
}
