import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { count, rounded, spread, type Group } from './figure';

const LOADS = 10;

export interface PackageSize {
  readonly packed: number;
  readonly unpacked: number;
  readonly files: number;
  readonly runtimeDependencies: number;
}

/** The package as it is published, which takes a compiled checkout. */
export function packageSize(root: string): PackageSize {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [packed] = JSON.parse(output) as { readonly size: number; readonly unpackedSize: number; readonly entryCount: number }[];
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly dependencies?: object };
  return {
    packed: packed?.size ?? NaN,
    unpacked: packed?.unpackedSize ?? NaN,
    files: packed?.entryCount ?? NaN,
    runtimeDependencies: Object.keys(dependencies).length,
  };
}

/** What importing the module adds to a CDK app that has loaded what any custom resource of its own would take. */
export function packageGroup(root: string, { packed, unpacked, files, runtimeDependencies }: PackageSize): Group {
  const timer = (module: string) => `
    const now = () => Number(process.hrtime.bigint()) / 1e6;
    const started = now();
    const cdk = require('aws-cdk-lib');
    // Its parts are loaded when they are first asked for.
    void [cdk.App, cdk.aws_iam.Role, cdk.aws_lambda.Function, cdk.aws_s3.Bucket, cdk.custom_resources.Provider];
    const between = now();
    require(${JSON.stringify(module)});
    console.log(JSON.stringify([between - started, now() - between]));`;
  const loads = Array.from({ length: LOADS }, () =>
    JSON.parse(execFileSync(process.execPath, ['-e', timer(join(root, 'lib', 'index.js'))], { cwd: root, encoding: 'utf8' })) as [number, number]);
  return {
    title: 'The npm package',
    comparisons: [{
      what: 'Importing the module in an app',
      here: spread(loads.map(([, ours]) => ours), 'ms'),
      rival: { name: 'what of aws-cdk-lib a bare custom resource takes', ...spread(loads.map(([cdk]) => cdk), 'ms') },
    }],
    tables: [{
      head: ['What', 'How much'],
      rows: [
        ['Packed', count(packed, 'bytes').text],
        ['Unpacked', count(unpacked, 'bytes').text],
        ['Files', rounded(files)],
        ['Runtime dependencies', rounded(runtimeDependencies)],
      ],
    }],
    notes: [`Imported ${LOADS} times in a fresh Node.js.`],
  };
}
