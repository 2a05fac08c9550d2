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

const standIn = (name: string) => join(__dirname, 'sdk-replacements', `${name}.ts`);

/** What neither handlers nor command use; each stand-in says why. */
const UNUSED: Replacements = [
  [/@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]event-streams[\\/]index\.js$/, standIn('event-streams')],
  [/@smithy[\\/]signature-v4[\\/]dist-es[\\/]HeaderFormatter\.js$/, standIn('header-formatter')],
  [/@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]protocols[\\/]json[\\/]jsonReviver\.js$/, standIn('json-reviver')],
  [/@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]serde[\\/]util-stream[\\/]sdk-stream-mixin\.js$/, standIn('stream-mixin')],
];

/** What no function in AWS Lambda uses. */
const UNUSED_IN_LAMBDA: Replacements = [
  ...UNUSED,
  [/@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]runtimeExtensions\.js$/, standIn('runtime-extensions')],
  [/@aws-sdk[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/, standIn('credential-provider')],
  [/@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]config[\\/]node-config-provider[\\/]fromSharedConfigFiles\.js$/, standIn('config-files')],
  [/@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]config[\\/]config-resolver[\\/]regionConfig[\\/]getInstanceMetadataRegion\.js$/, standIn('instance-metadata')],
  [/@aws[\\/]lambda-invoke-store[\\/]dist-es[\\/]invoke-store\.js$/, standIn('invoke-store')],
];

/** Bundles the two handlers of the checkout at `root` into `directory`/index.js; answers what went into it. */
export async function bundleProvider(root: string, directory: string): Promise<Metafile> {
  return bundle(root, directory, { entryPoints: ['lambda/index.ts'], target: 'node22', plugins: [leanSdk(UNUSED_IN_LAMBDA)] });
}

/** Bundles the command of the checkout at `root` into `directory`/index.js, which can be run. */
export async function bundleCommand(root: string, directory: string): Promise<Metafile> {
  const metafile = await bundle(root, directory, {
    entryPoints: ['cli/index.ts'], target: 'node20', banner: { js: '#!/usr/bin/env node' }, plugins: [leanSdk(UNUSED)],
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
