import { EventBusDouble } from './event-bus-double';
import { clientsOf, type Destination } from './invocation-clients';
import { importProperties } from './requests';
import type { S3Double } from './s3-double';
import { snapshotProperties } from './snapshot/snapshot-rig';
import { StackResourceDouble, type CloudFormationFailure } from './stack-resource-double';
import { StateMachineDouble } from './state-machine-double';
import type { CloudFormationRequest, DeleteRequest, InvocationContext, IsCompleteRequest } from '../../lambda/cloudformation/requests';
import { createHandlers, newMemory, type Handlers } from '../../lambda/handlers';
import { CloudFormationDriver, FunctionDied, type CloudFormationDriverOptions, type StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResource, TemplateResources, TemplateValue } from '../local-cloud/cloudformation-template';
import { Ec2AndImageBuilder, MemoryDiskSource, type DiskSource, type SdkRequestHandler, type Settings } from '../local-cloud/emulator';
import { IdleClock } from '../local-cloud/idle-clock';
import type { CustomResourceRequest } from '../local-cloud/provider-framework';

/** When the handler is killed: before or after its n-th call to AWS of an operation. */
export interface Kill {
  readonly call: number;
  readonly moment: 'before' | 'after';
  /** What the framework makes of it: it dies as well and is called again, or it tells CloudFormation. */
  readonly then: 'called-again' | 'told';
}

/** A moment at which the handler can be killed. */
export type KillMoment = Pick<Kill, 'call' | 'moment'>;

/** Calls to a service, by their number, that fail. */
export interface ServiceFault {
  readonly from: number;
  readonly to: number;
  readonly kind: 'throttled' | 'broken' | 'dropBefore' | 'dropAfter';
}

/** Calls to CloudFormation's own API, by their number, that are refused, or tell of some time ago. */
export type CloudFormationFault = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'throttled' | 'broken' }
  | { readonly kind: 'stale'; readonly ms: number });

const FAILURES: Record<CloudFormationFault['kind'], CloudFormationFailure | undefined> = {
  throttled: { statusCode: 400, code: 'Throttling' },
  broken: { statusCode: 503, code: 'ServiceUnavailable' },
  stale: undefined,
};

interface Invocation {
  killed: boolean;
  /** Whether it made a call already. */
  called?: boolean;
  /** Tells the one who waits for it; an invocation without is never killed. */
  readonly die?: (error: Error) => void;
  /** What CloudFormation says of the request, where its driver does not know of it. */
  readonly resource?: { readonly status: string; readonly changedAt: number };
}

export interface StackRigOptions {
  readonly settings?: Partial<Settings>;
  readonly driver?: Partial<CloudFormationDriverOptions>;
  /** Where the disks are, for handlers that may be killed before and after calls to it, too. */
  readonly s3?: S3Double;
  /** Where EC2 reads the disks. */
  readonly disks?: DiskSource;
}

/** Another resource of the stack, which fails after so many `Seconds`, or never. In an update, `UpdateSeconds` count if there are any. */
export const BROKEN_TYPE = 'Custom::Broken';

/** A stack from one template to another. */
export interface StackChange {
  /** Undefined if the change creates the stack. */
  readonly before: TemplateResources | undefined;
  /** Undefined if the change deletes the stack. */
  readonly after: TemplateResources | undefined;
}

/** Stacks of imports, in CloudFormation as it is, over the handlers as they are, on the emulator, in fake time. */
export class StackRig {
  readonly clock = new IdleClock();
  readonly cloud: Ec2AndImageBuilder;
  readonly driver: CloudFormationDriver;
  readonly eventBus = new EventBusDouble();
  /** Copies disks, with functions that are never killed. */
  readonly stateMachine: StateMachineDouble;
  /** Calls that the handlers made to EC2, Image Builder, EventBridge, and an Amazon S3 of their own since `arm` was called. */
  calls = 0;
  /**
   * The moments since `arm` was called between which AWS differs: before the first call of each invocation, and after each call
   * that changes something. To be killed before or after a call that reads is to be killed at the moment before it.
   */
  moments: KillMoment[] = [];
  /** How often a handler was killed. */
  killed = 0;
  /** Import ids that ever had more than one live task at a time. */
  readonly doubled = new Set<string>();
  private kills: readonly Kill[] = [];
  private cloudFormationFaults: readonly CloudFormationFault[] = [];
  private cloudFormationCalls = 0;
  /** How often each kind of fault of CloudFormation's own API took effect. */
  readonly cloudFormationFaulty = new Map<CloudFormationFault['kind'], number>();

