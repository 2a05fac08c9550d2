/** Turns what the account contains into one view per import. Pure. */
import { AmiCopy, ImportView, inReadingOrder, Stage } from './import-view';
import { RequestUnderWay } from './request';
import { exists, type Ami } from '../../lambda/aws/amis';
import { hintOf } from '../../lambda/aws/hints';
import type { Task } from '../../lambda/aws/tasks';
import { isOfFamily, parseImportId } from '../../lambda/cloudformation/physical-id';
import { nameOfImage, type TaggedImage } from '../account/images';
import { Stack } from '../account/stacks';

/** Everything that one look read. */
export interface Seen {
  readonly tasks: readonly Task[];
  readonly amis: readonly Ami[];
  readonly images: readonly TaggedImage[];
  readonly stacks: readonly Stack[];
  readonly requests: readonly RequestUnderWay[];
  /** Import tasks that were started outside of this library and adopted by `importTaskId`, by id. */
  readonly adopted: ReadonlyMap<string, Task>;
}

/** The resources that carry one import id. */
interface Import {
  readonly id: string;
  readonly stack?: Stack;
  readonly tasks: readonly Task[];
  readonly ami?: Ami;
  readonly image?: TaggedImage;
  /** Copies carry ids of their own: another custom resource makes them. */
  readonly copies: readonly Ami[];
}

export function viewsOf(seen: Seen): ImportView[] {
  const imports = importsOf(seen);
  const byRequest = new Map(seen.requests.map((request) => [request, importOf(request, imports)] as const));
  const asked = new Map([...byRequest].flatMap(([request, import_]) => (import_ ? [[import_, request] as const] : [])));
  const standing = imports.flatMap((import_) => viewOf(import_, asked.get(import_)) ?? []);
  const pending = [...byRequest].flatMap(([request, import_]) => (import_ === undefined ? pendingView(request, seen) ?? [] : []));
  return inReadingOrder([...standing, ...numberQueue(pending)]);
}

function importsOf({ tasks, amis, images, stacks }: Seen): Import[] {
  const stackByUuid = new Map(stacks.map((stack) => [stack.uuid, stack]));
  const standing = amis.filter(({ state }) => state !== 'deregistered');
  const imported = standing.filter(({ sourceAmiId }) => sourceAmiId === undefined);
  const ids = new Set([...tasks, ...imported, ...images].map(({ importId }) => importId));
  return [...ids].flatMap((id) => {
    const name = parseImportId(id);
    const ami = imported.find(({ importId }) => importId === id);
    const image = images.find(({ importId }) => importId === id);
    const source = ami?.id ?? image?.amiId;
    return name === undefined ? [] : [{
      id,
      stack: stackByUuid.get(name.stack),
      tasks: tasks.filter(({ importId }) => importId === id),
      ami,
      image,
      copies: standing.filter(({ sourceAmiId }) => sourceAmiId !== undefined && sourceAmiId === source),
    }];
  });
}

/** Returns the import that belongs to a request. An earlier, failed import of the same content may exist beside it. */
function importOf({ family }: RequestUnderWay, imports: readonly Import[]): Import | undefined {
  const found = imports.filter(({ id }) => isOfFamily(family, id));
  return found.find(({ tasks }) => tasks.some(({ state }) => state === 'active')) ?? found.find(({ ami, image }) => ami ?? image) ?? found.at(-1);
}

/** Returns undefined for an image that was deleted: EC2 still reports its task. */
function viewOf({ id, stack, tasks, ami, image, copies }: Import, request: RequestUnderWay | undefined): ImportView | undefined {
  const task = tasks.find(({ state }) => state === 'active') ?? tasks.find(({ state }) => state === 'completed') ?? tasks.at(-1);
  const stage = stageOf({ stack, task, ami, image, copies, request });
  return stage && {
    id,
    ...describeRequest(request),
    ...(stack ? { stackName: stack.name, stackId: stack.id } : {}),
    ...(image ? { imageName: nameOfImage(image.arn).name, imageVersion: nameOfImage(image.arn).version } : {}),
    taskId: task?.id ?? ami?.taskId,
    amiId: ami?.id ?? task?.amiId ?? image?.amiId,
    imageArn: image?.arn,
    ...(copies.length === 0 ? {} : { copies: copies.map(copyOf) }),
    stage,
  };
}

