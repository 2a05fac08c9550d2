/**
 * Counts the mutants of the deciding code that no test notices:
 * `npm run test:mutation -- [--folders lambda/import,src/shared] [--count 100] [--seed 1] [--workers 2]`.
 *
 * Works on a copy of the repository in a temporary folder, so that nothing happens to yours. Writes all mutants of the folders into the
 * sources of the copy, each behind a switch, runs every test file once to see which mutants it reaches, and draws `--count` mutants (all
 * of them with 0). Switches on one drawn mutant after the other, and runs the test files that reach it until one fails, those of the
 * mirrored folder first. Prints the mutants that survive, and exits with 1 where fewer than 95 % are killed or explained
 * (scripts/mutation-explained.json: for each file, the name of a mutant as printed here, and why no test can notice it).
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutant, mutantsOf, switchable } from './mutants';
import { Lane } from './mutation-lane';
import type { TestFile } from './mutation-worker';

const REPOSITORY = join(__dirname, '..');
const DECIDING = ['lambda', 'src/private/validation', 'src/private/permissions', 'src/shared', 'cli/orphans'];
const PROJECTS = ['unit', 'unit-uncovered', 'cdk-newest', 'cdk-newest-uncovered'];
const ENOUGH = 0.95;
/** The processor time for the tests of other rooms, so that survivors do not take all of the time. What only the rest of them notices survives. */
const BUDGET_SECONDS = 20;
/** What the sources ask whether a mutant is active. Another process, which runs the code without jest, has no mutants. */
const IS_ACTIVE = '$m';
const PRELUDE = `const ${IS_ACTIVE}: (id: number) => boolean = (globalThis as any).isActiveMutant ?? (() => false);`;

interface Candidate { readonly id: number; readonly file: string; readonly mutant: Mutant; readonly name: string }

interface RecordedTest { readonly test: TestFile; readonly seconds: number; readonly reached: ReadonlySet<number> }

/** Returns the mutants of every source in the folders. A name tells the mutants of a file apart and survives changes of other lines. */
function candidates(folders: readonly string[]): readonly Candidate[] {
  const files = folders
    .flatMap((folder) => readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' }).sort().map((path) => join(folder, path)))
    .filter((file) => file.endsWith('.ts') && statSync(join(REPOSITORY, file)).isFile());
  const named = files.flatMap((file) => {
    const source = readFileSync(join(REPOSITORY, file), 'utf8');
    const lines = source.split('\n');
    const times = new Map<string, number>();
    return mutantsOf(source).map((mutant) => {
      const plain = `${mutant.original.replace(/\s+/g, ' ')} → ${mutant.replacement} in ${lines[mutant.line - 1]?.trim()}`;
      const nth = (times.get(plain) ?? 0) + 1;
      times.set(plain, nth);
      return { file, mutant, name: nth === 1 ? plain : `${plain} (${nth})` };
    });
  });
  return named.map((each, id) => ({ ...each, id }));
}

/** Draws `count` of them, the same ones for the same seed. */
function draw<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return count === 0 ? all : all.map((each) => ({ each, key: random() })).sort((a, b) => a.key - b.key).slice(0, count).map(({ each }) => each);
}

/** Copies what the tests need, and writes the mutants into the copy. */
function copyWithMutants(all: readonly Candidate[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
  const paths = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: REPOSITORY, encoding: 'utf8' });
  paths.split('\0').filter((path) => path !== '').forEach((path) => cpSync(join(REPOSITORY, path), join(copy, path)));
  ['node_modules', 'assets'].forEach((path) => symlinkSync(join(REPOSITORY, path), join(copy, path)));
  for (const { file, id } of all.filter((candidate, index) => candidate.file !== all[index - 1]?.file)) {
    const mutants = all.filter((candidate) => candidate.file === file).map(({ mutant }) => mutant);
    writeFileSync(join(copy, file), `${PRELUDE} ${switchable(readFileSync(join(REPOSITORY, file), 'utf8'), mutants, IS_ACTIVE, id)}`);
  }
  return copy;
}

