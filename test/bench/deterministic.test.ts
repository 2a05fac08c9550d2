/** The figures of bench/RESULTS.md that are the same on every machine. */
import { costsOf } from '../../bench/costs';
import { runCopies } from '../../bench/disk-copy-scale';
import { GIGABYTE, inspectDisk, TERABYTE } from '../../bench/inspection';
import { importGroup, MOST_CALLS, runImport, runImports, type ImportRun } from '../../bench/one-import';
import { QUOTA, runLoad, scaleGroup } from '../../bench/scale';

const MINUTE = 60_000;

describe('an import of an hour', () => {
  let runs: readonly ImportRun[];
  beforeAll(async () => {
    runs = await runImports();
  });

  test('makes one call in every pass that sees its task run, and in the one that hands over', () => {
    expect(new Set(runs.flatMap(({ callsWhileItRuns }) => callsWhileItRuns))).toEqual(new Set([1]));
  });

  test('makes at most 130 calls to AWS, those to CloudFormation included', () => {
    expect(MOST_CALLS).toBe(130);
    expect(Math.max(...runs.map(({ calls }) => calls))).toBeLessThanOrEqual(MOST_CALLS);
    expect(Math.min(...runs.map(({ duration }) => duration))).toBeGreaterThan(59 * MINUTE);
  });

  test('sees its task complete within one poll interval and a pass, and answers two passes after Image Builder is done', () => {
    expect(Math.max(...runs.map(({ noticedAfter }) => noticedAfter))).toBeLessThanOrEqual(31_000);
    expect(Math.max(...runs.map(({ answeredAfter, imageBuilderTook }) => answeredAfter - imageBuilderTook))).toBeLessThanOrEqual(62_000);
  });

  test('invokes nothing if the same template is deployed again', () => {
    expect(runs.map(({ invocationsOfNoChange }) => invocationsOfNoChange)).toEqual(runs.map(() => 0));
  });

  test('costs less than a cent', () => {
    const all = runs.map((run) => costsOf(run).all);
    expect(Math.max(...all)).toBeLessThan(0.01);
    expect(Math.min(...all)).toBeGreaterThan(0.001);
  });
});

test('an import whose image is in progress makes one call a pass', async () => {
  const slow = await runImport(15 * MINUTE, 10 * MINUTE);
  expect(slow.callsWhileImageInProgress.length).toBeGreaterThan(15);
  expect(new Set(slow.callsWhileImageInProgress)).toEqual(new Set([1]));
  expect(importGroup([slow], slow).tables[0]?.rows).toContainEqual(['Calls of a pass while the image is in progress', '1']);
});

test('an inspection of a sparse disk of a terabyte reads the same as of a gigabyte', () => {
  const [small, large] = [GIGABYTE, TERABYTE].map((size) => inspectDisk(size, (inspect) => inspect()));
  expect(large).toEqual(small);
  expect(small?.bytes).toBeLessThan(100_000);
});

test('calls grow no faster than the imports that wait, within EC2\'s request limits, and free slots start no wave of calls', async () => {
  const [few, many] = [await runLoad(2 * QUOTA), await runLoad(6 * QUOTA)];
  expect(many.meanCallsPerMinute / few.meanCallsPerMinute).toBeLessThanOrEqual(3);
  expect(many.minutes / few.minutes).toBeLessThanOrEqual(3);
  // Two passes a minute of one call each, and the calls of those that start, tag and finish.
  expect(many.peakCallsPerMinute).toBeLessThanOrEqual(many.imports * 2 * 4 + QUOTA * 20);
  expect(scaleGroup([few, many]).tables[0]?.rows.map(([imports]) => imports)).toEqual(['40', '120']);
}, 120_000);

test('copies of ten disks at once use nearly all of the quota of EBS, and less than a tenth of their calls is throttled', async () => {
  const { seconds, calls, throttled } = await runCopies(10, 2);
  const blocks = 10 * 2 * 2_048;
  expect(calls - throttled).toBe(blocks);
  expect(blocks / seconds).toBeGreaterThan(900);
  expect(throttled).toBeGreaterThan(0);
  expect(throttled / calls).toBeLessThan(0.1);
}, 60_000);

test('a copy of a disk comes close to the quota of EBS, and throttles take little of it', async () => {
  const { seconds, calls, throttled, dollars } = await runCopies(1, 8);
  const blocks = 8 * 2_048;
  expect(calls - throttled).toBe(blocks);
  expect(blocks / seconds).toBeGreaterThan(800);
  expect(blocks / seconds).toBeLessThanOrEqual(1_000 + 1_000 / seconds);
  expect(throttled / calls).toBeLessThan(0.05);
  expect(dollars).toBeCloseTo(0.1, 1);
});
