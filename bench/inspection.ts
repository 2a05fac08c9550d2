import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { count, spread, type Group, type Measure } from './figure';
import { demoDisk } from '../scripts/demo-disk';
import { inspectFile } from '../src/shared/disk-image/inspect-file';

const ROUNDS = 20;
export const GIGABYTE = 1024 ** 3;
export const TERABYTE = 1024 ** 4;

export interface InspectionCost {
  readonly reads: number;
  readonly bytes: number;
}

/** A bootable RAW disk of so many bytes, most of which are a hole in the file; and what a look at it takes. */
export function inspectDisk<T>(size: number, use: (look: () => InspectionCost) => T): T {
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
  const [small, large] = [GIGABYTE, TERABYTE].map((size) => inspectDisk(size, (look) => {
    // The code is warm when the time counts.
    Array.from({ length: ROUNDS }, look);
    const times = Array.from({ length: ROUNDS }, () => {
      const started = performance.now();
      look();
      return performance.now() - started;
    });
    return { ...look(), time: spread(times, 'ms') };
  })) as [InspectionCost & { readonly time: Measure }, InspectionCost & { readonly time: Measure }];
  return {
    title: 'Looking at a disk image',
    comparisons: [
      { what: 'Bytes read of a sparse disk of 1 TiB', here: count(large.bytes, 'bytes'), rival: { name: 'of 1 GiB', ...count(small.bytes, 'bytes') } },
      { what: 'Time of a look at a sparse disk of 1 TiB', here: large.time, rival: { name: 'at 1 GiB', ...small.time } },
    ],
    tables: [],
    notes: [`${ROUNDS} times each; ${small.reads} reads of ${small.bytes.toLocaleString('en-US')} bytes in all, whatever the size.`],
  };
}
