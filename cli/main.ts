import { parseCall, USAGE } from './arguments';
import { lookAt } from './look';
import { paintFor } from './paint';
import { printable, reasonOf } from './printable';
import { isImportable, report } from './report';

/** Where a command writes. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command line; returns the exit status. */
export async function main(args: readonly string[], { stdout, stderr, env }: Terminal): Promise<0 | 1 | 2> {
  const call = parseCall(args);
  switch (call.kind) {
    case 'help':
      stdout.write(USAGE);
      return 0;
    case 'wrong':
      stderr.write(`${printable(call.why)}\n\n${USAGE}`);
      return 2;
    case 'inspect':
      break;
  }
  try {
    const inspection = await lookAt(call);
    const importable = isImportable(inspection);
    stdout.write(call.output === 'json'
      ? `${JSON.stringify({ disk: call.disk, importable, ...inspection }, undefined, 2)}\n`
      : report(call.disk, inspection, paintFor(stdout, env)));
    return importable ? 0 : 1;
  } catch (error) {
    stderr.write(`${printable(call.disk)} cannot be read: ${reasonOf(error)}\n`);
    return 2;
  }
}
