/**
 * What exists of an import, asked of AWS anew on every pass, and no more than the next decision needs:
 * while the task runs that is one call.
 */
import type { Aws } from './aws';
import type { AmiObserved, ImageObserved, ImportObserved, RemovalObserved, TaskObserved } from './decide';
import {
  amiById,
  amisByImportId,
  imageByArn,
  importedImages,
  snapshotsByIds,
  snapshotsOfImport,
  taskById,
  tasksByImportId,
  type Ami,
  type Image,
  type Snapshot,
  type Task,
} from './describe';
import { imageVersionOf, sourceSnapshotIds, type Import } from './import';
import { ID_TAG, LICENSE_TYPE_TAG, tagChange, TASK_ID_TAG, type TagChange, type Tags, type TaggedThing } from './tags';

/** What was seen, for the decision and for the attributes of the resource. */
export interface ImportSeen {
  readonly observed: ImportObserved;
  readonly task?: Task;
  readonly ami?: Ami;
  readonly image?: Image;
}

/** Looks towards the image. `knownArn` is what ImportVmImage answered earlier in this pass. */
export async function observeImport(aws: Aws, import_: Import, knownArn: string | undefined): Promise<ImportSeen> {
  const tasks = await importTasks(aws, import_);
  const task = tasks.find((each) => each.state === 'active') ?? tasks.find((each) => each.state === 'completed') ?? tasks[tasks.length - 1];
  if (task?.state === 'active') {
    return { observed: { task: activeTask(task), ami: { kind: 'none' }, image: { kind: 'none' }, tagChanges: [] }, task };
  }
  const ami = await importedAmi(aws, import_, task);
  // What is noted on the AMI of an adopted task is another import's.
  const notedArn = import_.request.source.kind === 'import' ? ami?.imageArn : undefined;
  const image = await importedImage(aws, import_, knownArn ?? notedArn);
  const observedImage = imageObserved(image);
  return {
    observed: {
      task: taskObserved(tasks),
      ami: amiObserved(import_, ami, task),
      image: observedImage,
      tagChanges: observedImage.kind === 'in-progress' ? [] : await tagChanges(aws, import_, { task, ami, image }),
    },
    task,
    ami,
    image,
  };
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

async function importedImage(aws: Aws, import_: Import, arn: string | undefined): Promise<Image | undefined> {
  const arns = arn === undefined ? await listedArns(aws, import_) : [arn];
  for (const each of arns) {
    const image = await imageByArn(aws, each);
    if (image) {
      return image;
    }
  }
  return undefined;
}

async function listedArns(aws: Aws, import_: Import): Promise<string[]> {
  const images = await importedImages(aws, imageVersionOf(import_));
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
  const failing = tasks.find((task) => task.state === 'deleting');
  if (failing) {
    return { kind: 'failing', taskId: failing.id, reason: failing.statusMessage };
  }
  // A failure of the disk says more than one of the service, whichever is listed last.
  const failed = tasks.find((task) => task.statusMessage.startsWith('ClientError')) ?? tasks[tasks.length - 1];
  return failed
    ? {
      kind: 'failed',
      taskId: failed.id,
      reason: failed.statusMessage,
      attempts: tasks.length,
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
    case 'error':
    case 'invalid':
      return { kind: 'failed', amiId: ami.id, reason: ami.stateReason };
    default:
      return { kind: 'available', amiId: ami.id, taskId: source.kind === 'adopt' ? source.importTaskId : taskOf(ami, task) };
  }
}

/** EC2 names the AMI of an import after its task; the record of the task may be gone. */
function taskOf(ami: Ami, task: Task | undefined): string {
  return task?.id ?? ami.taskId ?? ami.name;
}

function imageObserved(image: Image | undefined): ImageObserved {
  if (image === undefined) {
    return { kind: 'none' };
  }
  const { arn, status, reason } = image;
  switch (status) {
    case 'DELETED':
      return { kind: 'none' };
    // A deprecated or disabled image stands; Image Builder's lifecycle policies put it there.
    case 'AVAILABLE':
    case 'DEPRECATED':
    case 'DISABLED':
      return { kind: 'available', arn };
    case 'FAILED':
    case 'CANCELLED':
      return { kind: 'failed', arn, status, reason };
    default:
      return { kind: 'in-progress', arn, status };
  }
}

/** What has to change in the tags of all that stands. An adopted task, its AMI and its snapshots are not ours to tag. */
async function tagChanges(
  aws: Aws,
  import_: Import,
  { task, ami, image }: { readonly task?: Task; readonly ami?: Ami; readonly image?: Image },
): Promise<TagChange[]> {
  const { id, request } = import_;
  const wanted: Tags = { ...request.tags, [ID_TAG]: id };
  const change = (on: TaggedThing, found: Tags, own: Tags = {}) => tagChange(on, found, { ...wanted, ...own }, request.retiredTagKeys) ?? [];
  const changes = image ? [change({ kind: 'image', arn: image.arn }, image.tags)] : [];
  if (request.source.kind === 'adopt') {
    return changes.flat();
  }
  if (task && task.state !== 'deleted') {
    changes.push(change({ kind: 'ec2', resource: 'task', id: task.id }, task.tags));
  }
  if (ami && ami.state === 'available') {
    const own = { ...(task ? { [TASK_ID_TAG]: task.id } : {}), ...(task?.licenseType ? { [LICENSE_TYPE_TAG]: task.licenseType } : {}) };
    changes.push(change({ kind: 'ec2', resource: 'ami', id: ami.id }, ami.tags, own));
    const source = sourceSnapshotIds(import_);
    const snapshots = await snapshotsByIds(aws, ami.snapshotIds.filter((each) => !source.has(each)));
    changes.push(...snapshots.map((snapshot) => change({ kind: 'ec2', resource: 'snapshot', id: snapshot.id }, snapshot.tags)));
  }
  return changes.flat();
}

// -------------------------------------------------------------------------------------------------- towards absence

/** Looks for all that an import may have left, whatever died at whatever point. */
export async function observeRemoval(aws: Aws, import_: Import): Promise<RemovalObserved> {
  const { source } = import_.request;
  if (source.kind === 'adopt') {
    const task = await taskById(aws, source.importTaskId);
    return removalObserved({ tasks: [], amis: [], snapshots: [], images: await imagesToRemove(aws, import_, []), completed: task?.state === 'completed' });
  }
  const tasks = await tasksByImportId(aws, import_.id, (each) => each === import_.id);
  const amis = await amisToRemove(aws, import_, tasks);
  return removalObserved({
    tasks,
    amis,
    images: await imagesToRemove(aws, import_, amis),
    snapshots: await snapshotsToRemove(aws, import_, tasks, amis),
    completed: amis.length > 0 || tasks.some((task) => task.state === 'completed'),
  });
}

interface Leftovers {
  readonly tasks: readonly Task[];
  readonly amis: readonly Ami[];
  readonly images: readonly Image[];
  readonly snapshots: readonly Snapshot[];
  /** There is, or was, an AMI from which an image may have been made. */
  readonly completed: boolean;
}

function removalObserved({ tasks, amis, images, snapshots, completed }: Leftovers): RemovalObserved {
  return {
    activeTaskIds: tasks.filter((task) => task.state === 'active').map((task) => task.id),
    endingTaskIds: tasks.filter((task) => task.state === 'deleting').map((task) => task.id),
    images: images.map((image) => ({ arn: image.arn, state: imageObserved(image).kind === 'in-progress' ? 'in-progress' : 'settled' })),
    imageEvidence: images.length > 0 ? 'found' : completed ? 'missing' : 'none-expected',
    amiIds: amis.map((ami) => ami.id),
    snapshotIds: snapshots.map((snapshot) => snapshot.id),
    untaggedIds: [...amis, ...snapshots].filter((each) => !(ID_TAG in each.tags)).map((each) => each.id),
  };
}

async function amisToRemove(aws: Aws, { id }: Import, tasks: readonly Task[]): Promise<Ami[]> {
  const amis = await amisByImportId(aws, id);
  for (const amiId of tasks.flatMap((task) => task.amiId ?? [])) {
    const untagged = amis.some((each) => each.id === amiId) ? undefined : await amiById(aws, amiId);
    amis.push(...(untagged ? [untagged] : []));
  }
  return amis.filter((ami) => ami.state !== 'deregistered');
}

async function imagesToRemove(aws: Aws, import_: Import, amis: readonly Ami[]): Promise<Image[]> {
  const images: Image[] = [];
  for (const arn of new Set([...amis.flatMap((ami) => ami.imageArn ?? []), ...(await listedArns(aws, import_))])) {
    const image = await imageByArn(aws, arn);
    images.push(...(image && image.status !== 'DELETED' ? [image] : []));
  }
  return images;
}

async function snapshotsToRemove(aws: Aws, import_: Import, tasks: readonly Task[], amis: readonly Ami[]): Promise<Snapshot[]> {
  const named = [...tasks, ...amis].flatMap((each) => each.snapshotIds);
  const found = [...(await snapshotsOfImport(aws, import_.id)), ...(await snapshotsByIds(aws, [...new Set(named)]))];
  const source = sourceSnapshotIds(import_);
  const byId = new Map(found.filter((snapshot) => !source.has(snapshot.id)).map((snapshot) => [snapshot.id, snapshot]));
  return [...byId.values()];
}
