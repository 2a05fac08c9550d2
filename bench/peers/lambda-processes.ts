import { runCommand } from '../../test/local-cloud/command';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Kills the processes of the Lambda functions that a cloud runs: children of its MiniStack, which is known by its folder. */
export async function killFunctions(cloud: LocalCloud): Promise<void> {
  const { stdout } = await runCommand('ps', ['-eo', 'pid=,ppid=,args='], { env: { PATH: process.env.PATH }, timeoutMs: 10_000 });
  functionsOf(parseProcesses(stdout), cloud.folder).forEach((pid) => process.kill(pid, 'SIGKILL'));
}

/** The processes that MiniStack started, and theirs. */
export function functionsOf(processes: readonly Process[], folder: string): readonly number[] {
  const ministack = processes.find(({ command }) => command.includes('run-ministack.py') && command.endsWith(folder));
  const below = (parent: number): readonly number[] => processes
    .filter((candidate) => candidate.parent === parent)
    .flatMap(({ pid }) => [pid, ...below(pid)]);
  return ministack === undefined ? [] : below(ministack.pid);
}

/** What `ps -eo pid=,ppid=,args=` prints. */
export function parseProcesses(text: string): readonly Process[] {
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }));
}
