import type { StartSnapshotResponse } from '@aws-sdk/client-ebs';
import type { CopyImageResult, Image as Ami, ImportImageResult, LaunchPermission, Snapshot } from '@aws-sdk/client-ec2';
import type { CreateImageRecipeRequest, CreateImageRecipeResponse, ImportVmImageRequest, ImportVmImageResponse } from '@aws-sdk/client-imagebuilder';
import { Clock } from './clock';
import { DiskSource } from './disk-source';
import { DirectSnapshot, DirectUpload, isDirect, settleSnapshot } from './ebs/direct-upload';
import type { InstanceResource, LaunchTemplateResource } from './ec2/ami-users';
import { makeAmi, makeSnapshots } from './ec2/make-ami';
import { endCopy } from './ec2/make-copy';
import { ImportTask, plannedEnd, progressOf, VALIDATED_PROGRESS } from './ec2/task';
import { letThePersonCome } from './person';
import { Settings } from './settings';
import { TokenBucket } from './token-bucket';
import { Answers, answerTo, UnknownId } from './unknowns';

const HOUR_MS = 60 * 60_000;

export interface AmiResource {
  readonly kind: 'ami';
  readonly id: string;
  /** Counts up with everything made. */
  readonly serial: number;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  readonly snapshotIds: readonly string[];
  description: Omit<Ami, 'ImageId' | 'Tags'>;
  launchPermissions: readonly LaunchPermission[];
  /** Until when EC2 refuses to deregister it, though its protection was lifted. */
  cooldownUntil?: number;
  /** Whether the person of the answer `person` has been here. */
  visited?: boolean;
  /** When an AMI that RegisterImage made becomes available. */
  readonly availableAt?: number;
  /** How the copy that it is ends; an AMI that was imported or registered has none. */
  readonly copy?: CopyPlan;
}

export interface CopyPlan {
  readonly endsAt: number;
  /** Why it fails, if it does. */
  readonly failure?: string;
}

export interface SnapshotResource {
  readonly kind: 'snapshot';
  readonly id: string;
  readonly serial: number;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  /** Made by an import, a copy or the EBS direct APIs, or there before: given snapshots do not count as left behind. */
  readonly origin: 'import' | 'copy' | 'direct' | 'given';
  /** The blocks of a snapshot that was written through the EBS direct APIs. */
  readonly direct?: DirectUpload;
  description: Omit<Snapshot, 'SnapshotId' | 'Tags'>;
}

export type ImageEnd =
  | { readonly kind: 'AVAILABLE'; readonly amiId: string }
  | { readonly kind: 'FAILED'; readonly reason: string }
  | { readonly kind: 'CANCELLED'; readonly reason: string };

/** An Image Builder image build version. */
export interface ImageResource {
  readonly kind: 'image';
  /** The ARN. */
  readonly id: string;
  readonly serial: number;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  readonly request: ImportVmImageRequest;
  /** `x.y.z/build`. */
  readonly version: string;
  end?: ImageEnd;
}

export interface RecipeResource {
  readonly kind: 'recipe';
  /** The ARN. */
  readonly id: string;
  readonly serial: number;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  readonly request: CreateImageRecipeRequest;
}

export type Resource = ImportTask | AmiResource | SnapshotResource | ImageResource | RecipeResource;

/** A resource that is gone; lists may show it a while longer. */
export interface Deleted<T> {
  readonly resource: T;
  readonly at: number;
}

/** What was answered to a client token, to be answered again. */
export interface Remembered<T> {
  readonly at: number;
  readonly parameters: string;
  readonly answer: T;
}

