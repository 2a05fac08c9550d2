import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rounded, spread, type Group } from './figure';

const LOADS = 10;

/** Prints the milliseconds that the module adds to an app that has loaded what a custom resource of its own needs. */
const TIMER = `
const cdk = require('aws-cdk-lib');
// The CDK loads its modules when they are first used.
void [cdk.App, cdk.aws_iam.Role, cdk.aws_lambda.Function, cdk.aws_s3.Bucket, cdk.custom_resources.Provider];
const started = process.hrtime.bigint();
require(process.argv[1]);
console.log(Number(process.hrtime.bigint() - started) / 1e6);
`;

/** Measures the package as npm publishes it, which requires a compiled checkout. */
export function packageGroup(root: string): Group {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ size, unpackedSize, entryCount } = { size: NaN, unpackedSize: NaN, entryCount: NaN }] =
    JSON.parse(output) as readonly { readonly size: number; readonly unpackedSize: number; readonly entryCount: number }[];
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly dependencies?: object };
  const loads = Array.from({ length: LOADS }, () =>
    Number(execFileSync(process.execPath, ['-e', TIMER, join(root, 'lib', 'index.js')], { cwd: root, encoding: 'utf8' })));
  return {
    title: 'The npm package',
    tables: [{
      head: ['What', 'How much'],
      rows: [
        ['Packed', `${rounded(size)} bytes`],
        ['Unpacked', `${rounded(unpackedSize)} bytes`],
        ['Files', rounded(entryCount)],
        ['Runtime dependencies beside the peers', rounded(Object.keys(dependencies).length)],
        ['Time to load it in an app', spread(loads, 'ms')],
      ],
    }],
    notes: [`Loaded ${LOADS} times in a fresh Node.js, after aws-cdk-lib.`],
  };
}
