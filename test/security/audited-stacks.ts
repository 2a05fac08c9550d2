import { AsyncLocalStorage } from 'node:async_hooks';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { statementsOf, Who } from './deployed-roles';
import { iamRequestsOf } from './iam-request';
import { PolicySimulator } from './policy-simulator';
import { Json, REGION, resolveTemplate, TemplateJson } from './resolve-template';
import type { LogFields } from '../../lambda/aws/log';
import { createHandlers } from '../../lambda/handlers';
import { EventBusDouble, textOf } from '../lambda/event-bus-double';
import { IN_PROCESS } from '../lambda/in-process-client';
import { S3Double } from '../lambda/s3-double';
import { StackResourceDouble } from '../lambda/stack-resource-double';
import { StateMachineDouble } from '../lambda/state-machine-double';
import { CloudFormationDriver, StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResources } from '../local-cloud/cloudformation-template';
import { Authorize, AwsError, Ec2AndImageBuilder, MemoryDiskSource, SdkRequestHandler, Settings } from '../local-cloud/emulator';
import { IdleClock } from '../local-cloud/idle-clock';

/** One call to AWS, by one of the functions, with the tags that things had when it was made. */
export interface AuditedCall {
  readonly who: Exclude<Who, 'service'>;
  readonly stackId: string;
  readonly time: number;
  readonly service: 'ec2' | 'ebs' | 'events' | 'imagebuilder' | 'cloudformation' | 's3' | 'states';
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tagsOf: (id: string) => Readonly<Record<string, string>>;
  /** CloudFormation had given up on the request: it had sent another one about the same resource. */
  readonly abandoned: boolean;
}

/** A template that a stack had from a time on. */
export interface DeployedTemplate {
  readonly since: number;
  readonly template: TemplateJson;
}

interface Caller {
  readonly who: AuditedCall['who'];
  readonly event: { readonly StackId: string; readonly LogicalResourceId: string; readonly RequestId: string };
}

/**
 * Stacks of the CDK, deployed with the handlers as they are, over the emulator. Every call to AWS is noted, and the emulator refuses
 * what the policies of the template do not allow.
 */
export class AuditedStacks {
  readonly clock = new IdleClock();
  readonly disks = new MemoryDiskSource();
  readonly cloud: Ec2AndImageBuilder;
  readonly calls: AuditedCall[] = [];
  readonly logs: LogFields[] = [];
  /** The templates of each stack by its name, oldest first. */
  readonly templates = new Map<string, DeployedTemplate[]>();
  /** What each stack has once the deployment is over. */
  private readonly deployed = new Map<string, TemplateJson>();
  /** What S3 answers about an object, or a bucket: that access is denied, unless a lifecycle says otherwise; 200 serves what `s3` has. */
  readonly s3Status = { object: 403, bucket: 403 };
  readonly s3 = new S3Double().answerWith(({ method, bucket, key, ifMatch = '', versionId = '' }) => {
    const caller = this.caller.getStore();
    if (caller) {
      const encryptionKey = this.bucketKeys.get(bucket);
      const stands = this.s3.objects.current(`${bucket}/${key}`) !== undefined;
      const parameters = { bucket, key, encryptionKey, ifMatch, versionId, stands };
      this.note(caller, { service: 's3', action: `${method} ${key === '' ? 'bucket' : 'object'}`, parameters, tagsOf: () => ({}) });
    }
    const status = key === '' ? this.s3Status.bucket : this.s3Status.object;
    return status === 200 ? undefined : { status };
  });
  readonly eventBus = new EventBusDouble();
  /** The KMS keys of buckets that are encrypted with one, by ARN. */
  readonly bucketKeys = new Map<string, string>();
  private readonly driver: CloudFormationDriver;
  private readonly simulator = new PolicySimulator();
  private readonly caller = new AsyncLocalStorage<Caller>();
  private readonly resources = new Map<string, StackResourceDouble>();
  private readonly stateMachine: StateMachineDouble;

  constructor(settings: Partial<Settings> = {}) {
    this.cloud = new Ec2AndImageBuilder({
      clock: this.clock,
      disks: this.disks,
      settings: { taskDurationMs: 45_000, imageDurationMs: 20_000, ...settings },
      authorize: async (call) => this.refusalOf(call),
    });
    this.stateMachine = new StateMachineDouble({ now: () => this.clock.now(), clients: this.copyingClients() });
    this.noteCalls();
    const log = (fields: LogFields) => this.logs.push(fields);
    const pause = (ms: number) => this.clock.delay(ms);
    const handlers = createHandlers({ clients: this.clients(), now: () => this.clock.now(), pause, log, pollInterval: 30 });
    this.driver = new CloudFormationDriver({
      clock: this.clock,
      handlers: { onEvent: this.as('onEvent', handlers.onEvent), isComplete: this.as('isComplete', handlers.isComplete) },
      deliveries: ({ StackId, LogicalResourceId, RequestType }) => {
        const double = this.double(StackId, LogicalResourceId);
        double.status = `${RequestType.toUpperCase()}_IN_PROGRESS`;
        double.changedAt = new Date(this.clock.now());
        return [0];
      },
    });
  }

