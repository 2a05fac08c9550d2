/**
 * Bundles what runs in AWS, and the command for people, into assets/, which the published package carries:
 * `npm run bundle`.
 *
 * The output depends on the sources and the lock file only (no paths, no time), so that an untouched handler keeps its
 * asset hash and is not deployed again.
 */
import { chmodSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** What the command loads only when it needs the AWS SDK. */
const WITH_SDK = { status: 'cli/status/status.ts', orphans: 'cli/orphans/orphans.ts', look: 'cli/inspect/look.ts' };

/** Leaves the modules of WITH_SDK out of the entry of the command, which imports them from the files beside it. */
const IMPORT_FROM_FILE: Plugin = {
  name: 'import-from-file',
  setup: ({ onResolve }) => onResolve(
    { filter: new RegExp(`/(${Object.keys(WITH_SDK).join('|')})\\.js$`) },
    ({ path }) => ({ path: `./${basename(path, '.js')}.mjs`, external: true }),
  ),
};

/** One folder of assets/ each: the builds that fill it, with what differs from the others. */
const BUNDLES = {
  'provider': [{ entryPoints: ['lambda/index.ts'], target: 'node22' }],
  // The functions of the state machine that copies disks into snapshots.
  'disk-copy': [{ entryPoints: ['lambda/disk-copy/index.ts'], target: 'node22' }],
  // A command that people run: `cdk-vm-import`.
  'cli': [
    // One CommonJS file for what needs no AWS SDK: Node.js starts it faster than an ES module, and faster than several files.
    { entryPoints: ['cli/index.ts'], target: 'node20', banner: { js: '#!/usr/bin/env node' }, plugins: [IMPORT_FROM_FILE] },
    // The rest shares the SDK. esbuild can only split ES modules.
    { entryPoints: WITH_SDK, target: 'node20', format: 'esm', splitting: true, outExtension: { '.js': '.mjs' } },
  ],
} as const satisfies Record<string, readonly BuildOptions[]>;

export type BundleName = keyof typeof BUNDLES;

/** Bundles from the checkout at `root` into `directory`, with `index.js` as the entry. Returns what went into each file. */
export async function bundle(name: BundleName, root: string, directory: string): Promise<Metafile['outputs']> {
  rmSync(directory, { recursive: true, force: true });
  const outputs = await Promise.all(BUNDLES[name].map((options) => buildInto(directory, root, options)));
  if (name === 'cli') {
    chmodSync(join(directory, 'index.js'), 0o755);
  }
  return Object.assign({}, ...outputs) as Metafile['outputs'];
}

async function buildInto(directory: string, root: string, options: BuildOptions): Promise<Metafile['outputs']> {
  const { metafile } = await build({
    absWorkingDir: root,
    outdir: relative(root, directory),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Takes the SDK's ES modules, so that esbuild can leave out what is not used.
    mainFields: ['module', 'main'],
    // The names of files that esbuild splits off depend on paths, so a checkout that links its node_modules must not differ.
    preserveSymlinks: true,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'warning',
    ...options,
    metafile: true,
  });
  return metafile.outputs;
}

async function main(): Promise<void> {
  const root = join(__dirname, '..');
  const names = Object.keys(BUNDLES) as BundleName[];
  await Promise.all(names.map((name) => bundle(name, root, join(root, 'assets', name))));
}

if (require.main === module) {
  void main();
}
