import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { medianOf, rounded, spread, type Group, type Table } from './figure';
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
export function inspectDisk<T>(size: number, use: (inspect: () => InspectionCost, path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'bench-disk-'));
  const path = join(folder, 'disk.raw');
  try {
    const file = openSync(path, 'w');
    writeSync(file, demoDisk('bench'));
    closeSync(file);
    truncateSync(path, size);
    return use(() => inspectFile(path, { fileName: 'disk.raw', format: 'RAW', role: 'image' }).cost, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function inspectionGroup(command: string): Group {
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
    tables: [{ head: ['RAW disk', 'Reads', 'Bytes read', 'Time'], rows: [row('1 GiB', GIGABYTE), row('1 TiB', TERABYTE)] }, startTable(command)],
    notes: [`A local file, ${ROUNDS} times each: median, least and greatest. The processes of the second table start in turns.`],
  };
}

/** Compares the command with a bare Node.js, in turns, so that other work of the machine affects all alike. */
function startTable(command: string): Table {
  return inspectDisk(GIGABYTE, (_, path) => {
    const calls = [['Node.js alone (`node -e ""`)', '-e', ''], ['`cdk-vm-import --version`', command, '--version'], ['`cdk-vm-import inspect disk.raw`', command, 'inspect', path]] as const;
    const rounds = Array.from({ length: ROUNDS }, () => calls.map(([, ...args]) => {
      const started = performance.now();
      execFileSync(process.execPath, args);
      return performance.now() - started;
    }));
    const times = calls.map((__, index) => rounds.map((round) => round[index] ?? NaN));
    const bare = medianOf(times[0] ?? []);
    return {
      head: ['Process', 'Start to end', 'To Node.js alone'],
      rows: calls.map(([name], index) => [name, spread(times[index] ?? [], 'ms'), `${rounded(medianOf(times[index] ?? []) / bare)} ×`]),
    };
  });
}
