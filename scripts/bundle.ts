/**
 * Bundles what runs in AWS, and the command for people, into assets/, which the published package carries:
 * `npm run bundle`.
 *
 * The output depends on the sources and the lock file only (no paths, no time), so an untouched handler
 * never changes the asset hash, and with it never redeploys the provider of a user.
 */
import { chmodSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { leanSdk, type Replacements } from './lean-sdk';

const REPLACEMENTS = join(__dirname, 'sdk-replacements');

/** No handler reads an event stream, and no command does. */
const EVERYWHERE: Replacements = { '@smithy/core/event-streams': join(REPLACEMENTS, 'event-streams.ts') };

/** AWS Lambda gives credentials in the environment, so that no other place is looked at. */
const IN_LAMBDA: Replacements = { ...EVERYWHERE, '@aws-sdk/credential-provider-node': join(REPLACEMENTS, 'credential-provider-node.ts') };

/** Bundles the two handlers of the checkout at `root` into `directory`/index.js; answers what went into it. */
export async function bundleProvider(root: string, directory: string): Promise<Metafile> {
  return bundle(root, directory, { entryPoints: ['lambda/index.ts'], target: 'node22', plugins: [leanSdk(IN_LAMBDA)] });
}

/** Bundles the command of the checkout at `root` into `directory`/index.js, which can be run. */
export async function bundleCommand(root: string, directory: string): Promise<Metafile> {
  const metafile = await bundle(root, directory, {
    entryPoints: ['cli/index.ts'], target: 'node20', banner: { js: '#!/usr/bin/env node' }, plugins: [leanSdk(EVERYWHERE)],
  });
  chmodSync(join(directory, 'index.js'), 0o755);
  return metafile;
}

async function bundle(root: string, directory: string, options: BuildOptions): Promise<Metafile> {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    outfile: relative(root, join(directory, 'index.js')),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // The SDK's ES modules, so that what is not used is left out.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'warning',
    ...options,
    metafile: true,
  });
  return metafile;
}

async function main(): Promise<void> {
  const root = join(__dirname, '..');
  await Promise.all([bundleProvider(root, join(root, 'assets', 'provider')), bundleCommand(root, join(root, 'assets', 'cli'))]);
}

if (require.main === module) {
  void main();
}
