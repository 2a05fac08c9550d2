import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command';

/** The folder of the repository that holds what the loopback AWS keeps between runs; git ignores it. */
const CACHE = join(__dirname, '..', '..', '.local-cloud');

/** `python3` first; the others are for machines whose `python3` is an old one that belongs to the system. */
const INTERPRETERS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** Prints what decides whether, and which, environment can be made. ensurepip is what Debian packs apart, as python3-venv. */
const PROBE = `
import json, sys
try:
    import ensurepip, venv
    ready = True
except ImportError:
    ready = False
print(json.dumps({"version": sys.version, "recent": sys.version_info >= (3, 10), "prefix": sys.base_prefix, "venv": ready}))
`;

const PROBE_TIMEOUT_MS = 30_000;
const INSTALL_TIMEOUT_MS = 300_000;
/** What a killed run left half built is removed after this time; nothing builds for that long. */
const ABANDONED_AFTER_MS = 2 * INSTALL_TIMEOUT_MS;

interface Interpreter {
  readonly command: string;
  readonly version: string;
  readonly prefix: string;
}

/**
 * A Python environment that holds `requirements` (pinned, as pip writes them) in `.local-cloud/`: made on
 * first use, found again afterwards without the network. Call modules as `python -m`: the environment was
 * moved to its place after it was built, so the scripts in its `bin` name a folder that is gone.
 */
export async function pythonVenv(requirements: readonly string[], signal?: AbortSignal): Promise<{ python: string }> {
  const interpreter = await findInterpreter(signal);
  // An environment points at the interpreter that made it, so another interpreter means another environment.
  const identity = JSON.stringify([interpreter.version, interpreter.prefix, [...requirements].sort()]);
  const home = join(CACHE, `venv-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`);
  if (!existsSync(home)) {
    await build(interpreter, requirements, home, signal);
  }
  return { python: join(home, 'bin', 'python') };
}

/** Reads a file of pinned requirements in this folder. */
export function requirementsIn(file: string): readonly string[] {
  return readFileSync(join(__dirname, file), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

async function findInterpreter(signal?: AbortSignal): Promise<Interpreter> {
  const refused: string[] = [];
  for (const command of INTERPRETERS) {
    const probe = await runCommand(command, ['-c', PROBE], { env: process.env, timeoutMs: PROBE_TIMEOUT_MS, signal }).catch(() => undefined);
    signal?.throwIfAborted();
    if (probe?.code !== 0) {
      continue;
    }
    const found = JSON.parse(probe.stdout) as { version: string; recent: boolean; prefix: string; venv: boolean };
    if (found.recent && found.venv) {
      return { command, version: found.version, prefix: found.prefix };
    }
    refused.push(found.recent ? `${command} has no venv module` : `${command} is version ${found.version.split(' ')[0]}`);
  }
  throw new Error(
    `The loopback AWS needs Python 3.10 or newer with its venv module (${refused.join('; ') || 'no python3 is on the PATH'}): ` +
      'install it, on Debian and Ubuntu by `apt-get install python3 python3-venv`.',
  );
}

/** Builds in a folder of its own and moves the result into place, so that two builds at once do not meet. */
async function build(interpreter: Interpreter, requirements: readonly string[], home: string, signal?: AbortSignal): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  await removeAbandoned();
  const building = await mkdtemp(join(CACHE, 'building-'));
  try {
    await step(interpreter.command, ['-m', 'venv', building], signal);
    await step(join(building, 'bin', 'python'), [
      '-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', '--disable-pip-version-check', ...requirements,
    ], signal);
    await rename(building, home).catch((error: NodeJS.ErrnoException) => {
      // The other build was first; its environment is as good as this one.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') {
        throw error;
      }
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function step(command: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const { code, output } = await runCommand(command, args, { env: process.env, timeoutMs: INSTALL_TIMEOUT_MS, signal });
  if (code !== 0) {
    throw new Error(`The Python environment of the loopback AWS could not be made: "${command} ${args.join(' ')}" ended with ${code}.\n${output.trim()}`);
  }
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const path = join(CACHE, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (name.startsWith('building-') && age > ABANDONED_AFTER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
