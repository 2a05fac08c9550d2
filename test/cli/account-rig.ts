import { CloudFormationClient, type StackEvent } from '@aws-sdk/client-cloudformation';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DescribedStack, StacksEndpoint } from './stacks-endpoint';
import { SteppedClock, TerminalDouble } from './terminal-double';
import { main } from '../../cli/main';
import type { Clock } from '../../cli/terminal';
import { amiIdOf } from '../../lambda/ami/name';
import { parseAmiRequest } from '../../lambda/ami/request';
import { importIdOf, requestPart } from '../../lambda/cloudformation/physical-id';
import type { CreateRequest, Properties } from '../../lambda/cloudformation/requests';
import { createHandlers, type Handlers } from '../../lambda/handlers';
import { newImportName } from '../../lambda/import/name';
import { parseRequest } from '../../lambda/import/request';
import { parseSnapshotRequest, snapshotFamilyOf } from '../../lambda/snapshot/request';
import { AMI_RESOURCE_TYPE, SNAPSHOT_RESOURCE_TYPE } from '../../src/shared/contract/names';
import { EventBusDouble } from '../lambda/event-bus-double';
import { importProperties } from '../lambda/requests';
import { S3Double } from '../lambda/s3-double';
import { snapshotProperties } from '../lambda/snapshot/snapshot-rig';
import { StackResourceDouble } from '../lambda/stack-resource-double';
import { StateMachineDouble } from '../lambda/state-machine-double';
import { Ec2AndImageBuilder, FakeClock, MemoryDiskSource, type Settings } from '../local-cloud/emulator';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';
export const NOON = Date.UTC(2026, 0, 1, 12);
export const MINUTE = 60_000;

/** An import that CloudFormation asked for. */
export interface Asked {
  readonly stack: DescribedStack;
  readonly id: string;
  readonly request: CreateRequest;
}

/** An account that the command asks over HTTP, with imports that the handlers of the library make. */
export class AccountRig {
  readonly clock = new FakeClock(NOON);
  readonly cloudFormation = new StacksEndpoint();
  readonly cloud: Ec2AndImageBuilder;
  private readonly environment = { ...process.env };
  /** What the handlers are told of a request. */
  private readonly stillWanted = new StackResourceDouble();
  /** Where disks are that are copied. */
  readonly s3 = new S3Double();
  readonly stateMachine: StateMachineDouble;
  private handlers: Handlers;
  private made = 0;

