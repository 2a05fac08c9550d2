import { spawn } from 'node:child_process';
import { Fault, Scene, until } from './faults';
import type { Command } from './peer';
import { killTree } from './process-tree';
import type { CallRecord } from '../../test/local-cloud/emulator';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

/** Nothing of this benchmark takes as long. */
const TIMEOUT_MS = 420_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One command from its start to its end. */
export interface Run {
  /** By itself, by the fault, or because the benchmark does not wait any longer. */
  readonly end: 'exit' | 'killed' | 'timeout';
  /** The exit code; undefined when a signal ended it. */
  readonly code?: number;
  readonly seconds: number;
  readonly output: string;
}

/** Runs a command to its end, or to what the fault makes of it. */
export async function runUnder(command: Command, cloud: LocalCloud, fault?: Fault): Promise<Run> {
  const over = new AbortController();
  const child = spawn(command.file, command.args, { cwd: command.cwd, env: command.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const started = performance.now();
  let output = '';
  let end: Run['end'] = 'exit';
  const receive = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', receive);
  child.stderr.on('data', receive);
  const kill = async (why: 'killed' | 'timeout') => {
    end = why;
    if (child.pid !== undefined) {
      await killTree(child.pid);
    }
  };
  const timer = setTimeout(() => void kill('timeout'), TIMEOUT_MS);
  // What ends the benchmark ends the command, which is in a process group of its own.
  const stop = () => void kill('killed');
  SIGNALS.forEach((signal) => process.once(signal, stop));
  const scene: Scene = {
    cloud, over: over.signal, kill: async () => kill('killed'), taskStarted: async () => until({ over: over.signal }, () => importsOf(cloud).length > 0),
  };
  // A command that ends before its fault does ends the fault's waits.
  const happening = fault?.during?.(scene).catch((error: unknown) => {
    if (!over.signal.aborted) {
      throw error;
    }
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    return { end, code: code ?? undefined, seconds: (performance.now() - started) / 1000, output };
  } finally {
    clearTimeout(timer);
    SIGNALS.forEach((signal) => process.removeListener(signal, stop));
    over.abort();
    await happening;
    cloud.emulator.clearRules();
  }
}

/** The ImportImage calls that started a task. */
export function importsOf(cloud: LocalCloud): readonly CallRecord[] {
  return cloud.emulator.calls({ action: 'ImportImage' }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.status === 200);
}
