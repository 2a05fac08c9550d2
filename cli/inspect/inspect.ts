import { InspectCall } from '../arguments';
import { paintFor } from '../screen/paint';
import { printable, reasonOf } from '../screen/printable';
import { ExitStatus, Terminal } from '../terminal';
import { lookAt } from './look';
import { isImportable, report } from './report';

/** Looks at a disk image, and says whether EC2 would take it. */
export async function inspect(call: InspectCall, { stdout, stderr, env }: Terminal): Promise<ExitStatus> {
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
