import { execFileSync } from 'node:child_process';
import type { Bundles } from './bundle-size';
import { spread, type Group } from './figure';

const LOADS = 20;
/** The greatest part of the rival's time that loading may take. */
const AT_MOST = 0.8;

/** Prints the milliseconds that a module takes to load, and the resident megabytes after it. */
const TIMER = `
const started = process.hrtime.bigint();
require(process.argv[1]);
console.log(JSON.stringify({ ms: Number(process.hrtime.bigint() - started) / 1e6, megabytes: process.memoryUsage.rss() / 1e6 }));
`;

export interface Load {
  readonly ms: number;
  readonly megabytes: number;
}

/** Loads a module in a fresh Node.js. */
export function load(path: string): Load {
  const env = { PATH: process.env.PATH, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', NODE_NO_WARNINGS: '1' };
  return JSON.parse(execFileSync(process.execPath, ['-e', TIMER, path], { env, encoding: 'utf8' })) as Load;
}

/** In turns, so that what else the machine does hits all alike. */
export function coldStartGroup(bundles: Bundles): Group {
  const rounds = Array.from({ length: LOADS }, () => ({
    lean: load(bundles.path('lean')), asItComes: load(bundles.path('as-it-comes')), minified: load(bundles.path('minified')),
  }));
  const [lean, asItComes, minified] = (['lean', 'asItComes', 'minified'] as const).map((name) => spread(rounds.map((round) => round[name].ms), 'ms'));
  const [leanMemory, theirMemory] = (['lean', 'asItComes'] as const).map((name) => spread(rounds.map((round) => round[name].megabytes), 'MB'));
  return {
    title: 'Cold start',
    comparisons: lean && asItComes && minified && leanMemory && theirMemory
      ? [
        { what: 'Loading the bundle', here: lean, rival: { name: 'esbuild as it comes', ...asItComes }, limit: { kind: 'ratio', atMost: AT_MOST } },
        { what: 'Loading the bundle', here: lean, rival: { name: 'esbuild with minify', ...minified } },
        { what: 'Resident memory after it', here: leanMemory, rival: { name: 'esbuild as it comes', ...theirMemory } },
      ]
      : [],
    tables: [],
    notes: [`Each loaded ${LOADS} times in a fresh Node.js, in turns; medians, with the least and the greatest.`],
  };
}
