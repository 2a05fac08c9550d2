import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { EventBusDouble } from './event-bus-double';
import { IN_PROCESS } from './in-process-client';
import { createRequest } from './requests';
import { S3Double } from './s3-double';
import { StackResourceDouble } from './stack-resource-double';
import { StateMachineDouble } from './state-machine-double';
import type { AwsClients } from '../../lambda/aws/clients';
import type { LogFields } from '../../lambda/aws/log';
import type { CloudFormationRequest, CreateRequest, IsCompleteRequest, Properties } from '../../lambda/cloudformation/requests';
import { createHandlers, type Handlers } from '../../lambda/handlers';
import { turnOf } from '../../lambda/import/turn';
import { Ec2AndImageBuilder, FakeClock, MemoryDiskSource, type Settings } from '../local-cloud/emulator';

/** How a request ended, and what the provider framework would answer CloudFormation. */
export type Outcome =
  | { readonly status: 'SUCCESS'; readonly id: string; readonly data: Readonly<Record<string, string>>; readonly seconds: number }
  | { readonly status: 'FAILED'; readonly id: string; readonly reason: string; readonly seconds: number };

/** The handlers over the emulator, in fake time. */
export class Rig {
  readonly clock = new FakeClock();
  readonly disks = new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk');
  readonly cloud: Ec2AndImageBuilder;
  /** What CloudFormation says of the resource when it is asked. */
  readonly stackResource = new StackResourceDouble();
  readonly s3 = new S3Double();
  readonly eventBus = new EventBusDouble();
  readonly stateMachine: StateMachineDouble;
  readonly clients: AwsClients;
  readonly handlers: Handlers;
  readonly logs: LogFields[] = [];
  private requests = 0;

  constructor(settings: Partial<Settings> = {}) {
    this.cloud = new Ec2AndImageBuilder({
      clock: this.clock, disks: this.disks, settings: { region: 'eu-west-1', account: '111122223333', ...settings },
    });
    this.stackResource.changedAt = new Date(this.clock.now());
    const configuration = { ...IN_PROCESS, region: 'eu-west-1', requestHandler: this.cloud.requestHandler() };
    const ebs = new EBSClient(configuration);
    const s3 = new S3Client({ ...configuration, requestHandler: this.s3.requestHandler() });
    this.stateMachine = new StateMachineDouble({ now: () => this.clock.now(), clients: { ebs, s3 } });
    this.clients = {
      ebs,
      ec2: new EC2Client(configuration),
      imageBuilder: new ImagebuilderClient(configuration),
      cloudFormation: new CloudFormationClient({ ...configuration, requestHandler: this.stackResource.requestHandler() }),
      s3,
      eventBridge: new EventBridgeClient({ ...configuration, requestHandler: this.eventBus.requestHandler() }),
      stepFunctions: new SFNClient({ ...configuration, requestHandler: this.stateMachine.requestHandler() }),
    };
    this.handlers = createHandlers({
      clients: this.clients,
      now: () => this.clock.now(),
      pause: async (ms) => this.clock.advance(ms),
      log: (fields) => this.logs.push(fields),
      pollInterval: 30,
    });
  }

  create(change: Properties = {}): CreateRequest {
    this.requests += 1;
    return { ...createRequest(change), RequestId: `request-${this.requests}` };
  }

  update(id: string, before: Properties, after: Properties): CloudFormationRequest {
    const { ResourceProperties: OldResourceProperties } = createRequest(before);
    return { ...this.create(after), RequestType: 'Update', PhysicalResourceId: id, OldResourceProperties };
  }

  delete(id: string, properties: Properties = {}): CloudFormationRequest {
    return { ...this.create(properties), RequestType: 'Delete', PhysicalResourceId: id };
  }

  /** A request that has its name, after the first pass. */
  async begin(event: CloudFormationRequest): Promise<IsCompleteRequest> {
    const named = await this.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    await this.pass({ ...event, ...named });
    return { ...event, ...named };
  }

  /** One request from CloudFormation to the answer, polled every 30 s of fake time for an hour at most. */
  async deliver(event: CloudFormationRequest): Promise<Outcome> {
    this.stackResource.status = `${event.RequestType.toUpperCase()}_IN_PROGRESS`;
    this.stackResource.changedAt = new Date(this.clock.now());
    const started = this.clock.now();
    const seconds = () => (this.clock.now() - started) / 1000;
    const named = await this.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    const id = named.PhysicalResourceId;
    for (; seconds() < 3600; this.clock.advance(30_000)) {
      try {
        const answer = await this.pass({ ...event, ...named });
        if (answer.IsComplete) {
          return { status: 'SUCCESS', id, data: answer.Data, seconds: seconds() };
        }
      } catch (error) {
        return { status: 'FAILED', id, reason: error instanceof Error ? error.stack ?? '' : String(error), seconds: seconds() };
      }
    }
    throw new Error('CloudFormation gave up: no answer within an hour');
  }

  /** Lets time pass until it is the turn of a queued import to ask EC2 for a task. */
  untilItsTurn({ PhysicalResourceId: id, Data }: IsCompleteRequest): void {
    const age = () => (this.clock.now() - Date.parse(Data.StartedAt)) / 1_000;
    while (turnOf({ id, age: age(), pollInterval: 30 }).kind !== 'ask') {
      this.clock.advance(30_000);
    }
  }

  pass(event: IsCompleteRequest): ReturnType<Handlers['isComplete']> {
    return this.handlers.isComplete(event, { getRemainingTimeInMillis: () => 300_000 });
  }

  /** How often an action was called. */
  count(action: string): number {
    return this.cloud.calls({ action }).length;
  }
}

export const NOTHING_LEFT = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };
