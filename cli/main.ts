import { explain } from './account/explain';
import { parseCall } from './arguments';
import { inspect } from './inspect/inspect';
import { orphans } from './orphans/orphans';
import { printable } from './screen/printable';
import { status } from './status/status';
import { Clock, ExitStatus, REAL_TIME, Terminal } from './terminal';
import { USAGE } from './usage';

/** Runs a command line and returns its exit status. */
export async function main(args: readonly string[], terminal: Terminal, clock: Clock = REAL_TIME): Promise<ExitStatus> {
  const { stdout, stderr } = terminal;
  const call = parseCall(args);
  try {
    switch (call.kind) {
      case 'help':
        stdout.write(USAGE);
        return 0;
      case 'wrong':
        stderr.write(`${printable(call.why)}\n\n${USAGE}`);
        return 2;
      case 'inspect':
        return await inspect(call, terminal);
      case 'status':
        return await status(call, terminal, clock);
      case 'orphans':
        return await orphans(call, terminal);
    }
  } catch (error) {
    stderr.write(`${explain(error)}\n`);
    return 2;
  }
}
