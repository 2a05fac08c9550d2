import type { Server } from 'node:http';
import { AwsError } from './aws-error';
import { Call } from './call';
import { factsOf } from './call-facts';
import { CallRecord } from './call-record';
import { Clock, ScaledClock, wait } from './clock';
import { DiskDigest, DiskSource, MemoryDiskSource } from './disk-source';
import { BLOCKS_PER_GIB, writeVolume } from './ebs/block-store';
import type { InstanceResource } from './ec2/ami-users';
import { planTask } from './ec2/import-image';
import { FaultRule, Service } from './fault';
import { Faults, injectedError, StandingRule } from './faults';
import { readCall, WireCall } from './read-call';
import { requestHandler, SdkRequestHandler } from './sdk-request-handler';
import { closeServer, listen } from './server';
import { DEFAULT_SETTINGS, Settings } from './settings';
import { Remaining, remainingIn, stateOf, WorldState } from './state';
import { WireOutcome, WireRequest, WireResponse } from './wire';
import { SnapshotResource, World } from './world';

export interface EmulatorOptions {
  /** @default real time */
  readonly clock?: Clock;
  /** Where roles and disk objects are looked up. @default an empty account in memory, with the role `vmimport` */
  readonly disks?: DiskSource;
  /** @default DEFAULT_SETTINGS */
  readonly settings?: Partial<Settings>;
  /** Returns how AWS refuses a call that its caller has no right to make. @default everybody may do everything */
  readonly authorize?: Authorize;
}

/** A call, with the tags that a thing had before it. */
export interface CallToAuthorize extends Pick<CallRecord, 'service' | 'action' | 'parameters'> {
  readonly tagsOf: (idOrArn: string) => Readonly<Record<string, string>>;
}

export type Authorize = (call: CallToAuthorize) => Promise<AwsError | undefined>;

/**
 * EC2's VM import, the EBS direct APIs and Image Builder of one account and Region, on their real wire protocols.
 * Two doors lead in: `listen()` for clients over HTTP, `requestHandler()` for SDK clients in this process.
 */
export class Ec2AndImageBuilder {
  readonly clock: Clock;
  readonly settings: Settings;
  private readonly disks: DiskSource;
  private readonly authorize?: Authorize;
  private readonly faults = new Faults();
  private world: World;
  private log: CallRecord[] = [];
  private received = 0;
  private server?: Server;

  constructor({ clock = new ScaledClock(), disks = new MemoryDiskSource(), settings = {}, authorize }: EmulatorOptions = {}) {
    this.clock = clock;
    this.disks = disks;
    this.authorize = authorize;
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.world = this.newWorld();
  }

  /** Opens a free port on 127.0.0.1; returns the endpoint URL, for all three services. */
  async listen(port = 0): Promise<string> {
    if (this.server) {
      throw new Error('The emulator listens already');
    }
    const { server, url } = await listen(this, port);
    this.server = server;
    return url;
  }

  /** Closes the port and every connection; returns when all are closed. */
  async close(): Promise<void> {
    this.world.close();
    const { server } = this;
    this.server = undefined;
    if (server) {
      await closeServer(server);
    }
  }

  /** For `new EC2Client({ requestHandler })`, `EBSClient` and `ImagebuilderClient`: no sockets between. */
  requestHandler(): SdkRequestHandler {
    return requestHandler(this);
  }

  /** Answers one request; both doors and every test end up here. */
  async handle(request: WireRequest): Promise<WireOutcome> {
    const call = readCall(request);
    const record: CallRecord = {
      seq: ++this.received,
      time: this.clock.now(),
      service: call.service,
      action: call.action,
      parameters: call.parameters,
      userAgent: request.headers?.['user-agent'],
      resources: [],
    };
    this.log.push(record);
    const { world } = this;
    const rules = this.faults.meet(call.service, call.action, () => factsOf(call.service, call.action, call.parameters, world));
    const delay = rules.reduce((sum, { effect }) => (effect.kind === 'delay' ? sum + effect.ms : sum), 0);
    if (delay > 0) {
      await wait(this.clock, delay, world.signal);
    }
    if (world.signal.aborted || rules.some(({ effect }) => effect.kind === 'dropBefore')) {
      record.outcome = { kind: 'dropped', done: 'nothing' };
      return { kind: 'dropped' };
    }
    const response = await this.answer(call, rules, record, world);
    if (rules.some(({ effect }) => effect.kind === 'dropAfter')) {
      record.outcome = { kind: 'dropped', done: 'everything' };
      return { kind: 'dropped' };
    }
    return { kind: 'answered', response };
  }

  /** Puts a fault in place; returns the id to remove it by. */
  addRule(rule: FaultRule): string {
    const standing = this.faults.add(rule, this.clock.now());
    const { effect, match } = standing;
    const task = effect.kind === 'task' && match?.id !== undefined ? this.world.tasks.get(match.id) : undefined;
    if (effect.kind === 'task' && task && !task.end) {
      planTask(task, effect.outcome);
    }
    return standing.id;
  }

  removeRule(id: string): void {
    this.faults.remove(id);
  }

  clearRules(): void {
    this.faults.clear();
  }

  /** The rules in place, each with how many calls it has matched. */
  rules(): readonly (StandingRule & { readonly matched: number })[] {
    return this.faults.list();
  }