/** Returns the test files that import one of the sources. */
function relatedTests(copy: string, files: ReadonlySet<string>): readonly TestFile[] {
  const jest = join(copy, 'node_modules', 'jest', 'bin', 'jest.js');
  return PROJECTS.flatMap((project) => {
    const list = execFileSync(process.execPath, [jest, '--selectProjects', project, '--listTests', '--json', '--findRelatedTests', ...files], {
      cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (JSON.parse(list) as readonly string[]).map((path) => ({ project, path: path.replace(`${copy}/`, '') }));
  });
}

/** Runs every test file without a mutant. */
async function record(lanes: readonly Lane[], tests: readonly TestFile[]): Promise<readonly RecordedTest[]> {
  const recorded: RecordedTest[] = [];
  const failed: string[] = [];
  await inLanes(lanes, tests, async (lane, test) => {
    let result = await lane.run({ test }, 600);
    if (result === undefined || result.failed) {
      // Perhaps of what another test file left in the process.
      lane.stop();
      result = await lane.run({ test }, 600);
    }
    if (result === undefined || result.failed) {
      failed.push(test.path);
    } else {
      recorded.push({ test, seconds: result.seconds, reached: new Set(result.reached) });
    }
  });
  if (failed.length > 0) {
    throw new Error(`These tests fail without any mutant: ${failed.join(', ')}. Mend them first.`);
  }
  return recorded;
}

async function inLanes<T>(lanes: readonly Lane[], items: readonly T[], work: (lane: Lane, item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  await Promise.all(lanes.map(async (lane) => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await work(lane, item);
    }
  }));
}

/** The tests of a source: those of the folder that mirrors its own, or the nearest one above it that has tests. */
function roomOf(file: string): string {
  let room = join('test', file.startsWith('src/shared/') ? relative('src', file) : file);
  do {
    room = dirname(room);
  } while (!existsSync(join(REPOSITORY, room)));
  return room;
}

/** Returns the test file that notices the mutant. */
async function killerOf(
  { id, file }: Candidate, recorded: readonly RecordedTest[], kills: Map<string, number>, lane: Lane,
): Promise<string | undefined> {
  const room = roomOf(file);
  const isOfRoom = ({ test }: RecordedTest) => test.path.startsWith(room);
  // The room comes first, and in it what is quick or noticed other mutants of the source.
  const price = (each: RecordedTest) => (isOfRoom(each) ? 1 : 1000) * each.seconds / (1 + (kills.get(`${file} ${each.test.path}`) ?? 0));
  const tests = recorded.filter(({ reached }) => reached.has(id)).sort((a, b) => price(a) - price(b));
  let spent = 0;
  for (const each of tests) {
    const { test, seconds } = each;
    spent += isOfRoom(each) ? 0 : seconds;
    if (spent > BUDGET_SECONDS) {
      break;
    }
    const result = await lane.run({ test, mutant: id }, 15 + 8 * seconds);
    // A mutant that makes a test run for ever is noticed.
    if (result === undefined || result.failed) {
      kills.set(`${file} ${test.path}`, (kills.get(`${file} ${test.path}`) ?? 0) + 1);
      return test.path;
    }
  }
  return undefined;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      folders: { type: 'string', default: DECIDING.join(',') },
      count: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const explained = JSON.parse(readFileSync(join(__dirname, 'mutation-explained.json'), 'utf8')) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const all = candidates(values.folders.split(','));
  const drawn = draw(all, Number(values.count), Number(values.seed));
  const copy = copyWithMutants(all);
  const lanes = Array.from({ length: Number(values.workers) }, () => new Lane(copy));
  const counts = { killed: 0, explained: 0, survived: 0 };
  try {
    const recorded = await record(lanes, relatedTests(copy, new Set(drawn.map(({ file }) => join(copy, file)))));
    console.log(`${recorded.length} test files take ${recorded.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(0)} s without a mutant.`);
    const kills = new Map<string, number>();
    await inLanes(lanes, [...drawn.entries()], async (lane, [index, candidate]) => {
      const { file, mutant, name } = candidate;
      const isExplained = explained[file]?.[name] !== undefined;
      const killer = isExplained ? undefined : await killerOf(candidate, recorded, kills, lane);
      const outcome = isExplained ? 'explained' : killer === undefined ? 'survived' : 'killed';
      counts[outcome] += 1;
      console.log(`${index + 1}/${drawn.length} ${outcome.padEnd(9)} ${file}:${mutant.line} ${name}${killer === undefined ? '' : ` (${killer})`}`);
    });
  } finally {
    lanes.forEach((lane) => lane.stop());
    rmSync(copy, { recursive: true, force: true });
  }
  const share = (counts.killed + counts.explained) / drawn.length;
  console.log(`${drawn.length} of ${all.length} mutants: ${counts.killed} killed, ${counts.explained} explained, ${counts.survived} survived (${(share * 100).toFixed(1)} %)`);
  process.exitCode = share >= ENOUGH ? 0 : 1;
}

void main();
