/**
 * A process that runs one test file after the other, each with one mutant or none, in the copy of the repository that is its working
 * directory. It stays alive because starting jest and loading the code anew takes longer than most test files do.
 */
import { join } from 'node:path';
import { buildArgv, runCLI } from 'jest';

export interface TestFile {
  readonly project: string;
  readonly path: string;
}

export interface TestRun {
  readonly test: TestFile;
  /** Without a mutant, the run collects the mutants that the test file reaches. */
  readonly mutant?: number;
}

export interface TestRunResult {
  readonly failed: boolean;
  readonly reached: readonly number[];
  /** Of the processor. */
  readonly seconds: number;
  /** Of this process. Jest keeps much of what a test file loaded. */
  readonly megabytes: number;
}

interface JestConfig { readonly projects: ReadonlyArray<{ readonly displayName: string }> }

async function run({ test, mutant }: TestRun): Promise<TestRunResult> {
  const root = process.cwd();
  const { projects } = await import(join(root, 'jest.config.json')) as JestConfig;
  const project = projects.find(({ displayName }) => displayName === test.project);
  const reached = new Set<number>();
  Object.assign(globalThis, { mutation: { active: mutant, reached } });
  const config = JSON.stringify({ ...project, rootDir: root, testEnvironment: '<rootDir>/scripts/mutation-environment.cjs' });
  const argv = await buildArgv(['--runInBand', '--silent', '--runTestsByPath', '--no-watchman', test.path]);
  const before = process.cpuUsage();
  const { results } = await runCLI({ ...argv, config, reporters: [] }, [root]);
  const { user, system } = process.cpuUsage(before);
  return {
    failed: !results.success || results.numTotalTestSuites === 0,
    reached: [...reached],
    seconds: (user + system) / 1e6,
    megabytes: process.memoryUsage.rss() / 1e6,
  };
}

process.on('message', (message: TestRun) => {
  run(message).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
