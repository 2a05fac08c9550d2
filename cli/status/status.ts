import { Account, accountOf, leave, regionOf } from '../account/account';
import { StatusCall } from '../arguments';
import { Clock } from '../clock';
import { Interruption } from '../interruption';
import { isDrawable } from '../screen/paint';
import { ExitStatus, Terminal } from '../terminal';
import { ImportView, isRunning } from './import-view';
import { Told } from './lines';
import { lookAtImports } from './look';
import { Pace } from './pace';
import { JsonScreen, LinesScreen, LiveScreen, PrintedScreen, Screen } from './screens';
import { watch } from './watch';

/** Milliseconds that one look may take, with all retries. */
const PATIENCE = 60_000;

/** Shows the imports of the account and Region, once or until it is interrupted. */
export async function status(call: StatusCall, terminal: Terminal, clock: Clock): Promise<ExitStatus> {
  switch (call.mode) {
    case 'once':
      return showOnce(call, terminal, clock);
    case 'watch':
      return keepShowing(call, terminal, clock);
  }
}

async function showOnce(call: StatusCall, terminal: Terminal, clock: Clock): Promise<ExitStatus> {
  const account = accountOf(call.where, terminal.env, AbortSignal.timeout(PATIENCE));
  try {
    const views = await lookAtImports(account, call.stack);
    const screen = screenOf(call, terminal, clock, await regionOf(account));
    screen.show(tell(views, clock.now(), new Pace()), undefined);
    screen.end();
    return 0;
  } finally {
    leave(account);
  }
}

async function keepShowing(call: StatusCall, terminal: Terminal, clock: Clock): Promise<ExitStatus> {
  const interruption = new Interruption(terminal);
  const account = accountOf(call.where, terminal.env, interruption.signal);
  let screen: Screen | undefined;
  try {
    const shown = screenOf(call, terminal, clock, await regionOf(account));
    screen = shown;
    const pace = new Pace();
    await watch({
      look: async () => lookAtImports(bounded(account), call.stack),
      show: (views, trouble) => shown.show(views && tell(views, clock.now(), pace), trouble),
    }, clock, interruption.signal);
    return interruption.status;
  } finally {
    screen?.end();
    interruption.over();
    leave(account);
  }
}

function bounded(account: Account): Account {
  return { ...account, signal: AbortSignal.any([account.signal, AbortSignal.timeout(PATIENCE)]) };
}

function tell(views: readonly ImportView[], now: number, pace: Pace): Told[] {
  return views.map((view) => ({
    view,
    elapsed: view.startedAt === undefined || !isRunning(view) ? undefined : now - view.startedAt,
    left: pace.left(view, now),
  }));
}

function screenOf({ output, mode, stack }: StatusCall, { stdout, stderr, env }: Terminal, clock: Clock, region: string): Screen {
  const place = { region, stack };
  if (output === 'json') {
    return new JsonScreen(stdout, stderr, place, () => clock.now(), mode === 'watch' ? 'lines' : 'object');
  }
  if (!isDrawable(stdout, env)) {
    return new LinesScreen(stdout, stderr, place);
  }
  return mode === 'watch' ? new LiveScreen(stdout, env, place) : new PrintedScreen(stdout, env, place);
}
