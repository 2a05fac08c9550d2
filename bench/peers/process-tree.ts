import { runCommand } from '../../test/local-cloud/command';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Kills a process and all below it: some tools start others in sessions of their own, which no signal to a group reaches. */
export async function killTree(pid: number): Promise<void> {
  [pid, ...descendantsOf(await processes(), pid)].forEach(kill);
}

/** Kills the processes of the Lambda functions that a cloud runs: all below its MiniStack, which is known by its folder. */
export async function killFunctions(folder: string): Promise<void> {
  functionsOf(await processes(), folder).forEach(kill);
}

export function functionsOf(all: readonly Process[], folder: string): readonly number[] {
  const ministack = all.find(({ command }) => command.includes('run-ministack.py') && command.endsWith(folder));
  return ministack === undefined ? [] : descendantsOf(all, ministack.pid);
}

/** Parents before their children. */
export function descendantsOf(all: readonly Process[], parent: number): readonly number[] {
  return all.filter((candidate) => candidate.parent === parent).flatMap(({ pid }) => [pid, ...descendantsOf(all, pid)]);
}

/** What `ps -eo pid=,ppid=,args=` prints. */
export function parseProcesses(text: string): readonly Process[] {
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }));
}

async function processes(): Promise<readonly Process[]> {
  const { stdout } = await runCommand('ps', ['-eo', 'pid=,ppid=,args='], { env: { PATH: process.env.PATH }, timeoutMs: 10_000 });
  return parseProcesses(stdout);
}

/** One that is gone already is fine. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