interface Parts extends Pick<Import, 'stack' | 'ami' | 'image' | 'copies'> {
  readonly task?: Task;
  readonly request?: RequestUnderWay;
}

function copyOf({ id, name, state }: Ami): AmiCopy {
  return { amiId: id, name, state };
}

function stageOf({ stack, task, ami, image, copies, request }: Parts): Stage | undefined {
  if (image !== undefined) {
    return imageStage(image, copies);
  }
  if (task?.state === 'active') {
    return importing(task);
  }
  if (ami !== undefined) {
    return amiStage(ami, task);
  }
  if (task?.state === 'completed') {
    // The AMI is not tagged yet, or it was deleted.
    return request?.state.kind === 'waiting' ? { kind: 'tagging' } : undefined;
  }
  return stack === undefined || task === undefined ? undefined : failed(task.statusMessage);
}

/** An AMI that was registered from copied disks has neither a task nor an image. All others wait for their image. */
function amiStage(ami: Ami, task: Task | undefined): Stage {
  if (isBroken(ami)) {
    return failed(ami.stateReason);
  }
  return task === undefined && ami.taskId === undefined && exists(ami) ? { kind: 'available' } : { kind: 'tagging' };
}

function isBroken({ state }: Ami): boolean {
  return /^(failed|error|invalid)$/.test(state);
}

/** Returns the stage of an import whose image is done but whose copies are not; undefined if they are. */
function copyStage(copies: readonly Ami[]): Stage | undefined {
  const broken = copies.find(isBroken);
  const pending = copies.find(({ state }) => state === 'pending');
  return broken ? failed(`AMI ${broken.id}, the copy to the name ${broken.name}: ${broken.stateReason}`) : pending && { kind: 'copying', name: pending.name };
}

function imageStage({ status, reason }: TaggedImage, copies: readonly Ami[]): Stage {
  switch (status) {
    case 'AVAILABLE':
    case 'DEPRECATED':
    case 'DISABLED':
      return copyStage(copies) ?? { kind: 'available' };
    case 'FAILED':
    case 'CANCELLED':
      return failed(`Image Builder image ${status}: ${reason}`);
    default:
      return { kind: 'image-builder', status };
  }
}

/** Returns the view of a request without tagged resources: it waits for its task, or for an adopted one. */
function pendingView(request: RequestUnderWay, { adopted }: Seen): ImportView | undefined {
  const { stack, state, request: { source } } = request;
  const view = { stackName: stack.name, stackId: stack.id, ...describeRequest(request) };
  switch (state.kind) {
    case 'done':
      return undefined;
    case 'failed':
      return { ...view, stage: failed(state.reason) };
    case 'waiting': {
      const task = source.kind === 'adopt' ? adopted.get(source.importTaskId) : undefined;
      const taskId = source.kind === 'adopt' ? source.importTaskId : undefined;
      const stage = task?.state === 'active' ? importing(task) : source.kind === 'adopt' ? { kind: 'tagging' } as const : QUEUED;
      return { ...view, taskId, stage };
    }
  }
}

const QUEUED: Stage = { kind: 'queued', position: 0, of: 0 };

function numberQueue(views: readonly ImportView[]): ImportView[] {
  const queue = views.filter(({ stage }) => stage.kind === 'queued').sort((a, b) => Number(a.startedAt) - Number(b.startedAt));
  return views.map((view) => (view.stage.kind === 'queued' ? { ...view, stage: { kind: 'queued', position: queue.indexOf(view) + 1, of: queue.length } } : view));
}

function describeRequest(request: RequestUnderWay | undefined): Partial<ImportView> {
  if (request === undefined) {
    return {};
  }
  const { logicalId, startedAt, state, request: { image } } = request;
  // For an import that is done, the start of the running update says nothing about its duration.
  return { logicalId, imageName: image.name, imageVersion: image.semanticVersion, ...(state.kind === 'waiting' ? { startedAt } : {}) };
}

function importing({ status, statusMessage, progress }: Task): Stage {
  const percent = Number.parseInt(progress, 10);
  return { kind: 'importing', status: statusMessage || status, ...(Number.isNaN(percent) ? {} : { progress: Math.min(100, Math.max(0, percent)) }) };
}

function failed(reason: string): Stage {
  return { kind: 'failed', reason: reason || 'no reason given', hint: hintOf(reason) };
}
