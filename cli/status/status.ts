import { Account, accountOf, leave } from '../account/account';
import { explain, mayPass } from '../account/explain';
import { StatusCall } from '../arguments';
import { isDrawable } from '../screen/paint';
import { Clock, ExitStatus, Interruption, Terminal } from '../terminal';
import { History } from './history';
import { HtmlScreen } from './html';
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
  const account = await accountOf(call.where, terminal.env, AbortSignal.timeout(PATIENCE));
  try {
    const seen = await look(account, call, new History(), clock);
    const screen = screenOf(call, terminal, clock, account.region);
    screen.show(tell(seen, clock.now(), new Pace()), undefined);
    screen.end();
    return 0;
  } finally {
    leave(account);
  }
}

async function keepShowing(call: StatusCall, terminal: Terminal, clock: Clock): Promise<ExitStatus> {
  const interruption = new Interruption(terminal);
  try {
    const account = await accountOf(call.where, terminal.env, interruption.signal);
    await watch(call, account, screenOf(call, terminal, clock, account.region), clock).finally(() => leave(account));
    return interruption.status;
  } finally {
    interruption.over();
  }
}

/** Limits one look in time. */
function bounded(account: Account): Account {
  return { ...account, signal: AbortSignal.any([account.signal, AbortSignal.timeout(PATIENCE)]) };
}

/** What one look saw, and when. */
interface Sight {
  readonly views: readonly ImportView[];
  readonly at: number;
}

/** Asks AWS once. */
async function look(account: Account, { stack, output }: StatusCall, history: History, clock: Clock): Promise<Sight> {
  const views = await lookAtImports(account, { stack, history, wanted: output.form === 'html' ? 'times' : 'names', now: clock.now() });
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
  switch (output.form) {
    case 'json':
      return new JsonScreen(stdout, stderr, place, () => clock.now(), mode === 'watch' ? 'lines' : 'object');
    case 'html':
      return new HtmlScreen(output.file, stdout, stderr, place, () => clock.now(), mode);
    case 'report':
      if (!isDrawable(stdout, env)) {
        return new LinesScreen(stdout, stderr, place);
      }
      return mode === 'watch' ? new LiveScreen(stdout, env, place) : new PrintedScreen(stdout, env, place);
  }
}

/**
 * Looks at AWS repeatedly until interrupted. Shows errors that may pass by themselves and goes on.
 *
 * @throws any other error
 */
async function watch(call: StatusCall, account: Account, screen: Screen, clock: Clock): Promise<void> {
  const pace = new Pace();
  const history = new History();
  const interrupted = account.signal;
  let sight: Sight | undefined;
  try {
    while (!interrupted.aborted) {
      let trouble: Trouble;
      try {
        sight = await look(bounded(account), call, history, clock);
      } catch (error) {
        if (!interrupted.aborted && !mayPass(error)) {
          throw error;
        }
        trouble = explain(error);
      }
      const next = clock.now() + LOOK_EVERY;
      while (!interrupted.aborted && clock.now() < next) {
        screen.show(sight && tell(sight, clock.now(), pace), trouble);
        await clock.wait(DRAW_EVERY, interrupted);
      }
    }
  } finally {
    screen.end();
  }
}
