import { FAULTS, Fault, TASK_MS } from './faults';
import { describeStanding, Standing } from './left-behind';
import type { Peer } from './peer';
import type { Trial } from './trial';
import { Verdict, verdictOf } from './verdict';

/** A tool, ready to run or not. */
export type Contender = Pick<Peer, 'key' | 'name' | 'waiting' | 'gives' | 'failure'> & (
  | { readonly versions: string }
  /** The tool's own words on why it cannot be installed. */
  | { readonly unavailable: string }
);

/** Without any fault: how much longer than the task, and how many calls. */
export function importTable(contenders: readonly Contender[], trials: readonly Trial[]): string {
  const rows = contenders.map((contender) => {
    const trial = find(trials, contender, 'none');
    if (trial === undefined) {
      return [contender.name, contender.gives, contender.waiting, ...missing(contender, 4)];
    }
    return [
      contender.name,
      contender.gives,
      contender.waiting,
      seconds(trial.run.seconds - TASK_MS / 1000),
      `${seconds(trial.before)} / ${seconds(trial.after)}`,
      `${trial.calls} / ${trial.callsDuring}`,
      describeStanding(besideTheImage(trial.settled)),
    ];
  });
  return table([
    'Tool', 'Gives', 'Waits', 'Beyond the task', 'Before it / after it', 'Calls / while it runs', 'Left beside the image',
  ], rows);
}

/** Under each fault: whether it succeeds, how long until it says so, and what it leaves. */
export function faultTable(contenders: readonly Contender[], trials: readonly Trial[]): string {
  const rows = FAULTS.filter(({ key }) => key !== 'none').map((fault) => [
    fault.title,
    ...contenders.map((contender) => (
      fault.only !== undefined && fault.only !== contender.key ? 'has none' : cell(fault, contender, find(trials, contender, fault.key))
    )),
  ]);
  return table(['Fault', ...contenders.map(({ name }) => name)], rows);
}

/** Why each tool that failed says it did. */
export function lastWords(contenders: readonly Contender[], trials: readonly Trial[]): string {
  return contenders.flatMap((contender) => FAULTS.flatMap(({ key, title }) => {
    const trial = find(trials, contender, key);
    if (trial === undefined || trial.run.end !== 'exit' || trial.run.code === 0) {
      return [];
    }
    const words = contender.failure.exec(trial.run.output)?.[1] ?? trial.run.output.trim().split('\n').at(-1) ?? '';
    return [`- ${contender.name}, ${title}: \`${shortened(words).replaceAll('`', '\'')}\``];
  })).join('\n');
}

function cell(fault: Fault, contender: Contender, trial: Trial | undefined): string {
  if (trial === undefined) {
    return missing(contender, 1).join();
  }
  const verdict = verdictOf(trial);
  const time = seconds(trial.run.seconds);
  switch (verdict.kind) {
    case 'succeeded':
      return `**succeeds**, ${time}`;
    case 'failed':
      return `fails after ${time}${fault.taskShare === undefined ? '' : ` (${seconds(trial.after)} after the task, which it saw after ${seconds(trial.seen)})`}; leaves ${describeStanding(trial.settled)}`;
    case 'gave up':
      return `gives up after ${time} while the import goes on; leaves ${describeStanding(trial.settled)}`;
    case 'nothing made':
      return `says that all is well after ${time}, and there is no AMI`;
    case 'no end':
      return `has not ended after ${time}`;
    case 'killed':
      return `leaves ${describeStanding(trial.atEnd)}; run again, it ${AGAIN[verdict.again]} after ${seconds(trial.again?.seconds)}; `
        + `${seconds(trial.settledAfter)} after the first start, ${trial.tasksStarted} ${trial.tasksStarted === 1 ? 'task has' : 'tasks have'} made ${describeStanding(trial.settled)}`;
  }
}

const AGAIN: Readonly<Record<Extract<Verdict, { kind: 'killed' }>['again'], string>> = {
  'succeeded': '**succeeds**',
  'failed': 'fails',
  'did not wait': 'does not wait and ends with 0',
};

/** What an import that succeeded leaves but its image, AMI, snapshot and stack. */
function besideTheImage(standing: Standing): Standing {
  return { ...standing, images: 0, amis: standing.amis - 1, snapshots: standing.snapshots - 1, stacks: {} };
}

function find(trials: readonly Trial[], { key }: Contender, fault: Fault['key']): Trial | undefined {
  return trials.find((trial) => trial.peer === key && trial.fault === fault);
}

function missing(contender: Contender, columns: number): readonly string[] {
  const [first, ...others] = Array.from({ length: columns }, () => '');
  return 'unavailable' in contender ? ['not available', ...others] : [`not run${first}`, ...others];
}

function shortened(words: string): string {
  const line = words.replace(/\s+/g, ' ');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function seconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} s`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