  constructor(settings: Partial<Settings> = {}) {
    const disks = new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk');
    this.cloud = new Ec2AndImageBuilder({ clock: this.clock, disks, settings: { region: REGION, account: ACCOUNT, ...settings } });
    const configuration = { region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    this.stateMachine = new StateMachineDouble({
      now: () => this.clock.now(),
      clients: {
        ebs: new EBSClient({ ...configuration, requestHandler: this.cloud.requestHandler() }),
        s3: new S3Client({ ...configuration, requestHandler: this.s3.requestHandler() }),
      },
    });
    this.handlers = this.handlersOver('');
  }

  /** The environment of the command in this account. */
  async start(): Promise<NodeJS.ProcessEnv> {
    const endpoint = await this.cloud.listen();
    const env = {
      AWS_ENDPOINT_URL_EC2: endpoint,
      AWS_ENDPOINT_URL_IMAGEBUILDER: endpoint,
      AWS_ENDPOINT_URL_SFN: await this.stateMachine.listen(),
      AWS_ENDPOINT_URL_CLOUDFORMATION: await this.cloudFormation.listen(),
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
    Object.assign(process.env, env);
    this.handlers = this.handlersOver(endpoint);
    return env;
  }

  private handlersOver(endpoint: string): Handlers {
    return createHandlers({
      clients: this.clients(endpoint),
      now: () => this.clock.now(),
      pause: async (ms) => this.clock.advance(ms),
      log: () => undefined,
      pollInterval: 30,
    });
  }

  async stop(): Promise<void> {
    process.env = this.environment;
    await this.cloudFormation.close();
    await this.stateMachine.close();
    await this.cloud.close();
  }

  /** A stack that somebody deploys. */
  stack(name: string): DescribedStack {
    this.made += 1;
    const id = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/00000000-0000-4000-8000-${String(this.made).padStart(12, '0')}`;
    const stack: DescribedStack = { id, name, status: '', events: [] };
    this.cloudFormation.stacks.push(stack);
    this.begin(stack, 'CREATE_IN_PROGRESS');
    return stack;
  }

  /** A stack operation begins. */
  begin(stack: DescribedStack, status: 'CREATE_IN_PROGRESS' | 'UPDATE_IN_PROGRESS' | 'DELETE_IN_PROGRESS'): void {
    stack.status = status;
    this.event(stack, { ResourceType: 'AWS::CloudFormation::Stack', PhysicalResourceId: stack.id, ResourceStatus: status, ResourceStatusReason: 'User Initiated' });
  }

  /** Something happens in a stack. */
  event(stack: DescribedStack, event: Partial<StackEvent>): void {
    stack.events.push({ Timestamp: new Date(this.clock.now()), ...event });
  }

  /** CloudFormation asks for an import, or for one of its segments. */
  ask(stack: DescribedStack, logicalId: string, change: Properties = {}, event: Partial<StackEvent> = {}): Asked {
    this.made += 1;
    const request: CreateRequest = {
      RequestType: 'Create',
      RequestId: `request-${this.made}`,
      ResponseURL: '',
      StackId: stack.id,
      LogicalResourceId: logicalId,
      ResourceType: 'Custom::VmImportImage',
      ResourceProperties: importProperties(change),
    };
    const id = importIdOf(newImportName(request, parseRequest(request)));
    this.tell({ stack, id, request }, 'CREATE_IN_PROGRESS', event);
    return { stack, id, request };
  }

  /** CloudFormation asks for a copy of an empty disk of so many bytes. */
  askCopy(stack: DescribedStack, logicalId: string, bytes: number): Asked {
    this.made += 1;
    this.s3.putObject('exports', 'data.qcow2', emptyQcow2(bytes), { etag: '"e1"' });
    const request: CreateRequest = {
      RequestType: 'Create',
      RequestId: `request-${this.made}`,
      ResponseURL: '',
      StackId: stack.id,
      LogicalResourceId: logicalId,
      ResourceType: SNAPSHOT_RESOURCE_TYPE,
      ResourceProperties: snapshotProperties({ Disk: { S3Bucket: 'exports', S3Key: 'data.qcow2', Format: 'QCOW2' }, OmitUnallocatedBlocks: 'true' }),
    };
    const id = importIdOf({ ...snapshotFamilyOf(request, parseSnapshotRequest(request)), request: requestPart(request) });
    this.tell({ stack, id, request }, 'CREATE_IN_PROGRESS');
    return { stack, id, request };
  }

  /** What CloudFormation notes of an import. */
  tell({ stack, request }: Asked, status: StackEvent['ResourceStatus'], event: Partial<StackEvent> = {}): void {
    this.event(stack, {
      ResourceType: request.ResourceType,
      LogicalResourceId: request.LogicalResourceId,
      ResourceStatus: status,
      ResourceProperties: JSON.stringify(request.ResourceProperties),
      ...event,
    });
  }

  /** One pass of the library's own handler; true when the import is done. */
  async pass({ id, request }: Asked): Promise<boolean> {
    const event = { ...request, PhysicalResourceId: id, Data: { StartedAt: new Date(this.clock.now()).toISOString() } };
    return (await this.handlers.isComplete(event, { getRemainingTimeInMillis: () => 300_000 })).IsComplete;
  }

  /** An import that is done, in a stack that stands. */
  async imported(stack: DescribedStack, logicalId: string, change: Properties = {}): Promise<Asked> {
    const asked = this.ask(stack, logicalId, change);
    for (let passes = 0; !(await this.pass(asked)); passes += 1) {
      if (passes > 10) {
        throw new Error('The import does not end');
      }
      this.clock.advance(10 * MINUTE);
    }
    this.tell(asked, 'CREATE_COMPLETE', { PhysicalResourceId: asked.id });
    stack.status = 'CREATE_COMPLETE';
    return asked;
  }

  /** CloudFormation asks for the properties of an AMI, of which a name takes a copy. */
  askAmi(stack: DescribedStack, SourceImageId: string, properties: Properties): Asked {
    this.made += 1;
    const request: CreateRequest = {
      RequestType: 'Create',
      RequestId: `request-${this.made}`,
      ResponseURL: '',
      StackId: stack.id,
      LogicalResourceId: 'GoldenAmi',
      ResourceType: AMI_RESOURCE_TYPE,
      ResourceProperties: { ServiceToken: '', SourceImageId, ...properties },
    };
    return { stack, request, id: amiIdOf(request, parseAmiRequest(request)) };
  }

  /** The stack is deleted, and leaves its things where they are. */
  gone(stack: DescribedStack, { retained = [] }: { readonly retained?: readonly Asked[] } = {}): void {
    this.begin(stack, 'DELETE_IN_PROGRESS');
    retained.forEach((asked) => this.tell(asked, 'DELETE_SKIPPED', { PhysicalResourceId: asked.id }));
    stack.status = 'DELETE_COMPLETE';
    stack.deletedAt = new Date(this.clock.now());
  }

  /** Runs a command line, where output goes to a file, or in a terminal of the test's own. */
  async run(args: readonly string[], terminal: TerminalDouble = new TerminalDouble(), clock: Clock = new SteppedClock(this.clock.now())) {
    const status = await main(args, Object.assign(terminal, { env: { ...process.env, ...terminal.env } }), clock);
    return { status, ...terminal.said };
  }

  private clients(endpoint: string) {
    const configuration = { region: REGION, endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
    return {
      ebs: new EBSClient(configuration),
      ec2: new EC2Client(configuration),
      imageBuilder: new ImagebuilderClient(configuration),
      cloudFormation: new CloudFormationClient({ ...configuration, requestHandler: this.stillWanted.requestHandler() }),
      eventBridge: new EventBridgeClient({ ...configuration, requestHandler: new EventBusDouble().requestHandler() }),
      s3: new S3Client({ ...configuration, requestHandler: this.s3.requestHandler() }),
      stepFunctions: new SFNClient({ ...configuration, requestHandler: this.stateMachine.requestHandler() }),
    };
  }
}

/** A qcow2 that allocates nothing: a header, and an empty table. */
function emptyQcow2(size: number): Buffer {
  const [cluster, described] = [65_536, 512 * 1024 * 1024];
  const image = Buffer.alloc(2 * cluster);
  image.write('QFI\xfb', 'latin1');
  image.writeUInt32BE(2, 4);
  image.writeUInt32BE(16, 20);
  image.writeBigUInt64BE(BigInt(size), 24);
  image.writeUInt32BE(Math.ceil(size / described), 36);
  image.writeBigUInt64BE(BigInt(cluster), 40);
  return image;
}