  private stepFunctionsFaults: readonly ServiceFault[] = [];
  private stepFunctionsCalls = 0;
  /** How often each kind of fault of Step Functions took effect. */
  readonly stepFunctionsFaulty = new Map<string, number>();
  private readonly s3?: S3Double;
  /** What the function that runs the handlers remembers, until it is killed. */
  private memory = newMemory();

  constructor({ settings, driver, s3, disks }: StackRigOptions = {}) {
    this.s3 = s3;
    this.cloud = new Ec2AndImageBuilder({
      clock: this.clock,
      disks: disks ?? new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk'),
      settings: { taskDurationMs: 45_000, imageDurationMs: 20_000, ...settings },
    });
    const door = this.cloud.requestHandler();
    const stateMachine = this.stateMachineOver(door);
    this.stateMachine = stateMachine;
    this.driver = new CloudFormationDriver({
      handlers: {
        onEvent: async (event: CloudFormationRequest, context: InvocationContext) =>
          (isBroken(event) ? { PhysicalResourceId: 'PhysicalResourceId' in event ? event.PhysicalResourceId : 'other', Data: { StartedAt: new Date(this.clock.now()).toISOString() } } : this.mortal(door, (handlers) => handlers.onEvent(event, context))),
        isComplete: async (event: IsCompleteRequest, context: InvocationContext) =>
          (isBroken(event) ? this.breakInTime(event) : this.mortal(door, (handlers) => handlers.isComplete(event, context))),
      },
      clock: this.clock,
      ...driver,
    });
  }

  /** Changes the stack `S`. */
  async change({ before, after }: StackChange): Promise<StackOutcome> {
    if (after === undefined) {
      return this.driver.deleteStack('S');
    }
    return before === undefined ? this.driver.createStack('S', after) : this.driver.updateStack('S', after);
  }

  /** CloudFormation takes no notice of a cleanup that fails after an update but for its event. Somebody has to act on it. */
  async repeatFailedCleanup({ status, events }: StackOutcome, id: string | undefined): Promise<void> {
    if (status === 'UPDATE_COMPLETE' && events.some((event) => event.status === 'DELETE_FAILED' && event.physicalId === id)) {
      await this.repeatDelete(id);
    }
  }

  /** Counts calls from here on, and kills the handler at some of them. */
  arm(...kills: readonly Kill[]): void {
    this.calls = 0;
    this.moments = [];
    this.kills = kills;
  }

  /** From here on CloudFormation's own API has these faults. */
  troubleCloudFormation(...faults: readonly CloudFormationFault[]): void {
    this.cloudFormationFaults = faults;
  }

  /** From here on Step Functions has these faults. */
  troubleStepFunctions(...faults: readonly ServiceFault[]): void {
    this.stepFunctionsFaults = faults;
  }

  /** What somebody does by hand after a cleanup that CloudFormation reported as failed: the same Delete again. */
  async repeatDelete(physicalId: string | undefined): Promise<void> {
    const request = this.driver.requests.find((each) => each.RequestType === 'Delete' && each.PhysicalResourceId === physicalId) as DeleteRequest | undefined;
    if (!request) {
      throw new Error(`There was no Delete of ${physicalId}`);
    }
    await this.byHand(request);
  }

  /** A request that the driver does not send. */
  async byHand(request: CloudFormationRequest): Promise<void> {
    const context = { getRemainingTimeInMillis: () => 300_000 };
    const resource = { status: `${request.RequestType.toUpperCase()}_IN_PROGRESS`, changedAt: this.clock.now() };
    const handlers = this.handlers({ killed: false, resource }, this.cloud.requestHandler());
    const named = await handlers.onEvent(request, context);
    while (!(await handlers.isComplete({ ...request, ...named }, context)).IsComplete) {
      await this.clock.pause(30_000);
    }
  }

  private handlers(invocation: Invocation, door: SdkRequestHandler): Handlers {
    const clients = clientsOf(this.destination(invocation, door));
    return createHandlers({
      clients,
      now: () => this.clock.now(),
      pause: (ms) => this.clock.delay(ms),
      log: () => undefined,
      pollInterval: 30,
      memory: this.memory,
    });
  }

  private stateMachineOver(door: SdkRequestHandler): StateMachineDouble {
    const nothingElse = async (): Promise<never> => Promise.reject(new Error('The functions that copy do not call this'));
    const double: StateMachineDouble = new StateMachineDouble({
      now: () => this.clock.now(),
      pause: (ms) => this.clock.delay(ms),
      clients: clientsOf({
        importServices: door.handle,
        s3: this.s3?.requestHandler().handle,
        stepFunctions: async (request) => double.requestHandler().handle(request),
        cloudFormation: nothingElse,
        eventBridge: nothingElse,
      }),
    });
    return double;
  }

