import type { ImportImageRequest, ImportImageResult } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { canonical, recall } from '../client-token';
import { digest } from '../disk-source';
import { isDefaultKeyDenied } from '../encryption';
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
  checkImportImage(request, call);
  const locations = (request.DiskContainers ?? []).map(locationOf);
  const tags = checkedTags((request.TagSpecifications ?? []).flatMap(({ Tags }) => Tags ?? []));
  // A dry run looks at neither role nor disks: known to pass where the real call then fails.
  checkDryRun(request.DryRun);
  const before = remembered(request, call);
  if (before) {
    return before;
  }
  await checkCaller(locations, call);
  await checkRole(request.RoleName ?? 'vmimport', call);
  checkDefaultKey(request, call);
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
  const recollection = recall(call.world.importImageTokens, ClientToken, canonical(parameters), tokensSince(call));
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

function tokensSince({ world, now }: Call): number {
  switch (world.answer('tokenMemory')) {
    case 'forEver':
      return -Infinity;
    case 'tenMinutes':
      return now - 10 * 60_000;
  }
}

/** One message for a role that is missing, lacks a permission, has the wrong trust, or has not reached every IAM endpoint yet. */
async function checkRole(name: string, call: Call): Promise<void> {
  const early = effectOf(call.rules, 'roleNotPropagated', call.now) && call.world.answer('refusedDisk');
  if (early === 'caller') {
    throw callerRefused();
  }
  if (early === 'serviceRole' || !await call.world.disks.roleExists(name)) {
    throw new AwsError('InvalidParameter', `The service role ${name} provided does not exist or does not have sufficient permissions`);
  }
}

/** The caller needs the disk, too. @see https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html */
async function checkCaller(locations: readonly DiskLocation[], { world }: Call): Promise<void> {
  for (const location of locations) {
    if (location.kind === 'object' && !await (world.disks.callerMayRead?.(location.bucket, location.key) ?? true)) {
      throw callerRefused();
    }
  }
}

function callerRefused(): AwsError {
  return new AwsError('InvalidParameter', 'User does not have access to the S3 object');
}

function lacksDefaultKey({ Encrypted, KmsKeyId }: ImportImageRequest, { world: { settings } }: Call): boolean {
  return isDefaultKeyDenied(settings, { encrypted: Encrypted, key: KmsKeyId });
}

function checkDefaultKey(request: ImportImageRequest, call: Call): void {
  if (lacksDefaultKey(request, call) && call.world.answer('defaultKey') === 'InvalidParameterValue') {
    throw new AwsError('InvalidParameterValue', 'The specified KMS key is not accessible');
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
    throw new AwsError(world.answer('fullQuota'), `You have exceeded the limit of ${quota} active import tasks`);
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
  if (effectOf(call.rules, 'roleNotPropagated', now)) {
    failToRead(task, 'We do not have access to the given resource. Reason 403 Forbidden');
  }
  if (lacksDefaultKey(request, call)) {
    task.plan = { kind: 'fail', message: 'ClientError: The specified KMS key is not accessible', atProgress: 30, leaves: 'nothing' };
  }
  task.disks = readDisks(task, locations, call);
  world.addTask(task);
  call.touched.add(task.id);
  const { BootMode, ...answer } = describeTask(task, now, world.settings);
  const { ClientToken, ...parameters } = request;
  if (ClientToken !== undefined) {
    world.importImageTokens.set(ClientToken, { at: now, parameters: canonical(parameters), answer });
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

function failToRead(task: ImportTask, why: string = 'Invalid S3 source location: We do not have access to the given resource. Reason 404 Not Found'): void {
  task.plan = {
    kind: 'fail',
    message: `ClientError: Disk validation failed [${why}]`,
    atProgress: 5,
    leaves: 'nothing',
  };
}
