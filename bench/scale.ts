import { rounded, type Group } from './figure';
import { Simulation, templateOf } from './simulation';

const MINUTE = 60_000;
export const QUOTA = 20;
/** Short tasks: with these, a thousand imports take hours behind the quota, not weeks. */
const TASK_DURATION = MINUTE;
const IMAGE_DURATION = MINUTE / 2;

/** So many imports at once behind the quota. */
export interface Load {
  readonly imports: number;
  readonly minutes: number;
  readonly calls: number;
  readonly meanCallsPerMinute: number;
  readonly peakCallsPerMinute: number;
  /** Requests for a task that EC2 refused, because the quota was full. */
  readonly refused: number;
  /** Megabytes of the heap of one process that plays all: functions, CloudFormation and AWS. */
  readonly megabytes: number;
  readonly seconds: number;
}

export async function runLoad(imports: number): Promise<Load> {
  const started = performance.now();
  const simulation = new Simulation({ activeTaskQuota: QUOTA, taskDurationMs: TASK_DURATION, imageDurationMs: IMAGE_DURATION });
  const { clock, cloud, driver, invocations } = simulation;
  const begun = clock.now();
  const { status } = await driver.createStack('S', templateOf(imports));
  if (status !== 'CREATE_COMPLETE') {
    throw new Error(`${imports} imports ended in ${status}.`);
  }
  const perMinute = new Map<number, number>();
  invocations.forEach(({ time, calls }) => {
    const minute = Math.floor((time - begun) / MINUTE);
    perMinute.set(minute, (perMinute.get(minute) ?? 0) + calls);
  });
  const calls = [...perMinute.values()].reduce((sum, each) => sum + each, 0);
  const minutes = (clock.now() - begun) / MINUTE;
  return {
    imports,
    minutes,
    calls,
    meanCallsPerMinute: calls / minutes,
    peakCallsPerMinute: Math.max(...perMinute.values()),
    refused: cloud.calls({ action: 'ImportImage' }).length - imports,
    megabytes: process.memoryUsage().heapUsed / 1e6,
    seconds: (performance.now() - started) / 1_000,
  };
}

export function scaleGroup(loads: readonly Load[]): Group {
  return {
    title: 'Many imports at once',
    comparisons: [],
    tables: [{
      head: ['Imports', 'Simulated minutes', 'Calls to AWS', 'a minute', 'at most in a minute', 'of import and minute', 'ImportImage refused', 'Heap of the simulation', 'It took'],
      rows: loads.map((load) => [
        rounded(load.imports),
        rounded(load.minutes),
        rounded(load.calls),
        rounded(load.meanCallsPerMinute),
        rounded(load.peakCallsPerMinute),
        rounded(load.meanCallsPerMinute / load.imports),
        rounded(load.refused),
        `${rounded(Math.round(load.megabytes))} MB`,
        `${rounded(load.seconds)} s`,
      ]),
    }],
    notes: [
      `All in one stack, at once, behind EC2's quota of ${QUOTA} tasks at a time; each task takes a simulated minute.`,
      'A queued import asks for a slot now and then, each at a time of its own, so that calls do not come in waves when slots free up.',
    ],
  };
}
