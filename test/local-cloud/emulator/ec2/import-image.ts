import type { ImportImageRequest, ImportImageResult } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { canonical, recall } from '../client-token';
import { digest } from '../disk-source';
import { TaskOutcome } from '../fault';
import { effectOf } from '../faults';
import { checkImportImage, platformOf } from './check-import';
import { describeTask } from './describe-task';
import { DiskLocation, locationOf } from './disk-container';
import { checkDryRun } from './dry-run';
import { snapshotNamed } from './snapshots';
import { checkedTags } from './tags';
import { ImportTask, TaskDisks } from './task';

const DEFAULT_PROGRESS = 20;

export async function importImage(request: ImportImageRequest, call: Call): Promise<ImportImageResult> {
  checkImportImage(request);
  const locations = (request.DiskContainers ?? []).map(locationOf);
  const tags = checkedTags((request.TagSpecifications ?? []).flatMap(({ Tags }) => Tags ?? []));
  // A dry run looks at neither role nor disks: known to pass where the real call then fails.
  checkDryRun(request.DryRun);
  const before = remembered(request, call);
  if (before) {
    return before;
  }
  await checkRole(request.RoleName ?? 'vmimport', call);
  locations.forEach((location) => location.kind === 'snapshot' && snapshotNamed(location.snapshotId, call));
  const found = await everyDiskIsThere(locations, call);
  // Role and disks were looked at in the meantime: the same token may have been here.
  return remembered(request, call) ?? start(request, new Map(tags), found ? locations : undefined, call);
}

/** Applies what a fault rule wants of a task. */
export function planTask(task: ImportTask, outcome: TaskOutcome): void {
  switch (outcome.kind) {
    case 'fail':
      task.plan = { kind: 'fail', message: outcome.message, atProgress: outcome.atProgress ?? DEFAULT_PROGRESS, leaves: outcome.leaves ?? 'nothing' };
      return;
    case 'stuck':
      task.plan = { kind: 'stuck', atProgress: outcome.atProgress ?? DEFAULT_PROGRESS };
      return;
    case 'slow':
      task.durationMs *= outcome.factor;
  }
}

function remembered(request: ImportImageRequest, call: Call): ImportImageResult | undefined {
  const { ClientToken, ...parameters } = request;
  const recollection = recall(call.world.importImageTokens, ClientToken, canonical(parameters));
  switch (recollection.kind) {
    case 'new':
      return undefined;
    case 'same':
      call.touched.add(recollection.answer.ImportTaskId ?? '');
      return recollection.answer;
    case 'mismatch':
      throw new AwsError('IdempotentParameterMismatch', 'The client token you have provided is associated with a resource whose parameters differ from those of this request');
  }
}

/** One message for a role that is missing, lacks a permission, has the wrong trust, or has not reached every IAM endpoint yet. */
async function checkRole(name: string, call: Call): Promise<void> {
  if (effectOf(call.rules, 'roleNotPropagated', call.now) || !await call.world.disks.roleExists(name)) {
    throw new AwsError('InvalidParameter', `The service role ${name} provided does not exist or does not have sufficient permissions`);
  }
}

async function everyDiskIsThere(locations: readonly DiskLocation[], call: Call): Promise<boolean> {
  const found = await Promise.all(locations.map(async (location) => {
    switch (location.kind) {
      case 'object':
        return await call.world.disks.head(location.bucket, location.key) !== undefined;
      case 'snapshot':
        return true;
      case 'elsewhere':
        return false;
    }
  }));
  return found.every((there) => there);
}

function start(
  request: ImportImageRequest, tags: Map<string, string>, locations: readonly DiskLocation[] | undefined, call: Call,
): ImportImageResult {
  const { world, now } = call;
  const quota = effectOf(call.rules, 'quota', now)?.activeTasks ?? world.settings.activeTaskQuota;
  if (world.activeTasks().length >= quota) {
    throw new AwsError('ResourceLimitExceeded', `You have exceeded the maximum number of concurrent import tasks (${quota})`);
  }
  const task: ImportTask = {
    kind: 'task',
    id: world.newId('import-ami'),
    serial: world.newSerial(),
    request: request.Platform === undefined ? request : { ...request, Platform: platformOf(request.Platform) },
    createdAt: now,
    tags,
    durationMs: world.settings.taskDurationMs,
    plan: { kind: 'complete' },
    disks: { kind: 'unreadable' },
  };
  call.rules.forEach(({ effect }) => effect.kind === 'task' && planTask(task, effect.outcome));
  task.disks = readDisks(task, locations, call);
  world.addTask(task);
  call.touched.add(task.id);
  const { BootMode, ...answer } = describeTask(task, now, world.settings);
  const { ClientToken, ...parameters } = request;
  if (ClientToken !== undefined) {
    world.importImageTokens.set(ClientToken, { parameters: canonical(parameters), answer });
  }
  return answer;
}

/** Reads the disks as a conversion would; one that cannot be read fails the task while it validates. */
function readDisks(task: ImportTask, locations: readonly DiskLocation[] | undefined, call: Call): TaskDisks {
  const { disks, signal } = call.world;
  if (!locations) {
    failToRead(task);
    return { kind: 'unreadable' };
  }
  const objects = locations.filter((location) => location.kind === 'object');
  const done = Promise.all(objects.map(async ({ bucket, key }) => digest(disks, bucket, key, signal))).then(
    (digests) => {
      task.disks = { kind: 'read', digests };
    },
    () => {
      task.disks = { kind: 'unreadable' };
      failToRead(task);
    },
  );
  return { kind: 'reading', done };
}

function failToRead(task: ImportTask): void {
  task.plan = {
    kind: 'fail',
    message: 'ClientError: Disk validation failed [Invalid S3 source location: We do not have access to the given resource. Reason 404 Not Found]',
    atProgress: 5,
    leaves: 'nothing',
  };
}
