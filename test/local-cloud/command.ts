import { spawn } from 'node:child_process';

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment of the command: nothing is inherited beside it. */
  readonly env: NodeJS.ProcessEnv;
  /** The command and all its children are killed after this many milliseconds. */
  readonly timeoutMs: number;
  /** Kills the command and all its children when it is aborted. */
  readonly signal?: AbortSignal;
  /** Receives the output as it comes. */
  readonly onOutput?: (chunk: string) => void;
}

/** What became of a command that could be started. */
export interface CommandResult {
  /** The exit code; -1 when a signal ended the command. */
  readonly code: number;
  /** Standard output only. */
  readonly stdout: string;
  /** Standard output and standard error in the order of their arrival. */
  readonly output: string;
}

/**
 * Runs one command to its end, without a shell and without standard input.
 * Rejects when it cannot be started, runs out of time or is aborted; an exit code is the caller's to judge.
 */
export async function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that a kill reaches the grandchildren too (npx, the CDK CLI and its app).
    const child = spawn(file, args, { cwd: options.cwd, env: options.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let output = '';
    let stopped: Error | undefined;
    const stop = (reason: Error) => {
      stopped ??= reason;
      killGroup(child.pid, 'SIGKILL');
    };
    const timer = setTimeout(() => stop(new Error(`"${file} ${args.join(' ')}" did not end within ${options.timeoutMs / 1000} s.\n${output}`)), options.timeoutMs);
    const abort = () => stop(new Error(`"${file} ${args.join(' ')}" was stopped.`));
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    };
    const receive = (chunk: string) => {
      output += chunk;
      options.onOutput?.(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      receive(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', receive);
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      if (stopped) {
        reject(stopped);
      } else {
        resolve({ code: code ?? -1, stdout, output });
      }
    });
    if (options.signal?.aborted) {
      abort();
    } else {
      options.signal?.addEventListener('abort', abort, { once: true });
    }
  });
}

/** Sends a signal to a process group; one that is gone already is fine. */
export function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) {
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