  /** Creates or updates a stack; a rollback gives its roles their former policies back. */
  async deploy(stack: Stack): Promise<StackOutcome> {
    const template = Template.fromStack(stack).toJSON() as TemplateJson;
    const name = stack.stackName;
    // The last call for the deployment before was not in the instant of the first for this one.
    await this.clock.delay(1);
    const before = this.templates.get(name) ?? [];
    const templates = [...before, { since: this.clock.now(), template: withPoliciesOf(this.deployed.get(name), template) }];
    this.templates.set(name, templates);
    const resources = this.importsIn(template);
    const outcome = before.length === 0 ? await this.driver.createStack(name, resources) : await this.driver.updateStack(name, resources);
    const rollback = outcome.events.find(({ status }) => status === 'UPDATE_ROLLBACK_IN_PROGRESS');
    const former = before.at(-1);
    if (rollback && former) {
      // What made it fail may have happened in the same instant, under the policies of the update.
      templates.push({ since: rollback.time + 1, template: former.template });
    }
    await this.driver.settled();
    this.deployed.set(name, rollback && former ? former.template : template);
    return outcome;
  }

  async destroy(stack: Stack): Promise<StackOutcome> {
    await this.clock.delay(1);
    const template = this.deployed.get(stack.stackName);
    if (template) {
      this.templates.get(stack.stackName)?.push({ since: this.clock.now(), template });
    }
    const outcome = await this.driver.deleteStack(stack.stackName);
    await this.driver.settled();
    return outcome;
  }

  /** The template that a call was made under. */
  templateAt({ stackId, time }: Pick<AuditedCall, 'stackId' | 'time'>): TemplateJson {
    const found = this.templates.get(stackId.split('/')[1] ?? '')?.filter(({ since }) => since <= time).at(-1);
    if (!found) {
      throw new Error(`There was no stack ${stackId}`);
    }
    return found.template;
  }

  /** The custom resources, with what they refer to in the rest of the template in place. */
  private importsIn(template: TemplateJson): TemplateResources {
    const isImport = (logicalId: string) => /^Custom::VmImport(Image|Ami|Snapshot)$/.test(template.Resources[logicalId]?.Type ?? '');
    for (const [logicalId, { Type }] of Object.entries(template.Resources)) {
      if (Type === 'AWS::IAM::Role') {
        this.disks.putRole(logicalId.toLowerCase());
      }
    }
    const imports = Object.entries(template.Resources).filter(([logicalId]) => isImport(logicalId));
    return Object.fromEntries(imports.map(([logicalId, resource]) => [
      logicalId,
      { ...resource, Properties: resolveTemplate(resource.Properties as Json, { template, stackId: '', keep: isImport }) },
    ])) as unknown as TemplateResources;
  }

  private as<E extends Caller['event'], C, R>(who: AuditedCall['who'], handler: (event: E, context: C) => Promise<R>) {
    return async (event: E, context: C): Promise<R> => this.caller.run({ who, event }, async () => handler(event, context));
  }

