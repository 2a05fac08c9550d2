/**
 * Bundles what runs in AWS, and the command for people, into assets/, which the published package carries:
 * `npm run bundle`.
 *
 * The output depends on the sources and the lock file only (no paths, no time), so an untouched handler
 * never changes the asset hash, and with it never redeploys the provider of a user.
 */
import { chmodSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';

/** Bundles the two handlers of the checkout at `root` into `directory`/index.js. */
export function bundleProvider(root: string, directory: string): void {
  bundle(root, directory, { entryPoints: ['lambda/index.ts'], target: 'node22' });
}

/** Bundles the command of the checkout at `root` into `directory`/index.js, which can be run. */
export function bundleCommand(root: string, directory: string): void {
  bundle(root, directory, { entryPoints: ['cli/index.ts'], target: 'node20', banner: { js: '#!/usr/bin/env node' } });
  chmodSync(join(directory, 'index.js'), 0o755);
}

function bundle(root: string, directory: string, options: BuildOptions): void {
  rmSync(directory, { recursive: true, force: true });
  buildSync({
    absWorkingDir: root,
    outfile: relative(root, join(directory, 'index.js')),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // The SDK's ES modules, so that what is not used is left out.
    mainFields: ['module', 'main'],
    minify: true,
    // Error names reach the log and the classification of errors.
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'warning',
    ...options,
  });
}

if (require.main === module) {
  const root = join(__dirname, '..');
  bundleProvider(root, join(root, 'assets', 'provider'));
  bundleCommand(root, join(root, 'assets', 'cli'));
}
