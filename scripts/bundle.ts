/**
 * Bundles what runs in AWS into assets/, which the published package carries: `npm run bundle`.
 *
 * The output depends on the sources and the lock file only (no paths, no time), so an untouched handler
 * never changes the asset hash, and with it never redeploys the provider of a user.
 */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildSync } from 'esbuild';

/** Bundles the two handlers of the checkout at `root` into `directory`/index.js. */
export function bundleProvider(root: string, directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  buildSync({
    absWorkingDir: root,
    entryPoints: ['lambda/index.ts'],
    outfile: relative(root, join(directory, 'index.js')),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    // The SDK's ES modules, so that what the handlers do not use is left out.
    mainFields: ['module', 'main'],
    minify: true,
    // Error names reach the log and the classification of errors.
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'warning',
  });
}

if (require.main === module) {
  const root = join(__dirname, '..');
  bundleProvider(root, join(root, 'assets', 'provider'));
}
