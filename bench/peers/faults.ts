import { setTimeout as sleep } from 'node:timers/promises';
import { killFunctions } from './process-tree';
import type { FaultRule } from '../../test/local-cloud/emulator';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

/** How long a task of the benchmark takes: real seconds, as the waits of the tools cannot be hurried; no multiple of any poll interval. */
export const TASK_MS = 43_000;
/** How long a failed task is `deleting` before it is `deleted`. */
export const TASK_DELETING_MS = 10_000;
/** How long Image Builder takes from the completed task to the AVAILABLE image. */
export const IMAGE_MS = 5_000;

/** Longer than every tool's poll interval, so that each of them meets it. */
const OUTAGE_MS = 45_000;
const QUOTA_MS = 180_000;
const ROLE_MS = 20_000;
const FAILURE = 'ClientError: Disk validation failed [Unsupported VMDK File Format]';

/** What a fault can see and do of a trial. */
export interface Scene {
  readonly cloud: LocalCloud;
  /** Aborted when the command has ended. */
  readonly over: AbortSignal;
  /** Resolves when the first import task runs. */
  taskStarted(): Promise<void>;
  /** Kills the command and all that it started. */
  kill(): Promise<void>;
}

export interface Fault {
  readonly key: 'none' | 'throttled' | 'outage' | 'failed' | 'killed' | 'function-killed' | 'quota' | 'role';
  readonly title: string;
  /** The key of the only peer that it makes sense for. */
  readonly only?: string;
  /** The share of its duration after which the task ends. @default 1 */
  readonly taskShare?: number;
  /** What is in place before the command starts. */
  readonly before?: FaultRule;
  /** What happens while the command runs. */
  during?(scene: Scene): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  { key: 'none', title: 'no fault' },
  {
    key: 'throttled',
    title: `DescribeImportImageTasks throttled for ${seconds(OUTAGE_MS)} from the task's start`,
    during: async (scene) => {
      await scene.taskStarted();
      await forAWhile(scene, { match: { action: 'DescribeImportImageTasks' }, effect: { kind: 'throttle' } }, OUTAGE_MS);
    },
  },
  {
    key: 'outage',
    title: `EC2 and Image Builder answer 503 for ${seconds(OUTAGE_MS)} from the task's start`,
    during: async (scene) => {
      await scene.taskStarted();
      await forAWhile(scene, { effect: { kind: 'serverError', status: 503 } }, OUTAGE_MS);
    },
  },
  {
    key: 'failed',
    title: 'the task fails on the disk at 20 %',
    taskShare: 0.2,
    before: { match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: FAILURE } } },
  },
  {
    key: 'killed',
    title: 'killed (SIGKILL) half-way, and run once more at once',
    during: async (scene) => {
      await scene.taskStarted();
      await sleep(TASK_MS / 2, undefined, { signal: scene.over });
      await scene.kill();
    },
  },
  {
    key: 'function-killed',
    title: 'its Lambda functions killed (SIGKILL) in the middle of a pass',
    only: 'cdk-vm-import',
    before: { id: 'slow', match: { action: 'DescribeImportImageTasks', call: { from: 2 } }, effect: { kind: 'delay', ms: 3_000 } },
    during: async ({ cloud, over, taskStarted }) => {
      await taskStarted();
      while (!cloud.emulator.calls({ action: 'DescribeImportImageTasks' }).some(({ outcome }) => outcome === undefined)) {
        await sleep(100, undefined, { signal: over });
      }
      await killFunctions(cloud.folder);
      cloud.emulator.removeRule('slow');
    },
  },
  {
    key: 'quota',
    title: `the account's quota of import tasks stays used up for ${seconds(QUOTA_MS)} after the first request`,
    during: async (scene) => refuseFor(scene, { effect: { kind: 'quota', activeTasks: 0 } }, QUOTA_MS),
  },
  {
    key: 'role',
    title: `EC2 does not know the service role yet, for ${seconds(ROLE_MS)} after the first request`,
    during: async (scene) => refuseFor(scene, { effect: { kind: 'roleNotPropagated' } }, ROLE_MS),
  },
];

/** Looks ten times a second until it is so, or until the command has ended. */
export async function until({ over }: Pick<Scene, 'over'>, holds: () => boolean): Promise<void> {
  while (!holds()) {
    await sleep(100, undefined, { signal: over });
  }
}

/** From before the command starts until so long after its first ImportImage. */
async function refuseFor(scene: Scene, rule: FaultRule, ms: number): Promise<void> {
  const id = scene.cloud.emulator.addRule(rule);
  await until(scene, () => scene.cloud.emulator.calls({ action: 'ImportImage' }).length > 0);
  await sleep(ms, undefined, { signal: scene.over });
  scene.cloud.emulator.removeRule(id);
}

async function forAWhile({ cloud, over }: Scene, rule: FaultRule, ms: number): Promise<void> {
  const id = cloud.emulator.addRule(rule);
  await sleep(ms, undefined, { signal: over });
  cloud.emulator.removeRule(id);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
