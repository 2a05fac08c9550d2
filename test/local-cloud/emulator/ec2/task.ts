import type { ImportImageRequest } from '@aws-sdk/client-ec2';
import { DiskDigest } from '../disk-source';
import { Settings } from '../settings';
import { answerTo } from '../unknowns';

/** What is known of the disks that a task imports. */
export type TaskDisks =
  | { readonly kind: 'reading'; readonly done: Promise<void> }
  | { readonly kind: 'read'; readonly digests: readonly DiskDigest[] }
  | { readonly kind: 'unreadable' };

export type TaskPlan =
  | { readonly kind: 'complete' }
  | { readonly kind: 'fail'; readonly message: string; readonly atProgress: number; readonly leaves: 'nothing' | 'snapshots' }
  | { readonly kind: 'stuck'; readonly atProgress: number };

export interface ImportTask {
  readonly kind: 'task';
  readonly id: string;
  readonly request: ImportImageRequest;
  readonly serial: number;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  durationMs: number;
  plan: TaskPlan;
  disks: TaskDisks;
  /** Set once, when the task ended: by its plan or by CancelImportTask. */
  end?: TaskEnd;
}

export type TaskEnd =
  | { readonly kind: 'completed'; readonly at: number; readonly amiId: string; readonly snapshotIds: readonly string[] }
  | {
    readonly kind: 'failed' | 'cancelled';
    readonly at: number;
    readonly progress: number;
    readonly message: string;
    readonly snapshotIds: readonly string[];
  };

/** A task as DescribeImportImageTasks tells it. */
export interface TaskStatus {
  /** What the filter task-state goes by. */
  readonly state: 'active' | 'completed' | 'deleting' | 'deleted';
  readonly status: TaskStatus['state'] | (typeof STATUS_PHASES)[number];
  readonly statusMessage?: string;
  readonly progress?: number;
}

/**
 * While a task is active its message walks these phases; here each lasts until the given progress.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html#check-import-task-status
 */
const PHASES: readonly (readonly [message: string, until: number])[] = [
  ['pending', 3],
  ['validating', 15],
  ['validated', 20],
  ['converting', 50],
  ['updating', 60],
  ['booting', 75],
  ['booted', 80],
  ['preparing ami', 100],
];

/** The phases that the API reference has among the values of Status. */
const STATUS_PHASES = ['validating', 'validated', 'converting', 'updating'] as const;

/** The progress up to which a task has not yet looked at its disks' content. */
export const VALIDATED_PROGRESS = 15;

export function statusOf(task: ImportTask, now: number, settings: Settings): TaskStatus {
  const { end } = task;
  switch (end?.kind) {
    case undefined: {
      const progress = Math.max(1, progressOf(task, now));
      const phase = PHASES.find(([, until]) => progress < until)?.[0] ?? 'preparing ami';
      const told = STATUS_PHASES.find((status) => status === phase && answerTo(settings.answers, 'runningStatus') === 'stage');
      return { state: 'active', status: told ?? 'active', statusMessage: phase, progress };
    }
    case 'completed':
      return { state: 'completed', status: 'completed' };
    case 'failed':
    case 'cancelled': {
      const state = now < end.at + settings.taskDeletingMs ? 'deleting' : 'deleted';
      return { state, status: state, statusMessage: end.message, progress: end.progress };
    }
  }
}

/** 0 to 99, never more than where the plan stops it. */
export function progressOf(task: ImportTask, now: number): number {
  const running = Math.min(99, Math.floor(((now - task.createdAt) / task.durationMs) * 100));
  return task.plan.kind === 'stuck' ? Math.min(running, task.plan.atProgress) : running;
}

/** When the plan ends the task, if nobody cancels it. */
export function plannedEnd({ createdAt, durationMs, plan }: ImportTask): number {
  switch (plan.kind) {
    case 'complete':
      return createdAt + durationMs;
    case 'fail':
      return createdAt + durationMs * (plan.atProgress / 100);
    case 'stuck':
      return Infinity;
  }
}
