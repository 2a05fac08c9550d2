/**
 * Decodes a disk image with the readers of the worker, in a process of its own: `node disk-copy-decoder.js FORMAT FILE` prints how many MiB of
 * the disk it read in a second.
 */
import { closeSync, fstatSync, openSync, readSync, readvSync } from 'node:fs';
import { decompressors } from '../lambda/disk-copy/decompressors';
import { openVirtualDisk, VIRTUAL_DISK_FORMATS } from '../src/shared/disk-image/virtual-disk';

const MIB = 1024 * 1024;
/** What the worker reads at a time. */
const WINDOW = 8 * MIB;
/** Memory begins so many bytes after the beginning of a page: to copy from a page to the same place of another one takes twice as long. */
const SHIFT = 512;

async function main([name, path = '']: readonly string[]): Promise<void> {
  const format = VIRTUAL_DISK_FORMATS.find((each) => each === name) ?? 'RAW';
  const file = openSync(path, 'r');
  const image = {
    length: fstatSync(file).size,
    read: async (offset: number, size: number) => {
      const bytes = new Uint8Array(size);
      return bytes.subarray(0, readSync(file, bytes, 0, size, offset));
    },
    readInto: async (offset: number, memory: readonly Uint8Array[]) => readvSync(file, memory, offset),
  };
  const disk = await openVirtualDisk({ image, format, decompressors });
  const memory = new Uint8Array(WINDOW + SHIFT).subarray(SHIFT);
  const started = performance.now();
  for (let at = 0; at < disk.size; at += WINDOW) {
    await disk.readInto(memory.subarray(0, Math.min(WINDOW, disk.size - at)), at);
  }
  console.log(disk.size / MIB / ((performance.now() - started) / 1_000));
  closeSync(file);
}

void main(process.argv.slice(2));
