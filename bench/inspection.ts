import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rounded, spread, type Group } from './figure';
import { demoDisk } from '../scripts/demo-disk';
import { inspectFile } from '../src/shared/disk-image/inspect-file';

const ROUNDS = 20;
export const GIGABYTE = 1024 ** 3;
export const TERABYTE = 1024 ** 4;

export interface InspectionCost {
  readonly reads: number;
  readonly bytes: number;
}

/** Makes a bootable RAW disk of this size, most of which is a hole in the file, and gives `use` a way to inspect it. */
export function inspectDisk<T>(size: number, use: (inspect: () => InspectionCost) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'bench-disk-'));
  const path = join(folder, 'disk.raw');
  try {
    const file = openSync(path, 'w');
    writeSync(file, demoDisk('bench'));
    closeSync(file);
    truncateSync(path, size);
    return use(() => inspectFile(path, { fileName: 'disk.raw', format: 'RAW', role: 'image' }).cost);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function inspectionGroup(): Group {
  const row = (name: string, size: number) => inspectDisk(size, (inspect) => {
    // Warms up the code.
    Array.from({ length: ROUNDS }, inspect);
    const times = Array.from({ length: ROUNDS }, () => {
      const started = performance.now();
      inspect();
      return performance.now() - started;
    });
    const { reads, bytes } = inspect();
    return [name, rounded(reads), rounded(bytes), spread(times, 'ms')];
  });
  return {
    title: 'Inspecting a disk image',
    tables: [{ head: ['RAW disk', 'Reads', 'Bytes read', 'Time'], rows: [row('1 GiB', GIGABYTE), row('1 TiB', TERABYTE)] }],
    notes: [`A local file, ${ROUNDS} times each: median, least and greatest.`],
  };
}
