/**
 * Measures every figure of docs/performance.md: `npm run bench`. It needs a few minutes and no network, writes its section
 * of bench/RESULTS.md, and copies the tables that docs/performance.md quotes.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { Bundles } from './bundle';
import { costGroup } from './costs';
import { diskCopyGroup } from './disk-copy';
import { copyScaleGroup, runCopies } from './disk-copy-scale';
import type { Group } from './figure';
import { inspectionGroup } from './inspection';
import { importGroup, runImport, runImports } from './one-import';
import { packageGroup } from './package';
import { passGroup } from './pass';
import { bodyOf, render } from './render';
import { readSection, writeSection } from './results-file';
import { runLoad, scaleGroup } from './scale';
import { synthesisGroup } from './synthesis';
import { canMakeImages } from '../test/disk-images/qemu';

const ROOT = join(__dirname, '..');
const RESULTS = join(__dirname, 'RESULTS.md');
const PAGE = join(ROOT, 'docs', 'performance.md');
const LOADS = [100, 300];
/** Disks at once, and GiB of each. */
const COPIES: readonly (readonly [number, number])[] = [[1, 8], [1, 20], [1, 100], [1, 1_024], [20, 20]];
const COMMAND = join(ROOT, 'assets', 'cli', 'index.js');
const DISK_COPY = join(ROOT, 'assets', 'disk-copy', 'index.js');
const MINUTE = 60_000;

async function main(): Promise<void> {
  const started = Date.now();
  const before = loadavg()[0] ?? NaN;
  const groups = await measure();
  const text = render(groups, [
    `- ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 1e9)} GB, load average ${before.toFixed(1)} before and ${(loadavg()[0] ?? NaN).toFixed(1)} after`,
    `- Node.js ${process.version}, ${versionsOf('esbuild', 'aws-cdk-lib', '@aws-sdk/client-ec2')}`,
    `- ${new Date().toISOString().slice(0, 10)}, ${((Date.now() - started) / MINUTE).toFixed(1)} minutes`,
  ].join('\n'));
  console.log(text);
  writeSection(RESULTS, 'bench', text);
  groups.forEach(copy);
}

/** Copies a group to docs/performance.md if the page has a section of its title. */
function copy(group: Group): void {
  const section = group.title.toLowerCase().replaceAll(' ', '-');
  if (readSection(readFileSync(PAGE, 'utf8'), section) !== undefined) {
    writeSection(PAGE, section, bodyOf(group));
  }
}

/** Measures times first, while the machine has done nothing else. */
async function measure(): Promise<readonly Group[]> {
  const bundles = await Bundles.make(ROOT);
  try {
    const copying = canMakeImages() === 'yes' ? [await timed(async () => diskCopyGroup(DISK_COPY))] : [];
    const groups = [
      await timed(() => bundles.group()), await timed(async () => passGroup(bundles.ours)), await timed(synthesisGroup),
      await timed(() => inspectionGroup(COMMAND)), await timed(() => packageGroup(ROOT)),
    ];
    const hour = await timed(async () => importGroup(await runImports(), await runImport(15 * MINUTE, 10 * MINUTE)));
    const costs = await timed(async () => costGroup([
      ['of a quarter of an hour', await runImport(15 * MINUTE)], ['of an hour', await runImport(60 * MINUTE)], ['of three hours', await runImport(3 * 60 * MINUTE)],
    ]));
    const loads = await timed(async () => scaleGroup(await inTurn(LOADS, runLoad)));
    const copies = await timed(async () => copyScaleGroup(await inTurn(COPIES, async ([disks, gib]) => runCopies(disks, gib))));
    return [hour, costs, ...groups, loads, copies, ...copying];
  } finally {
    bundles.remove();
  }
}

/** Says on standard error how long a group took. */
async function timed(measureGroup: () => Group | Promise<Group>): Promise<Group> {
  const started = Date.now();
  const group = await measureGroup();
  console.error(`${group.title}: ${((Date.now() - started) / 1_000).toFixed(1)} s`);
  return group;
}

async function inTurn<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(await run(item));
  }
  return results;
}

function versionsOf(...packages: readonly string[]): string {
  return packages.map((name) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { readonly version: string };
    return `${name} ${version}`;
  }).join(', ');
}

void main();