/** Everything that stands in the account, moved on by the clock whenever somebody looks. */
export class World {
  readonly tasks = new Map<string, ImportTask>();
  readonly amis = new Map<string, AmiResource>();
  readonly snapshots = new Map<string, SnapshotResource>();
  readonly images = new Map<string, ImageResource>();
  readonly recipes = new Map<string, RecipeResource>();
  readonly instances: InstanceResource[] = [];
  readonly launchTemplates: LaunchTemplateResource[] = [];
  readonly deletedAmis = new Map<string, Deleted<AmiResource>>();
  readonly deletedSnapshots = new Map<string, Deleted<SnapshotResource>>();
  readonly deletedImages = new Map<string, Deleted<ImageResource>>();
  /** The last build number given to a name and version; never given again. */
  readonly builds = new Map<string, number>();
  readonly startSnapshotTokens = new Map<string, Remembered<StartSnapshotResponse>>();
  readonly copyImageTokens = new Map<string, Remembered<CopyImageResult>>();
  readonly importImageTokens = new Map<string, Remembered<ImportImageResult>>();
  readonly importVmImageTokens = new Map<string, Remembered<ImportVmImageResponse>>();
  readonly createImageRecipeTokens = new Map<string, Remembered<CreateImageRecipeResponse>>();
  private readonly closing = new AbortController();
  private readonly openTasks = new Set<ImportTask>();
  private readonly openImages = new Set<ImageResource>();
  private readonly openSnapshots = new Set<DirectSnapshot>();
  private made = 0;
  /** The request limits of the EBS direct APIs, and of EC2's Describe* actions. */
  readonly limits: Readonly<Record<'describe' | 'startSnapshot' | 'putSnapshotBlock' | 'completeSnapshot', TokenBucket>>;

  constructor(readonly settings: Settings, readonly clock: Clock, readonly disks: DiskSource) {
    const perSecond = (rate: number) => new TokenBucket(rate, rate, clock.now());
    this.limits = {
      // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html : non-mutating actions.
      describe: settings.describeLimit === 'documented' ? new TokenBucket(100, 20, clock.now()) : new TokenBucket(Infinity, Infinity, clock.now()),
      startSnapshot: perSecond(settings.startSnapshotsPerSecond),
      putSnapshotBlock: perSecond(settings.putSnapshotBlocksPerSecond),
      completeSnapshot: perSecond(settings.completeSnapshotsPerSecond),
    };
  }

  /** Ids are counted, so the same calls make the same ids again. */
  newId(prefix: string): string {
    return `${prefix}-${(++this.made).toString(16).padStart(17, '0')}`;
  }

  newSerial(): number {
    return ++this.made;
  }

  newRequestId(): string {
    return `00000000-0000-4000-8000-${(++this.made).toString(16).padStart(12, '0')}`;
  }

  /** Aborts when the emulator closes or forgets everything. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  close(): void {
    this.closing.abort();
    this.snapshots.forEach(({ direct }) => direct?.blocks.delete());
  }

  addTask(task: ImportTask): void {
    this.tasks.set(task.id, task);
    this.openTasks.add(task);
  }

  addImage(image: ImageResource): void {
    this.images.set(image.id, image);
    this.openImages.add(image);
  }

  addSnapshot(snapshot: DirectSnapshot): void {
    this.snapshots.set(snapshot.id, snapshot);
    this.openSnapshots.add(snapshot);
  }

  /** The snapshots that are being written, or about to be completed. */
  pendingSnapshots(): readonly DirectSnapshot[] {
    return [...this.openSnapshots];
  }

  deleteAmi(ami: AmiResource): void {
    this.amis.delete(ami.id);
    this.deletedAmis.set(ami.id, { resource: ami, at: this.clock.now() });
  }

  deleteSnapshot(snapshot: SnapshotResource): void {
    this.snapshots.delete(snapshot.id);
    if (isDirect(snapshot)) {
      this.openSnapshots.delete(snapshot);
      snapshot.direct.blocks.delete();
    }
    this.deletedSnapshots.set(snapshot.id, { resource: snapshot, at: this.clock.now() });
  }

  deleteImage(image: ImageResource): void {
    this.images.delete(image.id);
    this.deletedImages.set(image.id, { resource: image, at: this.clock.now() });
  }

  activeTasks(): readonly ImportTask[] {
    return [...this.openTasks];
  }

