import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { count, rounded, type Comparison, type Group } from './figure';
import { bundle } from '../scripts/bundle';

export interface Size {
  readonly bytes: number;
  readonly gzipped: number;
}

/** The most that the bundle may have. */
export const MOST: Size = { bytes: 1_300_000, gzipped: 350_000 };

export interface BundleSizes {
  readonly lean: Size;
  /** The same handlers by esbuild as it comes, which is what NodejsFunction of aws-cdk-lib does. */
  readonly asItComes: Size;
  readonly minified: Size;
  /** Bytes of the lean bundle by npm package, the largest first. */
  readonly packages: readonly (readonly [name: string, bytes: number])[];
}

/** The bundles to measure, in a folder that goes with them. */
export class Bundles {
  public static async make(root: string): Promise<Bundles> {
    const bundles = new Bundles();
    bundles.metafile = await bundle('provider', root, join(bundles.folder, 'lean'));
    await bundles.asEsbuildComes(root, 'as-it-comes', {});
    await bundles.asEsbuildComes(root, 'minified', { minify: true });
    return bundles;
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'bench-bundles-'));
  private metafile?: Metafile;

  public path(name: 'lean' | 'as-it-comes' | 'minified'): string {
    return join(this.folder, name, 'index.js');
  }

  public sizes(): BundleSizes {
    return {
      lean: sizeOf(this.path('lean')),
      asItComes: sizeOf(this.path('as-it-comes')),
      minified: sizeOf(this.path('minified')),
      packages: packagesOf(this.metafile),
    };
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html#local-bundling */
  private async asEsbuildComes(root: string, name: string, options: { readonly minify?: boolean }): Promise<void> {
    await build({
      absWorkingDir: root,
      entryPoints: ['lambda/index.ts'],
      outfile: join(this.folder, name, 'index.js'),
      bundle: true,
      platform: 'node',
      target: 'node22',
      tsconfigRaw: '{}',
      logLevel: 'error',
      ...options,
    });
  }
}

export function bundleGroup({ lean, asItComes, minified, packages }: BundleSizes): Group {
  return {
    title: 'Bundle of the handlers',
    comparisons: [
      ...sizeBeside(lean, { name: 'esbuild as it comes', ...asItComes }),
      ...sizeBeside(lean, { name: 'esbuild with minify', ...minified }),
    ],
    tables: [{ head: ['Part of the bundle', 'Bytes'], rows: packages.slice(0, 12).map(([name, bytes]) => [name, rounded(bytes)]) }],
    notes: ['Both handlers with all their SDK clients. esbuild as it comes is what `NodejsFunction` runs: `--bundle --platform=node --target=node22`.'],
  };
}

function sizeBeside(lean: Size, { name, bytes, gzipped }: Size & { readonly name: string }): readonly Comparison[] {
  return [
    {
      what: 'Bundle',
      here: count(lean.bytes, 'bytes'),
      rival: { name, ...count(bytes, 'bytes') },
      limit: { kind: 'here', atMost: count(MOST.bytes, 'bytes') },
    },
    {
      what: 'Bundle, gzipped',
      here: count(lean.gzipped, 'bytes'),
      rival: { name, ...count(gzipped, 'bytes') },
      limit: { kind: 'here', atMost: count(MOST.gzipped, 'bytes') },
    },
  ];
}

function sizeOf(path: string): Size {
  const content = readFileSync(path);
  return { bytes: content.byteLength, gzipped: gzipSync(content, { level: 9 }).byteLength };
}

function packagesOf(metafile: Metafile | undefined): readonly (readonly [string, number])[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(metafile?.outputs ?? {})) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? `our ${file.split('/')[0]}/`;
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes].sort(([, one], [, other]) => other - one);
}
