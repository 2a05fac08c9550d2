import { rounded, type Group } from './figure';
import { Simulation, templateOf } from './simulation';

const MINUTE = 60_000;
/** https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html */
export const QUOTA = 20;
/** Short tasks, so that a thousand imports need hours behind the quota and not weeks. */
const TASK_DURATION = MINUTE;
const IMAGE_DURATION = MINUTE / 2;

/** Imports that are requested at once behind EC2's quota of tasks, within EC2's request limits. */
export interface Load {
  readonly imports: number;
  /** Simulated minutes until all are done. */
  readonly minutes: number;
  /** Calls to AWS, to any service; in all, in the average minute, and in the minute with the most. */
  readonly calls: number;
  readonly meanCallsPerMinute: number;
  readonly peakCallsPerMinute: number;
  /** Calls of ImportImage that EC2 refused because the quota was full. */
  readonly refused: number;
  /** Calls that EC2 throttled. */
  readonly throttled: number;
}

export async function runLoad(imports: number): Promise<Load> {
  const { clock, cloud, driver, invocations } = new Simulation({
    activeTaskQuota: QUOTA, taskDurationMs: TASK_DURATION, imageDurationMs: IMAGE_DURATION, describeLimit: 'documented',
  });
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
  const errors = (code: string, action?: string) => cloud.calls({ action }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode === code).length;
  return {
    imports,
    minutes,
    calls,
    meanCallsPerMinute: calls / minutes,
    peakCallsPerMinute: Math.max(...perMinute.values()),
    refused: errors('ResourceLimitExceeded', 'ImportImage'),
    throttled: errors('RequestLimitExceeded'),
  };
}

export function scaleGroup(loads: readonly Load[]): Group {
  return {
    title: 'Many imports at once',
    tables: [{
      head: [
        'Imports', 'Minutes', 'Calls to AWS', 'a minute', 'in the busiest minute', 'of each import a minute', 'ImportImage refused for the quota', 'Calls throttled',
      ],
      rows: loads.map(({ imports, minutes, calls, meanCallsPerMinute: mean, peakCallsPerMinute: peak, refused, throttled }) =>
        [imports, minutes, calls, mean, peak, mean / imports, refused, throttled].map(rounded)),
    }],
    notes: [
      `Simulated, all in one stack and requested at once, behind EC2's quota of ${QUOTA} import tasks at a time. Each task runs for a simulated minute.`,
      'A throttled call counts each of its retries, which come at once here and after a while in AWS. EC2 enforces its documented limit of Describe requests: 100 at once and 20 a second for the account.',
    ],
  };
}
