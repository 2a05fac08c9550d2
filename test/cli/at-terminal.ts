import { join } from 'node:path';
import { runCommand } from '../local-cloud/command';

/** What is done at the terminal once something is to be seen there; see at-terminal.py. */
export interface Step {
  readonly until: string;
  readonly type?: string;
  readonly columns?: number;
}

export interface AtTerminal {
  readonly output: string;
  /** The exit status; negative: the signal that ended it. */
  readonly status: number;
  /** Whether what is typed is still shown. */
  readonly echo: boolean;
  /** Steps that never came. */
  readonly left: readonly Step[];
}

/** Runs a command at a pseudo-terminal of the operating system. */
export async function atTerminal(
  command: readonly string[], env: NodeJS.ProcessEnv, steps: readonly Step[], { columns = 80, rows = 24 } = {},
): Promise<AtTerminal> {
  const plan = { command, env: { TERM: 'xterm', ...env }, columns, rows, steps };
  const { code, output, stdout } = await runCommand('python3', [join(__dirname, 'at-terminal.py'), JSON.stringify(plan)], {
    env: { PATH: process.env.PATH }, timeoutMs: 90_000,
  });
  if (code !== 0) {
    throw new Error(`The terminal ended with ${code}.\n${output}`);
  }
  return JSON.parse(stdout) as AtTerminal;
}