  private destination(invocation: Invocation, door: SdkRequestHandler): Destination {
    const [eventBus, s3, stateMachine] = [this.eventBus.requestHandler(), this.s3?.requestHandler(), this.stateMachine.requestHandler()];
    return {
      eventBridge: async (request) => this.call(invocation, request, () => eventBus.handle(request)),
      cloudFormation: async (request) => {
        const asked = new URLSearchParams(String(request.body));
        const call = ++this.cloudFormationCalls;
        const fault = this.cloudFormationFaults.find(({ from, to }) => call >= from && call <= to);
        if (fault) {
          this.cloudFormationFaulty.set(fault.kind, (this.cloudFormationFaulty.get(fault.kind) ?? 0) + 1);
        }
        const by = this.clock.now() - (fault?.kind === 'stale' ? fault.ms : 0);
        const stackId = asked.get('StackName') ?? '';
        const event = this.driver.lastEvent(stackId, asked.get('LogicalResourceId') ?? '', by);
        const double = new StackResourceDouble();
        double.failure = fault && FAILURES[fault.kind];
        const told = invocation.resource ?? (event && { status: event.status, changedAt: event.time });
        double.status = told?.status;
        double.changedAt = told && new Date(told.changedAt);
        double.events = this.driver.eventsOf(stackId, by) ?? [];
        return double.requestHandler().handle(request);
      },
      importServices: async (request, options) => this.call(invocation, request, async () => {
        const response = await door.handle(request, options);
        if (typeof request.body === 'string' && request.body.includes('Action=ImportImage&')) {
          await this.countLiveTasks();
        }
        return response;
      }),
      s3: s3 && (async (request) => this.call(invocation, request, () => s3.handle(request))),
      stepFunctions: async (request) => this.call(invocation, request, () => this.perhapsFaulty(() => stateMachine.handle(request))),
    };
  }

  /** A call of an invocation, which may be killed before or after it. */
  private async call<R>(invocation: Invocation, request: WireRequest, make: () => Promise<R>): Promise<R> {
    if (invocation.killed) {
      return new Promise(() => undefined);
    }
    this.calls += 1;
    if (invocation.called !== true) {
      invocation.called = true;
      this.moments.push({ call: this.calls, moment: 'before' });
    }
    if (!isRead(request)) {
      this.moments.push({ call: this.calls, moment: 'after' });
    }
    const kill = invocation.die && this.kills.find(({ call }) => call === this.calls);
    if (kill?.moment === 'before') {
      return this.die(invocation, kill);
    }
    const answer = await make();
    return kill ? this.die(invocation, kill) : answer;
  }

  private async perhapsFaulty(make: () => ReturnType<SdkRequestHandler['handle']>): ReturnType<SdkRequestHandler['handle']> {
    const call = ++this.stepFunctionsCalls;
    const kind = this.stepFunctionsFaults.find(({ from, to }) => call >= from && call <= to)?.kind;
    if (kind === undefined) {
      return make();
    }
    this.stepFunctionsFaulty.set(kind, (this.stepFunctionsFaulty.get(kind) ?? 0) + 1);
    const refusal = (statusCode: number, code: string) => (
      { response: { statusCode, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(JSON.stringify({ __type: code, message: code })) } });
    switch (kind) {
      case 'throttled':
        return refusal(400, 'ThrottlingException');
      case 'broken':
        return refusal(500, 'InternalServerException');
      case 'dropAfter':
        await make();
        break;
      case 'dropBefore':
    }
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
  }

  private async countLiveTasks(): Promise<void> {
    const { tasks } = await this.cloud.state();
    const seen = new Set<string>();
    for (const { Status, Tags } of tasks) {
      const id = Tags?.find((tag) => tag.Key === 'cdk-vm-import:id')?.Value ?? '';
      if (Status === 'active') {
        (seen.has(id) ? this.doubled : seen).add(id);
      }
    }
  }

  /** From here on the invocation gets no answer from anything; who waits for it is told. */
  private async die(invocation: Invocation, { then }: Kill): Promise<never> {
    invocation.killed = true;
    this.killed += 1;
    this.memory = newMemory();
    invocation.die?.(then === 'told' ? new Error('Runtime exited with error: signal: killed') : new FunctionDied());
    return new Promise(() => undefined);
  }

  /** An invocation that can be killed in the middle of what it does. */
  private async mortal<R>(door: SdkRequestHandler, invoke: (handlers: Handlers) => Promise<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      invoke(this.handlers({ killed: false, die: reject }, door)).then(resolve, reject);
    });
  }

  private breakInTime({ RequestType, ResourceProperties, Data }: IsCompleteRequest): { readonly IsComplete: boolean } {
    const { Seconds, UpdateSeconds = Seconds } = ResourceProperties;
    const seconds = Number(RequestType === 'Update' ? UpdateSeconds : Seconds);
    if (RequestType === 'Delete' || Number.isNaN(seconds)) {
      return { IsComplete: true };
    }
    if (this.clock.now() >= Date.parse(Data.StartedAt) + seconds * 1000) {
      throw new Error('It broke.');
    }
    return { IsComplete: false };
  }
}

type WireRequest = Parameters<SdkRequestHandler['handle']>[0];

/** Whether a call of an SDK reads: by its action where the protocol has one, otherwise by its method or path. */
function isRead({ method, path, headers = {}, body }: WireRequest): boolean {
  const [, target] = /\.(\w+)$/.exec(headers['x-amz-target'] ?? headers['X-Amz-Target'] ?? '') ?? [];
  const [, action = target ?? path.slice(1)] = (typeof body === 'string' && /^Action=(\w+)&/.exec(body)) || [];
  return method === 'GET' || method === 'HEAD' || /^(Describe|Get|List)/.test(action);
}

function isBroken(event: CloudFormationRequest): boolean {
  return (event as unknown as CustomResourceRequest).ResourceType === BROKEN_TYPE;
}

type Change = { readonly [name: string]: TemplateValue };

/** The template of an import in so many segments. */
export function importTemplate(
  change: Change = {}, segments: number = 2, name: string = 'Golden', policies: Pick<TemplateResource, 'DeletionPolicy' | 'UpdateReplacePolicy'> = {},
): TemplateResources {
  const properties = (index: number): Change => ({
    ...(importProperties() as Change),
    Segments: segments,
    Segment: index,
    ...(index === 1 ? {} : toPrevious(index === 2 ? name : `${name}${index - 1}`)),
    ...change,
  });
  return Object.fromEntries(
    Array.from({ length: segments }, (_, index) => [
      index === 0 ? name : `${name}${index + 1}`,
      { Type: 'Custom::VmImportImage', Properties: properties(index + 1), ...policies },
    ]),
  );
}

/** The template of a disk that is copied. */
export function copyTemplate(change: Change = {}, logicalId: string = 'Data'): TemplateResources {
  return { [logicalId]: { Type: 'Custom::VmImportSnapshot', Properties: { ServiceToken: 'provider', ...(snapshotProperties() as Change), ...change } } };
}

/** A machine whose disks are copied. */
export interface MachineTemplate {
  readonly bootKey: string;
  readonly dataKey: string;
  readonly name?: string;
  readonly team: string;
}

/** The template of an AMI of two disks that are copied: `Boot` and `Extra`, and the AMI `Machine`. The disks have no boot loader. */
export function machineTemplate({ bootKey, dataKey, name, team }: MachineTemplate): TemplateResources {
  const disk = (S3Key: string) => ({
    Disk: { S3Bucket: 'exports', S3Key, Format: 'RAW' }, Preflight: false, Tags: { team }, ...(name !== undefined && { AmiName: name }),
  });
  const attribute = (logicalId: string, of: string) => ({ 'Fn::GetAtt': [logicalId, of] });
  const Registration = {
    Architecture: attribute('Boot', 'Architecture'),
    BootMode: attribute('Boot', 'BootMode'),
    RootDeviceName: '/dev/xvda',
    EnaSupport: true,
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', SnapshotId: attribute('Boot', 'SnapshotId'), VolumeType: 'gp3' },
      { DeviceName: '/dev/sdf', SnapshotId: attribute('Extra', 'SnapshotId'), VolumeType: 'gp3' },
    ],
  };
  return {
    ...copyTemplate({ ...disk(bootKey), Boot: { Required: true, BootMode: 'uefi' } }, 'Boot'),
    ...copyTemplate(disk(dataKey), 'Extra'),
    Machine: {
      Type: 'Custom::VmImportAmi',
      Properties: { ServiceToken: 'provider', Registration, Tags: { team }, ...(name !== undefined && { Name: name }) },
    },
  };
}

function toPrevious(logicalId: string): Change {
  return { ImportId: { Ref: logicalId }, PreviousOutcome: { 'Fn::GetAtt': [logicalId, 'Outcome'] } };
}

/** Requests that CloudFormation got no answer to, or none that it could take. */
export function unanswered(outcomes: readonly StackOutcome[]): string[] {
  return outcomes
    .flatMap((outcome) => outcome.events.map((event) => event.reason ?? ''))
    .filter((reason) => /did not receive a response|too long|Invalid PhysicalResourceId|Operation timed out/.test(reason));
}