  /** Every call so far, oldest first. */
  calls(filter: { readonly service?: Service; readonly action?: string } = {}): readonly CallRecord[] {
    return this.log.filter(({ service, action }) => service === (filter.service ?? service) && action === (filter.action ?? action));
  }

  clearCalls(): void {
    this.log = [];
  }

  /** What stands in the account and costs or blocks something; empty lists when all was cleaned up. */
  async remaining(): Promise<Remaining> {
    await this.world.settle();
    return remainingIn(this.world);
  }

  /** Everything, ended tasks included, as plain JSON. */
  async state(): Promise<WorldState> {
    await this.world.settle();
    return stateOf(this.world);
  }

  /** What the service read of a task's disk objects. */
  async disksRead(taskId: string): Promise<readonly DiskDigest[]> {
    const task = this.world.tasks.get(taskId);
    if (task?.disks.kind === 'reading') {
      await task.disks.done;
    }
    return task?.disks.kind === 'read' ? task.disks.digests : [];
  }

  /** Writes to `path` the RAW disk that a volume made from a snapshot of the EBS direct APIs has, e.g. to boot it. */
  async writeVolume(snapshotId: string, path: string): Promise<void> {
    await this.world.settle();
    const snapshot = this.world.snapshots.get(snapshotId);
    if (!snapshot?.direct || snapshot.description.State !== 'completed') {
      throw new RangeError(`${snapshotId} is not a completed snapshot of the EBS direct APIs`);
    }
    const { direct: { blocks, written }, description: { VolumeSize = 0, Encrypted = false } } = snapshot;
    writeVolume({ snapshotId, blocks: VolumeSize * BLOCKS_PER_GIB, encrypted: Encrypted, written: written.keys(), store: blocks }, path);
  }

  /** The SHA-256 of each block of a snapshot of the EBS direct APIs, in base64, by the index of the block. */
  writtenBlocks(snapshotId: string): ReadonlyMap<number, string> {
    const written = this.world.snapshots.get(snapshotId)?.direct?.written ?? new Map<number, Buffer>();
    return new Map([...written].map(([index, checksum]) => [index, checksum.toString('base64')]));
  }

  /** A snapshot that was there before; returns its id. It never counts as remaining. */
  giveSnapshot(description: Partial<SnapshotResource['description']> = {}): string {
    const id = this.world.newId('snap');
    const given: SnapshotResource['description'] = {
      Encrypted: false, OwnerId: this.settings.account, Progress: '100%', StartTime: new Date(this.clock.now()), State: 'completed', VolumeSize: 8,
    };
    this.world.snapshots.set(id, {
      kind: 'snapshot', id, serial: this.world.newSerial(), createdAt: -Infinity, tags: new Map(), origin: 'given', description: { ...given, ...description },
    });
    return id;
  }

  /** An instance that was launched from an AMI; returns its id. It never counts as remaining. */
  giveInstance(amiId: string, state: InstanceResource['state'] = 'running'): string {
    const id = this.world.newId('i');
    this.world.instances.push({ id, serial: this.world.newSerial(), amiId, state });
    return id;
  }

  /** A launch template that names an AMI in its latest version, and one in its default version. It never counts as remaining. */
  giveLaunchTemplate(name: string, amiId: string, defaultAmiId = amiId): void {
    this.world.launchTemplates.push({ name, serial: this.world.newSerial(), amiId, defaultAmiId });
  }

  /** Forgets the record of a task that ended, as AWS does in time; what the task made stays. */
  forgetTask(taskId: string): void {
    if (!this.world.tasks.get(taskId)?.end) {
      throw new RangeError(`No task ${taskId} has ended`);
    }
    this.world.tasks.delete(taskId);
  }

  /** An empty account again: no resources, no calls, no rules; calls under way are dropped. */
  reset(): void {
    this.world.close();
    this.world = this.newWorld();
    this.log = [];
    this.received = 0;
    this.faults.clear();
  }

  private newWorld(): World {
    return new World(this.settings, this.clock, this.disks);
  }

  private async answer(wire: WireCall, rules: readonly StandingRule[], record: CallRecord, world: World): Promise<WireResponse> {
    const requestId = world.newRequestId();
    const touched = new Set<string>();
    try {
      const injected = injectedError(rules, wire.service);
      if (injected) {
        throw injected;
      }
      if (wire.service === 'ec2' && wire.action.startsWith('Describe') && !world.limits.describe.take(this.clock.now())) {
        throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
      }
      await world.settle();
      const refusal = await this.authorize?.({ ...record, tagsOf: (id) => tagsIn(world, id) });
      if (refusal) {
        throw refusal;
      }
      const call: Call = { world, now: this.clock.now(), rules, touched };
      const response = await wire.run(call, requestId);
      record.outcome = { kind: 'answered', status: response.status };
      return response;
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      record.outcome = { kind: 'answered', status: error.status, errorCode: error.code };
      return wire.refuse(error, requestId);
    } finally {
      record.resources = [...touched];
    }
  }
}

/** Returns the tags of a thing. What is gone has none. */
function tagsIn({ tasks, amis, snapshots, images }: World, id: string): Readonly<Record<string, string>> {
  return Object.fromEntries((tasks.get(id) ?? amis.get(id) ?? snapshots.get(id) ?? images.get(id))?.tags ?? []);
}
