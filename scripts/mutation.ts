/**
 * Counts the mutants of the deciding code that no test notices:
 * `npm run test:mutation -- [--folders lambda/import,src/shared] [--count 100] [--seed 1]`.
 *
 * Works on a copy of the repository in a temporary folder, so that nothing happens to yours. Draws `--count` mutants of the folders
 * (all of them with 0), and runs for each the tests in the mirrored folder, then every test that imports the file. Prints the
 * mutants that survive, and exits with 1 where fewer than 95 % are killed or explained (scripts/mutation-explained.json: for each file,
 * `original → replacement` and why no test can tell them apart).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { apply, type Mutant, mutantsOf } from './mutants';

const REPOSITORY = join(__dirname, '..');
const DECIDING = ['lambda', 'src/private/validation', 'src/private/permissions', 'src/shared', 'cli/orphans'];
const PROJECTS = ['--selectProjects', 'unit', 'unit-uncovered', 'cdk-newest', 'cdk-newest-uncovered'];
/** A mutant that makes a test run for ever is noticed. */
const TIMEOUT_MS = 600_000;
const ENOUGH = 0.95;

interface Candidate { readonly file: string; readonly mutant: Mutant }

const nameOf = ({ original, replacement }: Mutant) => `${original.replace(/\s+/g, ' ')} → ${replacement}`;

/** Returns the mutants of every source in the folders. */
function candidates(folders: readonly string[]): readonly Candidate[] {
  return folders
    .flatMap((folder) => readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).sort().map((path) => join(folder, path)))
    .filter((file) => file.endsWith('.ts') && statSync(join(REPOSITORY, file)).isFile())
    .flatMap((file) => mutantsOf(readFileSync(join(REPOSITORY, file), 'utf8')).map((mutant) => ({ file, mutant })));
}

/** Draws `count` of them, the same ones for the same seed. */
function draw<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return count === 0 ? all : all.map((each) => ({ each, key: random() })).sort((a, b) => a.key - b.key).slice(0, count).map(({ each }) => each);
}

/** Copies what the tests need. */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: REPOSITORY, encoding: 'utf8' }).split('\0').filter((path) => path !== '');
  tracked.forEach((path) => cpSync(join(REPOSITORY, path), join(copy, path)));
  ['node_modules', 'assets'].forEach((path) => symlinkSync(join(REPOSITORY, path), join(copy, path)));
  return copy;
}

/** Runs tests in the copy; returns whether one of them failed. */
function fails(copy: string, ...args: readonly string[]): boolean {
  const jest = join(copy, 'node_modules', 'jest', 'bin', 'jest.js');
  const { status } = spawnSync(process.execPath, [jest, ...PROJECTS, '--bail', '--silent', '--passWithNoTests', ...args], {
    cwd: copy, stdio: 'ignore', timeout: TIMEOUT_MS, killSignal: 'SIGKILL',
  });
  return status !== 0;
}

/** The tests of a source: those of its room; the constructs' tests are those of all that is private to them. */
function roomOf(file: string): string {
  return file.startsWith('src/private/') ? 'test/src' : join('test', file.replace(/^src\/shared\//, 'shared/'), '..');
}

function isKilled(copy: string, { file, mutant }: Candidate): boolean {
  const source = readFileSync(join(copy, file), 'utf8');
  writeFileSync(join(copy, file), apply(source, mutant));
  try {
    // The tests of the same room notice most, and soonest.
    return fails(copy, '--', roomOf(file)) || fails(copy, '--findRelatedTests', join(copy, file));
  } finally {
    writeFileSync(join(copy, file), source);
  }
}

function main(): void {
  const { values } = parseArgs({
    options: { folders: { type: 'string', default: DECIDING.join(',') }, count: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
  });
  const explained = JSON.parse(readFileSync(join(__dirname, 'mutation-explained.json'), 'utf8')) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const all = candidates(values.folders.split(','));
  const drawn = draw(all, Number(values.count), Number(values.seed));
  const copy = copyRepository();
  const counts = { killed: 0, explained: 0, survived: 0 };
  try {
    if (fails(copy, '--findRelatedTests', ...new Set(drawn.map(({ file }) => join(copy, file))))) {
      throw new Error('The tests fail without any mutant: mend them first.');
    }
    drawn.forEach((candidate, index) => {
      const { file, mutant } = candidate;
      const outcome = explained[file]?.[nameOf(mutant)] !== undefined ? 'explained' : isKilled(copy, candidate) ? 'killed' : 'survived';
      counts[outcome] += 1;
      console.log(`${index + 1}/${drawn.length} ${outcome.padEnd(9)} ${file}:${mutant.line} ${nameOf(mutant)}`);
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const share = (counts.killed + counts.explained) / drawn.length;
  console.log(`${drawn.length} of ${all.length} mutants: ${counts.killed} killed, ${counts.explained} explained, ${counts.survived} survived (${(share * 100).toFixed(1)} %)`);
  process.exitCode = share >= ENOUGH ? 0 : 1;
}

main();
