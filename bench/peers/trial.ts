import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importsOf, Run, runUnder } from './command-run';
import { Fault, IMAGE_MS, TASK_DELETING_MS, TASK_MS } from './faults';
import { added, lookAround, Standing } from './left-behind';
import type { Peer } from './peer';
import { demoDisk } from '../../scripts/demo-disk';
import { LocalCloud } from '../../test/local-cloud/local-cloud';

const SETTLE_TIMEOUT_MS = TASK_MS + 60_000;

/** What became of one import by one tool under one fault. */
export interface Trial {
  readonly peer: string;
  readonly fault: Fault['key'];
  readonly run: Run;
  /** Calls that reached EC2 and Image Builder until the command ended. */
  readonly calls: number;
  /** Of them, those while the task ran. */
  readonly callsDuring: number;
  /** Seconds from the command's start to the (first) running task, and from the task's end to the command's end. */
  readonly before?: number;
  readonly after?: number;
  /** Seconds from the task's end to the first description of it that EC2 answered. */
  readonly seen?: number;
  readonly atEnd: Standing;
  /** When every task and stack has come to its end, and how many seconds after the command's start that was. */
  readonly settled: Standing;
  readonly settledAfter: number;
  /** After a kill: the same command once more. */
  readonly again?: Run;
  /** What stood when that one ended. */
  readonly atAgain?: Standing;
  readonly tasksStarted: number;
  /** After the tool's own command to undo it. */
  readonly undone?: Standing;
}

/** Imports a disk in an account of its own. */
export async function tryOnce(peer: Peer, fault: Fault): Promise<Trial> {
  const imports = { taskDurationMs: TASK_MS, taskDeletingMs: TASK_DELETING_MS, imageDurationMs: IMAGE_MS };
  const cloud = await LocalCloud.start({ timeScale: 1, imports });
  try {
    const disk = join(cloud.folder, 'golden.raw');
    writeFileSync(disk, demoDisk('the disk of the benchmark'));
    const diskSize = statSync(disk).size;
    const prepared = await peer.prepare(cloud, disk);
    try {
      const before = await lookAround(cloud, diskSize);
      const look = async () => added(before, await lookAround(cloud, diskSize));
      if (fault.before) {
        cloud.emulator.addRule(fault.before);
      }
      const startedAt = cloud.emulator.clock.now();
      const run = await runUnder(prepared.command, cloud, fault);
      const endedAt = cloud.emulator.clock.now();
      const calls = cloud.emulator.calls();
      const firstTask = importsOf(cloud)[0]?.time;
      const taskEnd = firstTask === undefined ? undefined : firstTask + TASK_MS * (fault.taskShare ?? 1);
      const atEnd = await look();
      const again = run.end === 'killed' ? await runUnder(prepared.command, cloud) : undefined;
      const atAgain = again && await look();
      await settle(cloud);
      const settledAfter = (cloud.emulator.clock.now() - startedAt) / 1000;
      const settled = await look();
      const undo = prepared.undo && await runUnder(prepared.undo, cloud);
      return {
        peer: peer.key,
        fault: fault.key,
        run,
        calls: calls.length,
        callsDuring: calls.filter(({ time }) => firstTask !== undefined && time > firstTask && time < firstTask + TASK_MS).length,
        before: since(startedAt, firstTask),
        after: since(taskEnd, endedAt),
        seen: since(taskEnd, calls.find(({ action, time, outcome }) => (
          action === 'DescribeImportImageTasks' && taskEnd !== undefined && time >= taskEnd && outcome?.kind === 'answered' && outcome.status === 200
        ))?.time),
        atEnd,
        settled,
        settledAfter,
        again,
        atAgain,
        tasksStarted: importsOf(cloud).length,
        undone: undo && await look(),
      };
    } finally {
      await prepared.stop();
    }
  } finally {
    await cloud.stop();
  }
}

function since(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : (to - from) / 1000;
}

/** Until no task runs and no stack is in progress, for as long as that may take. */
async function settle(cloud: LocalCloud): Promise<void> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { tasks } = await cloud.emulator.remaining();
    const stacks = Object.keys((await lookAround(cloud, -1)).stacks);
    if (tasks.length === 0 && !stacks.some((status) => status.endsWith('_IN_PROGRESS'))) {
      return;
    }
    await sleep(500);
  }
}
