/**
 * Every figure of docs/performance.md: `npm run bench`. It takes a few minutes and no network, writes its section of
 * bench/RESULTS.md, and copies tables of it to docs/performance.md.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { Bundles, bundleGroup } from './bundle-size';
import { coldStartGroup } from './cold-start';
import { costGroup } from './costs';
import type { Group } from './figure';
import { inspectionGroup } from './inspection';
import { importGroup, runImport, runImports } from './one-import';
import { packageGroup, packageSize } from './package-size';
import { measurePasses, passGroup } from './pass';
import { bodyOf, ratios, render } from './render';
import { readSection, writeSection } from './results-file';
import { runLoad, scaleGroup, type Load } from './scale';
import { synthesisGroup, templateGrowth } from './synthesis';

const ROOT = join(__dirname, '..');
const RESULTS = join(__dirname, 'RESULTS.md');
const PAGE = join(ROOT, 'docs', 'performance.md');
const LOADS = [100, 300, 1_000];
const MINUTE = 60_000;

async function main(): Promise<void> {
  const started = Date.now();
  const before = loadavg()[0] ?? NaN;
  const groups = await measure();
  const minutes = (Date.now() - started) / MINUTE;
  const text = render(groups, [
    `- ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 1e9)} GB, load average ${before.toFixed(1)} before and ${(loadavg()[0] ?? NaN).toFixed(1)} after`,
    `- Node.js ${process.version}, ${versionsOf('esbuild', 'aws-cdk-lib', '@aws-sdk/client-ec2')}`,
    `- ${new Date().toISOString().slice(0, 10)}, ${minutes.toFixed(1)} minutes`,
  ].join('\n'));
  console.log(text);
  writeSection(RESULTS, 'bench', text);
  writeSection(PAGE, 'ratios', ratios(groups));
  groups.forEach((group) => copy(group));
}

/** The groups that the page has a place for, by their titles. */
function copy(group: Group): void {
  const section = group.title.toLowerCase().replaceAll(' ', '-');
  if (readSection(readFileSync(PAGE, 'utf8'), section) !== undefined) {
    writeSection(PAGE, section, bodyOf(group));
  }
}

/** What is timed comes first, while nothing else has been at work. */
async function measure(): Promise<readonly Group[]> {
  const bundles = await Bundles.make(ROOT);
  try {
    const coldStart = coldStartGroup(bundles);
    const passes = await measurePasses(bundles.path('lean'));
    const synthesis = synthesisGroup(templateGrowth());
    const inspection = inspectionGroup();
    const npm = packageGroup(ROOT, packageSize(ROOT));
    const runs = await runImports();
    const quarter = await runImport(15 * MINUTE);
    const long = await runImport(3 * 60 * MINUTE);
    const costs = costGroup([
      { what: 'of a quarter of an hour', run: quarter }, ...runs.slice(0, 1).map((run) => ({ what: 'of an hour', run })), { what: 'of three hours', run: long },
    ]);
    const loads: Load[] = [];
    for (const imports of LOADS) {
      loads.push(await runLoad(imports));
    }
    return [bundleGroup(bundles.sizes()), coldStart, importGroup(runs), passGroup(passes), costs, synthesis, npm, inspection, scaleGroup(loads)];
  } finally {
    bundles.remove();
  }
}

function versionsOf(...packages: readonly string[]): string {
  return packages.map((name) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { readonly version: string };
    return `${name} ${version}`;
  }).join(', ');
}

void main();
