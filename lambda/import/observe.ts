/**
 * Observes what exists of an import, with new questions to AWS in every pass, and no more than the next decision needs:
 * while the task runs, or the import is queued, that is one call.
 */
import type { AmiObserved, ImageObserved, ImportObserved, TaskObserved } from './decide';
import { imageVersionArn, type Import } from './request';
import { importTagChanges } from './tag-changes';
import { amiById, amisByImportId, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { isAccessRefused } from '../aws/errors';
import { imageByArn, importedImages, type Image } from '../aws/images';
import { taskById, tasksByImportId, type Task } from '../aws/tasks';

/** The observation, together with the things themselves for the attributes of the resource. */
export interface ImportSeen {
  readonly observed: ImportObserved;
  readonly task?: Task;
  readonly ami?: Ami;
  readonly image?: Image;
}

/**
 * What may exist of an import before a request: `nothing` if the request begins it, or if nothing was found at the start of
 * the request; else `anything`. The task leads to all that the request itself makes; EC2 may have forgotten an older task.
 */
export type ExistsBefore = 'nothing' | 'anything';

/** Observes what exists towards the image; `known` is the image of this import, if the caller has just asked for it. */
export async function observeImport(aws: Aws, import_: Import, before: ExistsBefore, known?: Image): Promise<ImportSeen> {
  const tasks = await importTasks(aws, import_);
  const task = tasks.find((each) => each.state === 'active') ?? tasks.find((each) => each.state === 'completed') ?? tasks[tasks.length - 1];
  if (task?.state === 'active') {
    return { observed: { ...NOTHING, task: activeTask(task) }, task };
  }
  const imports = import_.request.source.kind === 'import';
  if (imports && task === undefined && before === 'nothing') {
    return { observed: NOTHING };
  }
  // The tags of an adopted task and its AMI belong to another import.
  const early = known ?? (imports && task?.imageArn !== undefined ? await imageByArn(aws, task.imageArn) : undefined);
  if (imageObserved(early).kind === 'in-progress') {
    return { observed: { ...NOTHING, task: taskObserved(tasks), image: imageObserved(early) }, task, image: early };
  }
  const own = await importedAmi(aws, import_, task);
  const image = early ?? (await importedImage(aws, import_, own, before));
  const ami = own ?? (await adoptedAmi(aws, import_, task, image));
  const observedImage = imageObserved(image);
  return {
    observed: {
      task: taskObserved(tasks),
      ami: amiObserved(import_, ami, task),
      image: observedImage,
      tagChanges: observedImage.kind === 'in-progress' ? [] : await importTagChanges(aws, import_, { task, ami, image }, before),
    },
    task,
    ami,
    image,
  };
}

export const NOTHING: ImportObserved = { task: { kind: 'none' }, ami: { kind: 'none' }, image: { kind: 'none' }, tagChanges: [] };

/** Observes at the start of a request what exists of the import. Returns `anything` if AWS does not answer. */
export async function existsBefore(aws: Aws, import_: Import): Promise<ExistsBefore> {
  const seen = await observeImport(aws, import_, 'anything').catch(() => undefined);
  const kinds = seen && [seen.observed.task.kind, seen.observed.ami.kind, seen.observed.image.kind];
  return kinds?.every((kind) => kind === 'none') ? 'nothing' : 'anything';
}

async function importTasks(aws: Aws, { id, request }: Import): Promise<Task[]> {
  if (request.source.kind === 'import') {
    return tasksByImportId(aws, id, (each) => each === id);
  }
  const task = await taskById(aws, request.source.importTaskId);
  return task ? [task] : [];
}

async function importedAmi(aws: Aws, { id, request }: Import, task: Task | undefined): Promise<Ami | undefined> {
  if (task?.amiId) {
    return amiById(aws, task.amiId);
  }
  return request.source.kind === 'import' && task === undefined ? (await amisByImportId(aws, id))[0] : undefined;
}

/** EC2 forgets tasks. The image of an adopted task then leads to the AMI, which carries no tag of the library. */
async function adoptedAmi(aws: Aws, { request }: Import, task: Task | undefined, image: Image | undefined): Promise<Ami | undefined> {
  return request.source.kind === 'adopt' && task === undefined && image?.amiId !== undefined ? amiById(aws, image.amiId) : undefined;
}

/** ImportVmImage is called only for an AMI that carries the id of its import. Without such an AMI there is nothing to find. */
async function importedImage(aws: Aws, import_: Import, ami: Ami | undefined, before: ExistsBefore): Promise<Image | undefined> {
  const imports = import_.request.source.kind === 'import';
  if (imports && (ami === undefined ? before === 'nothing' : ami.importId !== import_.id)) {
    return undefined;
  }
  const taggedArn = imports ? ami?.imageArn : undefined;
  for (const each of taggedArn === undefined ? await listedArns(aws, import_) : [taggedArn]) {
    const image = await imageByArn(aws, each);
    if (image) {
      return image;
    }
  }
  return undefined;
}

async function listedArns(aws: Aws, import_: Import): Promise<string[]> {
  const images = await importedImages(aws, imageVersionArn(import_));
  return images.filter((image) => image.importId === import_.id).map((image) => image.arn);
}

function activeTask(task: Task): TaskObserved {
  return { kind: 'active', taskId: task.id, status: task.statusMessage || task.status, progress: task.progress };
}

function taskObserved(tasks: readonly Task[]): TaskObserved {
  const completed = tasks.find((task) => task.state === 'completed');
  if (completed) {
    return { kind: 'completed', taskId: completed.id };
  }
  const refused = tasks.filter((task) => isAccessRefused(task.statusMessage));
  const failing = tasks.find((task) => task.state === 'deleting');
  if (failing) {
    return { kind: 'failing', taskId: failing.id, reason: failing.statusMessage, refused: refused.length };
  }
  // A failure of the disk tells more than a failure of the service, which tells more than a role that was not propagated yet.
  const read = tasks.filter((task) => !refused.includes(task));
  const failed = read.find((task) => task.statusMessage.startsWith('ClientError')) ?? read.at(-1) ?? refused.at(-1);
  return failed
    ? {
      kind: 'failed',
      taskId: failed.id,
      reason: failed.statusMessage,
      attempts: tasks.length,
      refused: refused.length,
      snapshotIds: tasks.flatMap((task) => task.snapshotIds),
    }
    : { kind: 'none' };
}

function amiObserved({ request: { source } }: Import, ami: Ami | undefined, task: Task | undefined): AmiObserved {
  if (ami === undefined) {
    return { kind: 'none' };
  }
  switch (ami.state) {
    case 'deregistered':
      return { kind: 'none' };
    case 'pending':
      return { kind: 'pending', amiId: ami.id };
    case 'failed':
      return { kind: 'failed', amiId: ami.id, reason: ami.stateReason };
    case 'available':
    case 'disabled':
      return { kind: 'available', amiId: ami.id, imageArn: ami.imageArn, taskId: source.kind === 'adopt' ? source.importTaskId : taskIdOf(ami, task) };
  }
}

/** EC2 names the AMI of an import after its task. The record of the task may be gone. */
export function taskIdOf(ami: Ami, task: Task | undefined): string {
  return task?.id ?? ami.taskId ?? ami.name;
}

export function imageObserved(image: Image | undefined): ImageObserved {
  if (image === undefined || image.state === 'deleted') {
    return { kind: 'none' };
  }
  const { state, arn, status, reason } = image;
  return state === 'available' ? { kind: state, arn } : { kind: state, arn, status, reason };
}
