import { count, rounded, type Group } from './figure';
import { Simulation, templateOf } from './simulation';

const SECOND = 1_000;
/** With Image Builder's minute and the looks in between, an hour from CloudFormation's request to its answer. */
const TASK = 3_480 * SECOND;
const POLL = 30 * SECOND;
/** What a pass takes: three functions and a call to AWS. Step Functions waits for the poll interval when it is over. */
const PASS = SECOND;
/** https://github.com/hashicorp/packer-plugin-amazon: every five seconds of an hour. */
const PACKER_CALLS = 720;
/** Fewer than 130: twice a minute, and a few for the start and the end. */
export const MOST_CALLS = 129;
/** How much longer tasks take: completion falls anywhere between two looks. */
const OFFSETS = [5, 10, 15, 20, 25, 30].map((seconds) => seconds * SECOND);

/** What one import took. */
export interface ImportRun {
  readonly calls: number;
  readonly passes: number;
  readonly onEvents: number;
  /** Calls of each pass that saw the task at work. */
  readonly callsWhileItRuns: readonly number[];
  /** Milliseconds from CloudFormation's request to its answer. */
  readonly duration: number;
  /** Milliseconds from the completed task to the pass that saw it. */
  readonly noticedAfter: number;
  /** Milliseconds from the completed task to the end of the deployment, and how much of it Image Builder took. */
  readonly answeredAfter: number;
  readonly imageBuilderTook: number;
  readonly loggedBytes: number;
  /** Invocations that the same template deployed again makes. */
  readonly invocationsOfNoChange: number;
}

export async function runImport(taskDurationMs: number, imageDurationMs = 60 * SECOND): Promise<ImportRun> {
  const simulation = new Simulation({ taskDurationMs, imageDurationMs });
  const { clock, cloud, driver, invocations } = simulation;
  cloud.addRule({ match: { action: 'DescribeImportImageTasks' }, effect: { kind: 'delay', ms: PASS } });
  const template = templateOf(1);
  const begun = clock.now();
  const { status } = await driver.createStack('S', template);
  if (status !== 'CREATE_COMPLETE') {
    throw new Error(`The import ended in ${status}.`);
  }
  const ended = clock.now();
  const [started] = cloud.calls({ action: 'ImportImage' });
  const completed = (started?.time ?? NaN) + taskDurationMs;
  const passes = invocations.filter(({ handler }) => handler === 'isComplete');
  const run = {
    calls: sum(invocations.map(({ calls }) => calls)),
    passes: passes.length,
    onEvents: invocations.length - passes.length,
    callsWhileItRuns: passes.filter(({ time }) => time > (started?.time ?? NaN) && time < completed).map(({ calls }) => calls),
    noticedAfter: (passes.find(({ time }) => time >= completed)?.time ?? NaN) - completed,
    duration: ended - begun,
    answeredAfter: ended - completed,
    imageBuilderTook: imageDurationMs,
    loggedBytes: sum(invocations.map(({ logged }) => logged)),
  };
  const before = invocations.length;
  await driver.updateStack('S', template);
  return { ...run, invocationsOfNoChange: invocations.length - before };
}

/** The same import of an hour, completed at different moments between two looks. */
export async function runImports(): Promise<readonly ImportRun[]> {
  const runs: ImportRun[] = [];
  for (const offset of OFFSETS) {
    runs.push(await runImport(TASK + offset));
  }
  return runs;
}

export function importGroup(runs: readonly ImportRun[]): Group {
  const most = (of: (run: ImportRun) => number) => Math.max(...runs.map(of));
  const least = (of: (run: ImportRun) => number) => Math.min(...runs.map(of));
  const range = (of: (run: ImportRun) => number) => (least(of) === most(of) ? rounded(most(of)) : `${rounded(least(of))} to ${rounded(most(of))}`);
  const seconds = (of: (run: ImportRun) => number) => `${range((run) => of(run) / SECOND)} s`;
  return {
    title: 'One import of an hour',
    comparisons: [{
      what: 'Calls to AWS in an import of an hour',
      here: count(most(({ calls }) => calls), 'calls'),
      rival: { name: 'Packer', ...count(PACKER_CALLS, 'calls') },
      limit: { kind: 'here', atMost: count(MOST_CALLS, 'calls') },
    }],
    tables: [{
      head: ['What', 'How much', 'At most'],
      rows: [
        ['From request to answer', `${range(({ duration }) => duration / 60_000)} minutes`, ''],
        ['Calls of a pass while the task runs (of the one that hands over to the next segment, too)', [...new Set(runs.flatMap(({ callsWhileItRuns }) => callsWhileItRuns))].join(', '), '1'],
        ['Passes', range(({ passes }) => passes), ''],
        ['Calls to AWS in all', range(({ calls }) => calls), rounded(MOST_CALLS)],
        ['Completion seen after', seconds(({ noticedAfter }) => noticedAfter), `${POLL / SECOND} s and a pass`],
        ['From completion to CloudFormation\'s answer', seconds(({ answeredAfter }) => answeredAfter), ''],
        ['of which Image Builder makes its image', seconds(({ imageBuilderTook }) => imageBuilderTook), ''],
        ['Log', `${range(({ loggedBytes }) => loggedBytes / 1_000)} KB`, ''],
        ['Invocations by a deployment that changes nothing', range(({ invocationsOfNoChange }) => invocationsOfNoChange), '0'],
      ],
    }],
    notes: [
      `Tasks of ${TASK / SECOND / 60} minutes and ${OFFSETS.map((offset) => offset / SECOND).join(', ')} seconds, a poll interval of ${POLL / SECOND} s, ${PASS / SECOND} s for a pass, the default timeout.`,
      'After completion: up to one poll interval until it is seen, Image Builder\'s own time in whole poll intervals, and one pass for each segment that is left. Those ask nothing, and take CloudFormation a few seconds each in AWS.',
    ],
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
