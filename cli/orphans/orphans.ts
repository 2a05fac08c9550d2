import { createInterface } from 'node:readline';
import { Account, accountOf, leave } from '../account/account';
import { OrphansCall } from '../arguments';
import { paintLine } from '../screen/line';
import { paintFor } from '../screen/paint';
import { ExitStatus, Interruption, Terminal } from '../terminal';
import { findOrphans } from './find';
import { Orphan, protectionOf } from './leftovers';
import { remove } from './remove';
import { linesOf, orphansJson, things } from './report';

/** Milliseconds that the command may take, not counting the time of its question. */
const PATIENCE = 10 * 60_000;

/** Lists what deleted stacks left behind. Deletes it if the caller asks for that and confirms. */
export async function orphans(call: OrphansCall, terminal: Terminal): Promise<ExitStatus> {
  const { stdin, stdout, stderr, env } = terminal;
  if (call.action === 'ask' && !(stdin.isTTY === true && stdout.isTTY === true)) {
    stderr.write('Nothing was deleted: there is no terminal to confirm at. Use --yes to delete what orphans lists.\n');
    return 2;
  }
  const account = await accountOf(call.where, env, AbortSignal.timeout(PATIENCE));
  try {
    const found = await findOrphans(account);
    const { region } = account;
    if (call.output === 'json') {
      stdout.write(`${JSON.stringify(orphansJson(region, found), undefined, 2)}\n`);
      return leftBehind(found).length === 0 ? 0 : 1;
    }
    tell(found, region, terminal);
    return call.action === 'list' ? listed(found, terminal) : await deleted(account, call, found, terminal);
  } finally {
    leave(account);
  }
}

function tell(found: readonly Orphan[], region: string, { stdout, env }: Terminal): void {
  const paint = paintFor(stdout, env);
  stdout.write(linesOf(found).map((line) => `${paintLine(line, paint)}\n`).join(''));
  if (leftBehind(found).length === 0) {
    stdout.write(`${found.length === 0 ? 'Nothing' : 'Nothing else'} in ${region} was left behind by a stack.\n`);
  }
}

function leftBehind(found: readonly Orphan[]): Orphan[] {
  return found.filter(({ origin }) => origin === 'left-behind');
}

function listed(found: readonly Orphan[], { stdout }: Terminal): ExitStatus {
  const orphaned = leftBehind(found);
  if (orphaned.length === 0) {
    return 0;
  }
  stdout.write(`${things(orphaned)} to delete: cdk-vm-import orphans --delete\n`);
  return 1;
}

async function deleted(account: Account, { action, retained }: OrphansCall, found: readonly Orphan[], terminal: Terminal): Promise<ExitStatus> {
  const { stdout, stderr } = terminal;
  const wanted = retained === 'include' ? found : leftBehind(found);
  const safe = wanted.filter((orphan) => protectionOf(orphan).length === 0);
  for (const id of wanted.flatMap(protectionOf)) {
    stderr.write(`AMI ${id} is protected and stays, with its image and snapshots: run "aws ec2 disable-image-deregistration-protection --image-id ${id}" first.\n`);
  }
  if (safe.length > 0 && action === 'ask') {
    const answer = await ask(`Delete ${things(safe)} for good? Type yes: `, terminal);
    switch (answer.kind) {
      case 'interrupted':
        return answer.status;
      case 'no':
        stdout.write('Nothing was deleted.\n');
        return 1;
      case 'yes':
        break;
    }
  }
  let kept = wanted.length - safe.length;
  // The time that the user took to answer does not count.
  const bounded = { ...account, signal: AbortSignal.timeout(PATIENCE) };
  // An AMI has an import id of its own if its disks were copied. EC2 keeps a snapshot as long as an AMI uses it.
  for (const { leftovers } of [...safe].sort((a, b) => Number(b.amis.size > 0) - Number(a.amis.size > 0))) {
    for await (const removal of remove(bounded, leftovers)) {
      kept += removal.kept === undefined ? 0 : 1;
      (removal.kept === undefined ? stdout : stderr).write(`${removal.what} ${removal.kept === undefined ? 'deleted' : `stays: ${removal.kept}`}\n`);
    }
  }
  return kept === 0 ? 0 : 1;
}

type Answer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'interrupted'; readonly status: ExitStatus };

/** Asks the user at the terminal. Only the whole word `yes` confirms. */
async function ask(question: string, terminal: Terminal): Promise<Answer> {
  const interruption = new Interruption(terminal);
  const lines = createInterface({ input: terminal.stdin, signal: interruption.signal });
  try {
    const answered = new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve).once('close', () => resolve(undefined));
    });
    terminal.stdout.write(question);
    const answer = await answered;
    if (answer === undefined) {
      terminal.stdout.write('\n');
    }
    if (interruption.signal.aborted) {
      return { kind: 'interrupted', status: interruption.status };
    }
    return answer?.trim().toLowerCase() === 'yes' ? { kind: 'yes' } : { kind: 'no' };
  } finally {
    lines.close();
    interruption.over();
  }
}
