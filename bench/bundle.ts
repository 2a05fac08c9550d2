import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import { rounded, spread, type Group } from './figure';
import { bundle } from '../scripts/bundle';

const LOADS = 10;

/** Prints the milliseconds that a module takes to load. */
const TIMER = `
const started = process.hrtime.bigint();
require(process.argv[1]);
console.log(Number(process.hrtime.bigint() - started) / 1e6);
`;

/** The handlers as other options of esbuild bundle them. */
const RIVALS: Readonly<Record<string, BuildOptions>> = {
  'esbuild with the SDK\'s ES modules': { mainFields: ['module', 'main'] },
  // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html#externals
  '`NodejsFunction` with its defaults, which leave the SDK to AWS Lambda': { external: ['@aws-sdk/*', '@smithy/*'] },
};

/** Bundles of the handlers, in a folder that exists until `remove`. */
export class Bundles {
  public static async make(root: string): Promise<Bundles> {
    const bundles = new Bundles(root);
    await bundle('provider', root, join(bundles.folder, 'ours'));
    for (const [name, options] of Object.entries(RIVALS)) {
      const outfile = bundles.pathOf(name);
      await build({
        absWorkingDir: root, entryPoints: ['lambda/index.ts'], outfile, bundle: true, platform: 'node', target: 'node22', tsconfigRaw: '{}', logLevel: 'error', ...options,
      });
    }
    return bundles;
  }

  private readonly folder = mkdtempSync(join(tmpdir(), 'bench-bundles-'));
  /** The bundle that the package contains. */
  public readonly ours = join(this.folder, 'ours', 'index.js');

  private constructor(private readonly root: string) {}

  /** Loads the bundles in turns, so that other work of the machine affects all alike. */
  public group(): Group {
    const all = [['This package: ES modules, minified', this.ours], ...Object.keys(RIVALS).map((name) => [name, this.pathOf(name)])] as const;
    const rounds = Array.from({ length: LOADS }, () => all.map(([, path = '']) => this.load(path)));
    return {
      title: 'Bundle of the handlers',
      tables: [{
        head: ['Bundle', 'Bytes', 'Gzipped', 'Load in a fresh Node.js'],
        rows: all.map(([name = '', path = ''], index) => {
          const content = readFileSync(path);
          const gzipped = gzipSync(content, { level: 9 });
          return [name, rounded(content.byteLength), rounded(gzipped.byteLength), spread(rounds.map((round) => round[index] ?? NaN), 'ms')];
        }),
      }],
      notes: [`Each is loaded ${LOADS} times: median, least and greatest.`],
    };
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private pathOf(name: string): string {
    return join(this.folder, String(Object.keys(RIVALS).indexOf(name)), 'index.js');
  }

  private load(path: string): number {
    const env = {
      PATH: process.env.PATH,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      NODE_NO_WARNINGS: '1',
      // Where a bundle finds the SDK that it leaves outside.
      NODE_PATH: join(this.root, 'node_modules'),
    };
    return Number(execFileSync(process.execPath, ['-e', TIMER, path], { env, encoding: 'utf8' }));
  }
}
