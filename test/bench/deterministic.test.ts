/** What of the figures in bench/RESULTS.md is the same on every machine, and so is promised. Times are not. */
import { join } from 'node:path';
import { Bundles, bundleGroup, MOST, type BundleSizes } from '../../bench/bundle-size';
import { costGroup, costsOf } from '../../bench/costs';
import { GIGABYTE, inspectDisk, TERABYTE } from '../../bench/inspection';
import { importGroup, MOST_CALLS, runImports, type ImportRun } from '../../bench/one-import';
import { QUOTA, runLoad, scaleGroup } from '../../bench/scale';

const ROOT = join(__dirname, '..', '..');

describe('the bundle of the handlers', () => {
  let sizes: BundleSizes;
  beforeAll(async () => {
    const bundles = await Bundles.make(ROOT);
    sizes = bundles.sizes();
    bundles.remove();
  });

  test('is at most 300 KB, and 95 KB gzipped', () => {
    expect(MOST).toEqual({ bytes: 300_000, gzipped: 95_000 });
    expect(sizes.lean.bytes).toBeLessThanOrEqual(MOST.bytes);
    expect(sizes.lean.gzipped).toBeLessThanOrEqual(MOST.gzipped);
  });

  test('is at most a fifth of what esbuild makes of the same handlers', () => {
    expect(sizes.lean.bytes).toBeLessThanOrEqual(sizes.asItComes.bytes / 5);
    expect(sizes.lean.gzipped).toBeLessThanOrEqual(sizes.asItComes.gzipped / 4);
  });

  test('is told by its parts, which are all of it but a little glue', () => {
    const parts = sizes.packages.reduce((sum, [, bytes]) => sum + bytes, 0);
    expect(parts / sizes.lean.bytes).toBeGreaterThan(0.95);
    expect(sizes.packages.map(([name]) => name)).toEqual(expect.arrayContaining(['@smithy/core', '@aws-sdk/client-ec2', 'our lambda/', 'our src/']));
    expect(bundleGroup(sizes).comparisons).toHaveLength(4);
  });
});

describe('an import of an hour', () => {
  let runs: readonly ImportRun[];
  beforeAll(async () => {
    runs = await runImports();
  });

  test('makes one call in every pass that sees its task at work, and in the one that hands over', () => {
    expect(new Set(runs.flatMap(({ callsWhileItRuns }) => callsWhileItRuns))).toEqual(new Set([1]));
  });

  test('makes fewer than 130 calls to AWS in all, to CloudFormation too', () => {
    expect(MOST_CALLS).toBe(129);
    expect(Math.max(...runs.map(({ calls }) => calls))).toBeLessThanOrEqual(MOST_CALLS);
    expect(Math.min(...runs.map(({ duration }) => duration))).toBeGreaterThan(59 * 60_000);
  });

  test('is seen to be complete within one poll interval and a pass, and answered two later when Image Builder is done', () => {
    expect(Math.max(...runs.map(({ noticedAfter }) => noticedAfter))).toBeLessThanOrEqual(31_000);
    expect(Math.max(...runs.map(({ answeredAfter, imageBuilderTook }) => answeredAfter - imageBuilderTook))).toBeLessThanOrEqual(62_000);
  });

  test('invokes nothing when the same template is deployed again', () => {
    expect(runs.map(({ invocationsOfNoChange }) => invocationsOfNoChange)).toEqual(runs.map(() => 0));
  });

  test('costs a cent at most', () => {
    const [run] = runs;
    expect(costsOf(run ?? { passes: NaN, onEvents: NaN, loggedBytes: NaN }).all).toBeLessThan(0.01);
    expect(costGroup(runs.map((each) => ({ what: 'an hour', run: each }))).tables[0]?.rows).toHaveLength(runs.length);
    expect(importGroup(runs).tables[0]?.rows).toContainEqual(['Invocations by a deployment that changes nothing', '0', '0']);
  });
});

test('a look at a sparse disk of a terabyte reads what one at a gigabyte reads', () => {
  const [small, large] = [GIGABYTE, TERABYTE].map((size) => inspectDisk(size, (look) => look()));
  expect(large).toEqual(small);
  expect(small?.bytes).toBeLessThan(100_000);
});

test('the calls of a minute grow no faster than the imports that wait, and slots that free up start no storm', async () => {
  const [few, many] = [await runLoad(2 * QUOTA), await runLoad(6 * QUOTA)];
  expect(many.meanCallsPerMinute / few.meanCallsPerMinute).toBeLessThanOrEqual(3);
  expect(many.minutes / few.minutes).toBeLessThanOrEqual(3);
  // Two passes a minute of one call, and what starting, tagging and finishing takes of those that do.
  expect(many.peakCallsPerMinute).toBeLessThanOrEqual(many.imports * 2 * 4 + QUOTA * 20);
  expect(scaleGroup([few, many]).tables[0]?.rows.map(([imports]) => imports)).toEqual(['40', '120']);
}, 120_000);
