/**
 * Runs the tests: `tsx scripts/run-tests.ts` what `npm test` runs, `… rest` the long runs beside it, `… all` both.
 * Prints the output of each part when it ends, then the seconds of each part, and "N passed, N failed" as the last line.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Part, type PartResult, runParts } from './parts';

const REPOSITORY = join(__dirname, '..');
const REPORTS = join(REPOSITORY, 'test-reports');

const jest = (name: string, projects: string, options = '', paths = '') =>
  `jest ${options} --selectProjects ${projects} --json --outputFile=test-reports/${name}.json -- ${paths}`;

const BUNDLE: Part = { name: 'bundle', command: 'tsx scripts/bundle.ts' };
const COMPILE: Part = { name: 'compile', command: 'projen compile', after: ['bundle'] };

/** What `npm test` runs. The deploys mostly wait, so they run beside the others, three at a time. */
const TEST: readonly Part[] = [
  BUNDLE,
  COMPILE,
  { name: 'e2e', command: jest('e2e', 'e2e', '--maxWorkers=3'), after: ['bundle'] },
  {
    name: 'unit',
    command: jest('unit', 'unit unit-uncovered cdk-newest cdk-newest-uncovered random cdk-floor', '--coverage'),
    // Simulated lifecycles make much that is soon garbage: with room for it they take a fifteenth less.
    env: { NODE_OPTIONS: '--max-semi-space-size=64' },
    after: ['bundle'],
  },
  { name: 'package', command: jest('package', 'package'), after: ['compile'] },
];

/**
 * The compiler's and the linter's view of the tests, and the long runs: other languages, the deploy of every example, hundreds of imports
 * at once, the figures of the bench that a run repeats, many more random inputs, the whole of the oldest CDK, and every disk that boots.
 */
const REST: readonly Part[] = [
  { name: 'typecheck', command: 'tsc --noEmit -p tsconfig.dev.json' },
  { name: 'eslint', command: 'projen eslint' },
  { name: 'languages', command: jest('languages', 'languages') },
  { name: 'e2e-long', command: jest('e2e-long', 'e2e-long'), after: ['languages'] },
  {
    name: 'random-long',
    command: jest('random-long', 'random'),
    env: { SCHEDULES: '2000', DISK_IMAGE_FUZZ_RUNS: '22000', VIRTUAL_DISK_FUZZ_RUNS: '2000', COPIED_DISKS: '80' },
  },
  { name: 'bench', command: jest('bench', 'bench'), after: ['e2e-long'] },
  { name: 'cdk-floor-rest', command: jest('cdk-floor-rest', 'cdk-floor-rest'), after: ['bench'] },
  {
    name: 'every-case',
    command: jest('every-case', 'unit-uncovered cdk-newest-uncovered', '', 'test/lambda/.*crash test/security/hostile-input test/security/lint'),
    env: { EVERY_CALL: 'true', EVERY_ENVIRONMENT: 'true', HOSTILE_TEXTS: '25' },
    after: ['cdk-floor-rest'],
  },
  // Bundles again, so it runs when nobody else reads assets/.
  { name: 'integ-snapshot', command: 'projen integ:snapshot', after: ['every-case'] },
  {
    name: 'boots',
    command: jest('boots', 'unit-uncovered', '--maxConcurrency=2', 'test/shared/disk-image/boots'),
    env: { DISK_IMAGE_BOOTS: 'all' },
    after: ['integ-snapshot'],
  },
];

/** How many tests of a part passed and failed. A part that is no jest run counts as one failure when it failed. */
function count({ name, status }: PartResult): { readonly passed: number; readonly failed: number } {
  const report = join(REPORTS, `${name}.json`);
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8')) as Readonly<Record<string, number>> : {};
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: status === 'passed' ? failed : Math.max(failed, 1) };
}

async function main(which: string): Promise<void> {
  const parts = {
    test: TEST,
    rest: [BUNDLE, COMPILE, ...REST.map((part) => ({ ...part, after: ['compile', ...part.after ?? []] }))],
    all: [
      ...TEST, ...REST.map((part) => ({ ...part, after: ['unit', 'e2e', 'package', ...part.after ?? []] })),
    ],
  }[which];
  if (parts === undefined) {
    throw new Error(`"${which}" is not one of test, rest, all.`);
  }
  mkdirSync(REPORTS, { recursive: true });
  parts.forEach(({ name }) => rmSync(join(REPORTS, `${name}.json`), { force: true }));
  process.chdir(REPOSITORY);
  process.env.PATH = [join(REPOSITORY, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const started = performance.now();
  const results = await runParts(parts, ({ name, status, seconds, output }) => {
    process.stdout.write(`\n=== ${name}: ${status} after ${seconds.toFixed(0)} s\n${output}`);
  });
  console.log(`\n${'part'.padEnd(18)}${'seconds'.padStart(8)}  result`);
  results.forEach(({ name, seconds, status }) => console.log(`${name.padEnd(18)}${seconds.toFixed(0).padStart(8)}  ${status}`));
  console.log(`${'all'.padEnd(18)}${((performance.now() - started) / 1000).toFixed(0).padStart(8)}`);
  const counts = results.map(count);
  const [passed, failed] = [counts.reduce((sum, each) => sum + each.passed, 0), counts.reduce((sum, each) => sum + each.failed, 0)];
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main(process.argv[2] ?? 'test');