  private noteCalls(): void {
    const handle = this.cloud.handle.bind(this.cloud);
    this.cloud.handle = async (request) => {
      const { amis, images, snapshots, tasks } = await this.cloud.state();
      const pending = handle(request);
      const record = this.cloud.calls().at(-1);
      const caller = this.caller.getStore();
      if (record && caller) {
        const { service, action, parameters } = record;
        const listed = [
          ...tasks.map((task) => [task.ImportTaskId, task.Tags] as const),
          ...amis.map((ami) => [ami.ImageId, ami.Tags] as const),
          ...snapshots.map((snapshot) => [snapshot.SnapshotId, snapshot.Tags] as const),
        ].map(([id, tags]) => [id, Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]))] as const);
        const tags = new Map([...listed, ...images.map(({ arn, tags: map = {} }) => [arn, map] as const)]);
        this.note(caller, { service, action, parameters, tagsOf: (id) => tags.get(id) ?? {} });
      }
      return pending;
    };
  }

  /** Refuses what the role of the calling function may not do by the policies of its template. */
  private async refusalOf(asked: Parameters<Authorize>[0]): Promise<AwsError | undefined> {
    const caller = this.caller.getStore();
    if (caller === undefined) {
      return undefined;
    }
    const call = this.auditedCall(caller, asked);
    const statements = statementsOf(this.templateAt(call), call.stackId, call.who);
    for (const request of call.abandoned ? [] : iamRequestsOf(call, this.bucketKeys)) {
      if (!(await this.simulator.allows(statements, request))) {
        return asked.service === 'ec2'
          ? new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation: ${request.action}`, 403)
          : new AwsError('AccessDeniedException', `User is not authorized to perform: ${request.action}`, 403);
      }
    }
    return undefined;
  }

  private note(caller: Caller, call: Pick<AuditedCall, 'service' | 'action' | 'parameters' | 'tagsOf'>): void {
    this.calls.push(this.auditedCall(caller, call));
  }

  private auditedCall({ who, event }: Caller, call: Pick<AuditedCall, 'service' | 'action' | 'parameters' | 'tagsOf'>): AuditedCall {
    const latest = this.driver.requests.filter((each) => each.StackId === event.StackId && each.LogicalResourceId === event.LogicalResourceId).at(-1);
    const abandoned = latest?.RequestId !== event.RequestId;
    const { service, action, parameters, tagsOf } = call;
    return { service, action, parameters, tagsOf, who, stackId: event.StackId, time: this.clock.now(), abandoned };
  }

  private double(stackId: string, logicalId: string): StackResourceDouble {
    const key = `${stackId} ${logicalId}`;
    const double = this.resources.get(key) ?? new StackResourceDouble();
    this.resources.set(key, double);
    return double;
  }

  /** The clients of the functions that copy, which the state machine calls. */
  private copyingClients() {
    const requestHandler = this.cloud.requestHandler();
    const copying = (handler: SdkRequestHandler): SdkRequestHandler => ({ ...handler, handle: async (request) => this.inPlaceOf('copyShardHandler', () => handler.handle(request)) });
    return {
      ebs: new EBSClient({ ...CONFIGURATION, requestHandler: copying(requestHandler) }),
      s3: new S3Client({ ...CONFIGURATION, requestHandler: copying(this.s3.requestHandler()) }),
      stepFunctions: this.stepFunctions('sumUpHandler'),
    };
  }

  private stepFunctions(who?: AuditedCall['who']): SFNClient {
    return new SFNClient({
      ...CONFIGURATION,
      requestHandler: {
        ...this.cloud.requestHandler(),
        handle: async (request: Parameters<SdkRequestHandler['handle']>[0]) => {
          const target = Object.entries(request.headers ?? {}).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1] ?? '';
          const caller = this.caller.getStore();
          if (caller) {
            const parameters = JSON.parse(textOf(request.body)) as AuditedCall['parameters'];
            this.note({ ...caller, who: who ?? caller.who }, { service: 'states', action: target.replace(/^.*\./, ''), parameters, tagsOf: () => ({}) });
          }
          return this.stateMachine.requestHandler().handle(request);
        },
      },
    });
  }

  /** Runs what another function than the one that is running calls. */
  private async inPlaceOf<T>(who: AuditedCall['who'], call: () => Promise<T>): Promise<T> {
    const caller = this.caller.getStore();
    return caller === undefined ? call() : this.caller.run({ ...caller, who }, call);
  }

  private clients() {
    const requestHandler = this.cloud.requestHandler();
    const configuration = { ...CONFIGURATION, requestHandler };
    return {
      ebs: new EBSClient(configuration),
      stepFunctions: this.stepFunctions(),
      ec2: new EC2Client(configuration),
      imageBuilder: new ImagebuilderClient(configuration),
      eventBridge: new EventBridgeClient({
        ...configuration,
        requestHandler: {
          ...requestHandler,
          handle: async (request: Parameters<SdkRequestHandler['handle']>[0]) => {
            const caller = this.caller.getStore();
            const { Entries: [entry] } = JSON.parse(textOf(request.body)) as { Entries: { Source: string; DetailType: string }[] };
            if (caller && entry) {
              const parameters = { source: entry.Source, detailType: entry.DetailType };
              this.note(caller, { service: 'events', action: 'PutEvents', parameters, tagsOf: () => ({}) });
            }
            return this.eventBus.requestHandler().handle(request);
          },
        },
      }),
      s3: new S3Client({ ...configuration, requestHandler: this.s3.requestHandler() }),
      cloudFormation: new CloudFormationClient({
        ...configuration,
        requestHandler: {
          ...requestHandler,
          handle: async (request: { readonly body?: unknown }) => {
            const parameters = Object.fromEntries(new URLSearchParams(String(request.body)));
            const caller = this.caller.getStore();
            if (caller) {
              this.note(caller, { service: 'cloudformation', action: parameters.Action ?? '', parameters, tagsOf: () => ({}) });
            }
            return this.double(parameters.StackName ?? '', parameters.LogicalResourceId ?? '').requestHandler().handle(request);
          },
        },
      }),
    };
  }
}

const CONFIGURATION = { ...IN_PROCESS, region: REGION };

/** Policies that an update takes out are there until its end: what needs them depends on them, and is deleted first. */
function withPoliciesOf(before: TemplateJson | undefined, template: TemplateJson): TemplateJson {
  const policies = Object.entries(before?.Resources ?? {}).filter(([, { Type }]) => /^AWS::IAM::(Managed)?Policy$/.test(Type));
  return { ...template, Resources: { ...Object.fromEntries(policies), ...template.Resources } };
}