  /** The resource of any kind that goes by this id or ARN. */
  find(id: string): Resource | undefined {
    return this.tasks.get(id) ?? this.amis.get(id) ?? this.snapshots.get(id) ?? this.images.get(id) ?? this.recipes.get(id);
  }

  endTask(task: ImportTask, end: NonNullable<ImportTask['end']>): void {
    task.end = end;
    this.openTasks.delete(task);
  }

  endImage(image: ImageResource, end: ImageEnd): void {
    image.end = end;
    this.openImages.delete(image);
  }

  /** Brings tasks and images up to the clock's time, each change at its own time. */
  async settle(): Promise<void> {
    const now = this.clock.now();
    for (const task of this.openTasks) {
      // A task that is past validation has read its disks, however slowly this machine reads.
      if (task.disks.kind === 'reading' && progressOf(task, now) >= VALIDATED_PROGRESS) {
        await task.disks.done;
      }
    }
    for (const task of this.openTasks) {
      this.settleTask(task, now);
    }
    for (const image of this.openImages) {
      this.settleImage(image, now);
    }
    for (const ami of this.amis.values()) {
      endCopy(ami, this, now);
      if (ami.availableAt !== undefined && ami.description.State === 'pending' && now >= ami.availableAt) {
        ami.description = { ...ami.description, State: 'available' };
      }
    }
    for (const snapshot of this.openSnapshots) {
      settleSnapshot(snapshot, now);
      if (snapshot.description.State !== 'pending') {
        this.openSnapshots.delete(snapshot);
      }
      if (snapshot.description.State === 'error' && this.answer('ebsAbandoned') === 'gone') {
        this.deleteSnapshot(snapshot);
      }
    }
    this.forgetOldTasks(now);
    letThePersonCome(this, now);
  }

  /** Returns how AWS behaves where its documentation leaves it open. */
  answer<Id extends UnknownId>(id: Id): Answers[Id] {
    return answerTo(this.settings.answers, id);
  }

  private settleTask(task: ImportTask, now: number): void {
    const at = plannedEnd(task);
    if (now < at) {
      return;
    }
    if (task.plan.kind === 'fail') {
      const { atProgress: progress, message, leaves } = task.plan;
      const left = leaves === 'snapshots' ? makeSnapshots(task, at, this) : [];
      left.forEach((snapshot) => this.snapshots.set(snapshot.id, snapshot));
      this.endTask(task, { kind: 'failed', at, progress, message, snapshotIds: left.map(({ id }) => id) });
      return;
    }
    const { ami, snapshots } = makeAmi(task, at, this);
    this.amis.set(ami.id, ami);
    snapshots.forEach((snapshot) => this.snapshots.set(snapshot.id, snapshot));
    this.endTask(task, { kind: 'completed', at, amiId: ami.id, snapshotIds: ami.snapshotIds });
  }

  private forgetOldTasks(now: number): void {
    if (this.answer('taskMemory') === 'forEver') {
      return;
    }
    for (const task of this.tasks.values()) {
      if (task.end && now >= task.end.at + HOUR_MS) {
        this.tasks.delete(task.id);
      }
    }
  }

  /** An image follows its task: available a while after it completed, failed when it failed. */
  private settleImage(image: ImageResource, now: number): void {
    const taskId = image.request.vmImportTaskId ?? '';
    const task = this.tasks.get(taskId);
    if (!task) {
      this.endImage(image, { kind: 'FAILED', reason: `The VM import task ${taskId} was not found` });
    } else if (task.end?.kind === 'completed') {
      if (now >= Math.max(image.createdAt, task.end.at) + this.settings.imageDurationMs) {
        this.endImage(image, this.amis.has(task.end.amiId)
          ? { kind: 'AVAILABLE', amiId: task.end.amiId }
          : { kind: 'FAILED', reason: `The AMI ${task.end.amiId} of the VM import task ${taskId} was not found` });
      }
    } else if (task.end) {
      this.endImage(image, { kind: 'FAILED', reason: `The VM import task ${taskId} failed: ${task.end.message}` });
    }
  }
}
