import { rounded, type Group } from './figure';
import { Simulation, templateOf } from './simulation';

const SECOND = 1_000;
/** With Image Builder's time and the polls in between, an hour from CloudFormation's request to its answer. */
const TASK = 3_480 * SECOND;
const IMAGE = 60 * SECOND;
const POLL = 30 * SECOND;
/** The time of a pass: three functions and a call to AWS. Step Functions waits for the poll interval after it. */
const PASS = SECOND;
/** Two a minute, and a few at the start and at the end. */
export const MOST_CALLS = 130;
/** How much longer tasks run, so that they complete at any time between two polls. */
const OFFSETS = [5, 10, 15, 20, 25, 30].map((seconds) => seconds * SECOND);

/** One simulated import. Times are milliseconds of simulated time. */
export interface ImportRun {
  /** Calls to AWS, to any service. */
  readonly calls: number;
  readonly passes: number;
  readonly onEvents: number;
  /** Calls of each pass while the task runs… */
  readonly callsWhileItRuns: readonly number[];
  /** …and of each pass while the image is in progress, after the first one that saw it. */
  readonly callsWhileImageInProgress: readonly number[];
  /** From CloudFormation's request to its answer. */
  readonly duration: number;
  /** From the completed task to the pass that sees it. */
  readonly noticedAfter: number;
  /** From the completed task to the end of the deployment, and the part of it that Image Builder takes. */
  readonly answeredAfter: number;
  readonly imageBuilderTook: number;
  readonly loggedBytes: number;
  /** Invocations when the same template is deployed again. */
  readonly invocationsOfNoChange: number;
}

/** Simulates one import. */
export async function runImport(taskDurationMs: number, imageDurationMs = IMAGE): Promise<ImportRun> {
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
  const [seen] = cloud.calls({ action: 'GetImage' });
  const [imageStarted] = cloud.calls({ action: 'ImportVmImage' });
  const available = (imageStarted?.time ?? NaN) + imageDurationMs;
  const passes = invocations.filter(({ handler }) => handler === 'isComplete');
  const run = {
    calls: sum(invocations.map(({ calls }) => calls)),
    passes: passes.length,
    onEvents: invocations.length - passes.length,
    callsWhileItRuns: passes.filter(({ time }) => time > (started?.time ?? NaN) && time < completed).map(({ calls }) => calls),
    callsWhileImageInProgress: passes.filter(({ time }) => time > (seen?.time ?? NaN) && time < available).map(({ calls }) => calls),
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

/** Simulates an import of an hour, with tasks that complete at different times between two polls. */
export async function runImports(): Promise<readonly ImportRun[]> {
  const runs: ImportRun[] = [];
  for (const offset of OFFSETS) {
    runs.push(await runImport(TASK + offset));
  }
  return runs;
}

/** `slow` is an import whose image is in progress for several polls. */
export function importGroup(runs: readonly ImportRun[], slow: ImportRun): Group {
  const most = (of: (run: ImportRun) => number) => Math.max(...runs.map(of));
  const least = (of: (run: ImportRun) => number) => Math.min(...runs.map(of));
  const range = (of: (run: ImportRun) => number) => (least(of) === most(of) ? rounded(most(of)) : `${rounded(least(of))} to ${rounded(most(of))}`);
  const seconds = (of: (run: ImportRun) => number) => `${range((run) => of(run) / SECOND)} s`;
  const distinct = (calls: readonly number[]) => [...new Set(calls)].join(', ');
  return {
    title: 'One import of an hour',
    tables: [{
      head: ['What', 'How much'],
      rows: [
        ['From request to answer', `${range(({ duration }) => duration / 60_000)} minutes`],
        ['Passes', range(({ passes }) => passes)],
        ['Calls to AWS in all', range(({ calls }) => calls)],
        ['Calls of a pass while the task runs', distinct(runs.flatMap(({ callsWhileItRuns }) => callsWhileItRuns))],
        ['Calls of a pass while the image is in progress', distinct(slow.callsWhileImageInProgress)],
        ['From the completed task to the pass that sees it', seconds(({ noticedAfter }) => noticedAfter)],
        ['From the completed task to CloudFormation\'s answer', seconds(({ answeredAfter }) => answeredAfter)],
        ['of which Image Builder makes its image', seconds(({ imageBuilderTook }) => imageBuilderTook)],
        ['Log', `${range(({ loggedBytes }) => loggedBytes / 1_000)} KB`],
        ['Invocations of a deployment that changes nothing', range(({ invocationsOfNoChange }) => invocationsOfNoChange)],
      ],
    }],
    notes: [
      `Simulated tasks of ${TASK / SECOND / 60} minutes and ${OFFSETS.map((offset) => offset / SECOND).join(', ')} seconds, with a poll interval of ${POLL / SECOND} s, ${PASS / SECOND} s for a pass, and the default timeout.`,
      'After the task, an import needs up to one poll interval to see it complete, the time of Image Builder in whole poll intervals, and one pass for each segment that is left. '
      + 'Those passes make no call, and each takes CloudFormation a few seconds in AWS.',
    ],
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
