/**
 * Bundles what runs in AWS, and the command for people, into assets/, which the published package carries:
 * `npm run bundle`.
 *
 * The output depends on the sources and the lock file only (no paths, no time), so that an untouched handler keeps its
 * asset hash and is not deployed again.
 */
import { chmodSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

/** One folder of assets/ each: its entry, and what differs from the other bundles. */
const BUNDLES = {
  'provider': { entryPoints: ['lambda/index.ts'], target: 'node22' },
  // The functions of the state machine that copies disks into snapshots.
  'disk-copy': { entryPoints: ['lambda/disk-copy/index.ts'], target: 'node22' },
  // A command that people run: `cdk-vm-import`. esbuild can only split ES modules; each command is loaded when it is called.
  'cli': {
    entryPoints: ['cli/index.ts'], target: 'node20', format: 'esm', splitting: true, outExtension: { '.js': '.mjs' }, banner: { js: '#!/usr/bin/env node' },
  },
} as const satisfies Record<string, BuildOptions>;

export type BundleName = keyof typeof BUNDLES;

/** Bundles from the checkout at `root` into `directory`/index.js, or index.mjs of the command. Returns what went into it. */
export async function bundle(name: BundleName, root: string, directory: string): Promise<Metafile> {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    outdir: relative(root, directory),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Takes the SDK's ES modules, so that esbuild can leave out what is not used.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'warning',
    ...BUNDLES[name],
    entryPoints: [...BUNDLES[name].entryPoints],
    metafile: true,
  });
  if (name === 'cli') {
    chmodSync(join(directory, 'index.mjs'), 0o755);
  }
  return metafile;
}

async function main(): Promise<void> {
  const root = join(__dirname, '..');
  const names = Object.keys(BUNDLES) as BundleName[];
  await Promise.all(names.map((name) => bundle(name, root, join(root, 'assets', name))));
}

if (require.main === module) {
  void main();
}
