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
    const seen = await look(account, call, clock);
    const screen = screenOf(call, terminal, clock, await regionOf(account));
    screen.show(tell(seen, clock.now(), new Pace()), undefined);
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
      look: async () => look(bounded(account), call, clock),
      show: (seen, trouble) => shown.show(seen && tell(seen, clock.now(), pace), trouble),
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

/** What was seen, and when. */
interface Sight {
  readonly views: readonly ImportView[];
  readonly at: number;
}

async function look(account: Account, { stack }: StatusCall, clock: Clock): Promise<Sight> {
  const views = await lookAtImports(account, stack);
  return { views, at: clock.now() };
}

function tell({ views, at }: Sight, now: number, pace: Pace): Told[] {
  return views.map((view) => {
    const left = pace.left(view, at);
    return {
      view,
      elapsed: view.startedAt === undefined || !isRunning(view) ? undefined : now - view.startedAt,
      // The percents are those of the last look; since then time has passed.
      left: left === undefined ? undefined : Math.max(0, left - (now - at)),
    };
  });
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
