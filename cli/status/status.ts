import { Account, accountOf, leave, regionOf } from '../account/account';
import { explain, mayPass } from '../account/explain';
import { StatusCall } from '../arguments';
import { isDrawable } from '../screen/paint';
import { Clock, ExitStatus, Interruption, Terminal } from '../terminal';
import { ImportView, isRunning } from './import-view';
import { Told } from './lines';
import { lookAtImports } from './look';
import { Pace } from './pace';
import { JsonScreen, LinesScreen, LiveScreen, PrintedScreen, Screen, Trouble } from './screens';

/** Milliseconds that one look may take, including all retries. */
const PATIENCE = 60_000;
/** Milliseconds between two looks at AWS. Few enough calls for EC2's limit of 20 Describe calls a second. */
const LOOK_EVERY = 5_000;
/** Milliseconds between two drawings, so that elapsed seconds advance. */
const DRAW_EVERY = 1_000;

/** Shows the imports of the account and Region, once or until the user interrupts. */
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

/** What one look saw, and when. */
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
      // The estimate is as old as the last look.
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

interface Watched<T> {
  /** Asks AWS. */
  readonly look: () => Promise<T>;
  /** Draws what was seen last; undefined until the first look succeeds. */
  readonly show: (seen: T | undefined, trouble: Trouble) => void;
}

/**
 * Looks at AWS repeatedly until interrupted. Shows errors that may pass by themselves and goes on.
 *
 * @throws any other error
 */
async function watch<T>({ look: lookNow, show }: Watched<T>, clock: Clock, interrupted: AbortSignal): Promise<void> {
  let seen: T | undefined;
  while (!interrupted.aborted) {
    let trouble: Trouble;
    try {
      seen = await lookNow();
    } catch (error) {
      if (!interrupted.aborted && !mayPass(error)) {
        throw error;
      }
      trouble = explain(error);
    }
    const next = clock.now() + LOOK_EVERY;
    while (!interrupted.aborted && clock.now() < next) {
      show(seen, trouble);
      await clock.wait(DRAW_EVERY, interrupted);
    }
  }
}
