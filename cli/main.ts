import { explain } from './account/explain';
import { Call, parseCall } from './arguments';
import { helpOn, VERSION } from './help';
import { printable } from './screen/printable';
import { Clock, ExitStatus, REAL_TIME, Terminal } from './terminal';

/** Runs a command line and returns its exit status. */
export async function main(args: readonly string[], terminal: Terminal, clock: Clock = REAL_TIME): Promise<ExitStatus> {
  try {
    return await run(parseCall(args), terminal, clock);
  } catch (error) {
    terminal.stderr.write(`${explain(error)}\n`);
    return 2;
  }
}

/** Loads the code of a command only when it is called: loading the AWS SDK takes longer than inspecting a local disk. */
async function run(call: Call, terminal: Terminal, clock: Clock): Promise<ExitStatus> {
  switch (call.kind) {
    case 'help':
      terminal.stdout.write(helpOn(call.topic));
      return 0;
    case 'version':
      terminal.stdout.write(`${VERSION}\n`);
      return 0;
    case 'wrong':
      terminal.stderr.write(`${printable(call.why)}\n`);
      return 2;
    case 'inspect':
      return (await import('./inspect/inspect.js')).inspect(call, terminal);
    case 'status':
      return (await import('./status/status.js')).status(call, terminal, clock);
    case 'orphans':
      return (await import('./orphans/orphans.js')).orphans(call, terminal);
  }
}
