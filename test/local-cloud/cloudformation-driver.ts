import { Before, Leftover, Live, rollbackLeftovers, Stack, StackEvent, StackOutcome, StackResource, standingLeftovers, updateLeftovers } from './cloudformation-stack';
import { dependencyOrder, ResolvedProperties, ResolvedValue, resolveProperties, TemplateResource, TemplateResources } from './cloudformation-template';
import { call, CallOutcome } from './custom-resource-call';
import type { IdleClock } from './idle-clock';
import { inOrder } from './in-order';
import { CustomResourceRequest, ProviderFramework, UserHandlers } from './provider-framework';

export type { StackEvent, StackOutcome, StackResource } from './cloudformation-stack';
export { FunctionDied } from './provider-framework';

export interface CloudFormationDriverOptions {
  readonly handlers: UserHandlers;
  /** All waiting is done on this clock. The handlers are expected to live by the same one. */
  readonly clock: IdleClock;
  /** Answers for what the template refers to but does not hold: `Ref X` asks for "X", `Fn::GetAtt X.Y` for "X.Y". */
  readonly externals?: (reference: string) => string | undefined;
  /** When each delivery of a request arrives, in milliseconds after it was sent. Once, at once, unless given. */
  readonly deliveries?: (request: CustomResourceRequest) => readonly number[];
  /**
   * How an update that changed a physical id is rolled back. CloudFormation `update`s it back: an Update with the
   * properties swapped and the current physical id. `restore` goes back to the former id without asking the provider.
   */
  readonly rollbackOfReplacement?: 'update' | 'restore';
  readonly queryIntervalMs?: number;
  readonly totalTimeoutMs?: number;
  readonly onEventTimeoutMs?: number;
  readonly isCompleteTimeoutMs?: number;
}

const MINUTE_MS = 60_000;
const MISSING_ATTRIBUTE = "CustomResource attribute error: Vendor response doesn't contain the attribute that this resource refers to.";

/**
 * CloudFormation as a provider of custom resources sees it, on a clock of the test's choice and without AWS: the
 * requests that it sends for a stack's create, update, rollback and delete, in its order and with what it knows.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
 */
export class CloudFormationDriver {
  /** Every request sent, in order. */
  public readonly requests: CustomResourceRequest[] = [];
  private readonly framework: ProviderFramework;
  private readonly stacks = new Map<string, Stack>();
  /** The deleted ones included. */
  private readonly known: Stack[] = [];
  private readonly working = new Set<Promise<void>>();
  private serial = 0;

  constructor(private readonly options: CloudFormationDriverOptions) {
    this.framework = new ProviderFramework({
      handlers: options.handlers,
      clock: options.clock,
      queryIntervalMs: options.queryIntervalMs ?? MINUTE_MS / 2,
      totalTimeoutMs: options.totalTimeoutMs ?? 60 * MINUTE_MS,
      onEventTimeoutMs: options.onEventTimeoutMs ?? MINUTE_MS,
      isCompleteTimeoutMs: options.isCompleteTimeoutMs ?? 5 * MINUTE_MS,
    });
  }

  /** A resource of a stack as it stands. */
  public resource(stackName: string, logicalId: string): StackResource | undefined {
    return this.stacks.get(stackName)?.resources.get(logicalId);
  }

  /** What DescribeStackResource tells of a resource: the last that had happened to it by a time, deleted or not. */
  public lastEvent(stackId: string, logicalId: string, by: number = Infinity): StackEvent | undefined {
    const stack = this.known.find(({ id, name }) => id === stackId || name === stackId);
    return stack?.events.filter((event) => event.logicalId === logicalId && event.time <= by).at(-1);
  }

  /** Waits until nothing works on any request any more: a cancelled resource's provider goes on for a while. */
  public async settled(): Promise<void> {
    while (this.working.size > 0) {
      await Promise.all(this.working);
    }
  }

  public async createStack(name: string, template: TemplateResources): Promise<StackOutcome> {
    if (this.stacks.has(name)) {
      throw new Error(`Stack [${name}] already exists`);
    }
    const id = `arn:aws:cloudformation:us-east-1:000000000000:stack/${name}/${this.uuid()}`;
    const stack: Stack = { name, id, template, status: '', resources: new Map(), events: [] };
    this.stacks.set(name, stack);
    this.known.push(stack);
    return this.operation(stack, async () => {
      this.enter(stack, 'CREATE_IN_PROGRESS');
      const created: string[] = [];
      const failed = await inOrder(template, async (logicalId, cancelled) => {
        const success = await this.create(stack, logicalId, cancelled);
        created.push(logicalId);
        return success;
      });
      if (!failed) {
        return 'CREATE_COMPLETE';
      }
      this.enter(stack, 'ROLLBACK_IN_PROGRESS');
      const gone = await this.deleteAll(stack, standingLeftovers(stack, created, (policy) => (policy === 'Retain' ? 'Retain' : 'Delete')));
      return gone ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED';
    });
  }

  public async updateStack(name: string, template: TemplateResources): Promise<StackOutcome> {
    const stack = this.existing(name);
    const before = { template: stack.template, resources: new Map(stack.resources) };
    return this.operation(stack, async () => {
      this.enter(stack, 'UPDATE_IN_PROGRESS');
      stack.template = template;
      const touched: string[] = [];
      const failed = await inOrder(template, async (logicalId, cancelled) => {
        const former = before.resources.get(logicalId);
        const success = former
          ? await this.update(stack, logicalId, former, cancelled, 'forward')
          : await this.create(stack, logicalId, cancelled);
        touched.push(logicalId);
        return success;
      });
      return failed ? this.rollBackUpdate(stack, before, touched) : this.cleanUpAfterUpdate(stack, before);
    });
  }

  public async deleteStack(name: string): Promise<StackOutcome> {
    const stack = this.existing(name);
    return this.operation(stack, async () => {
      this.enter(stack, 'DELETE_IN_PROGRESS');
      // RetainExceptOnCreate retains like Retain, but for the rollback of the operation that made the resource.
      const leftovers = standingLeftovers(stack, dependencyOrder(stack.template), (policy) => (policy === 'Delete' ? 'Delete' : 'Retain'));
      if (!(await this.deleteAll(stack, leftovers))) {
        return 'DELETE_FAILED';
      }
      this.stacks.delete(name);
      return 'DELETE_COMPLETE';
    });
  }

  /** "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": only now what was replaced or removed is deleted; a failure of it fails nothing. */
  private async cleanUpAfterUpdate(stack: Stack, before: Before): Promise<string> {
    this.enter(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.deleteAll(stack, updateLeftovers(stack, before));
    Object.keys(before.template).filter((logicalId) => !(logicalId in stack.template)).forEach((logicalId) => stack.resources.delete(logicalId));
    return 'UPDATE_COMPLETE';
  }

  /**
   * Sends what was updated back to where it was, then deletes what is not current any more.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-monitor-stack.html
   */
  private async rollBackUpdate(stack: Stack, before: Before, touched: readonly string[]): Promise<string> {
    this.enter(stack, 'UPDATE_ROLLBACK_IN_PROGRESS');
    const attempted = new Map(stack.resources);
    stack.template = before.template;
    const failed = await inOrder(before.template, async (logicalId) => {
      const former = before.resources.get(logicalId);
      const current = stack.resources.get(logicalId);
      if (!former || !current || !touched.includes(logicalId)) {
        return true;
      }
      if (this.options.rollbackOfReplacement === 'restore' && current.physicalId !== former.physicalId) {
        stack.resources.set(logicalId, former);
        return true;
      }
      return this.update(stack, logicalId, current, new AbortController().signal, 'back');
    });
    if (failed) {
      return 'UPDATE_ROLLBACK_FAILED';
    }
    this.enter(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.deleteAll(stack, rollbackLeftovers(stack, before, attempted));
    [...stack.resources.keys()].filter((logicalId) => !(logicalId in before.template)).forEach((logicalId) => stack.resources.delete(logicalId));
    return 'UPDATE_ROLLBACK_COMPLETE';
  }

  private async create(stack: Stack, logicalId: string, cancelled: AbortSignal): Promise<boolean> {
    const template = this.templateOf(stack, logicalId);
    this.event(stack, logicalId, '', 'CREATE_IN_PROGRESS');
    const properties = this.propertiesOf(stack, logicalId);
    if (!properties) {
      return this.report(stack, logicalId, { kind: 'failed', physicalId: '', reason: MISSING_ATTRIBUTE }, 'CREATE');
    }
    const outcome = await this.send(stack, logicalId, { RequestType: 'Create', ResourceProperties: properties }, cancelled);
    stack.resources.set(logicalId, { physicalId: outcome.physicalId, properties, template, attributes: attributesOf(outcome) });
    return this.report(stack, logicalId, outcome, 'CREATE');
  }

  /** An Update, if there is anything to tell. A changed physical id in the answer is a replacement, whose cleanup comes later. */
  private async update(stack: Stack, logicalId: string, from: Live, cancelled: AbortSignal, direction: 'forward' | 'back'): Promise<boolean> {
    const template = this.templateOf(stack, logicalId);
    const properties = this.propertiesOf(stack, logicalId);
    if (!properties) {
      return this.report(stack, logicalId, { kind: 'failed', physicalId: from.physicalId, reason: MISSING_ATTRIBUTE }, 'UPDATE');
    }
    if (sameProperties(properties, from.properties)) {
      stack.resources.set(logicalId, { ...from, template });
      return true;
    }
    this.event(stack, logicalId, from.physicalId, 'UPDATE_IN_PROGRESS');
    const outcome = await this.send(stack, logicalId, {
      RequestType: 'Update',
      PhysicalResourceId: from.physicalId,
      ResourceProperties: properties,
      OldResourceProperties: from.properties,
    }, cancelled);
    const attributes = outcome.kind === 'success' || direction === 'forward' ? attributesOf(outcome) : from.attributes;
    stack.resources.set(logicalId, { physicalId: outcome.physicalId, properties, template, attributes });
    return this.report(stack, logicalId, outcome, 'UPDATE');
  }

  /** Deletes dependents first. True when nothing was left that should have gone. */
  private async deleteAll(stack: Stack, leftovers: readonly Leftover[]): Promise<boolean> {
    let complete = true;
    for (const { logicalId, physicalId, properties, template, policy } of [...leftovers].reverse()) {
      if (policy === 'Retain') {
        this.event(stack, logicalId, physicalId, 'DELETE_SKIPPED');
      } else {
        this.event(stack, logicalId, physicalId, 'DELETE_IN_PROGRESS');
        const outcome = await this.send(stack, logicalId, {
          RequestType: 'Delete', PhysicalResourceId: physicalId, ResourceProperties: properties, ResourceType: template.Type,
        }, new AbortController().signal);
        if (!this.report(stack, logicalId, { ...outcome, physicalId }, 'DELETE')) {
          complete = false;
          continue;
        }
      }
      if (stack.resources.get(logicalId)?.physicalId === physicalId) {
        stack.resources.delete(logicalId);
      }
    }
    return complete;
  }

  private async send(
    stack: Stack,
    logicalId: string,
    part: Pick<CustomResourceRequest, 'RequestType' | 'ResourceProperties'> & Partial<CustomResourceRequest>,
    cancelled: AbortSignal,
  ): Promise<CallOutcome> {
    const request: CustomResourceRequest = {
      ResourceType: stack.template[logicalId]?.Type ?? '',
      ...part,
      RequestId: this.uuid(),
      StackId: stack.id,
      ResponseURL: `https://cloudformation-custom-resource-response.invalid/${this.serial}`,
      LogicalResourceId: logicalId,
    };
    this.requests.push(request);
    const { outcome, ended } = call(request, {
      clock: this.options.clock,
      framework: this.framework,
      deliveries: this.options.deliveries?.(request) ?? [0],
      generatedId: `${stack.name}-${logicalId}-${this.serial.toString(36).toUpperCase().padStart(12, '0')}`,
      cancelled,
    });
    this.working.add(ended);
    void ended.finally(() => this.working.delete(ended));
    return outcome;
  }

  private async operation(stack: Stack, run: () => Promise<string>): Promise<StackOutcome> {
    const first = stack.events.length;
    this.enter(stack, await run());
    return { status: stack.status, events: stack.events.slice(first) };
  }

  private enter(stack: Stack, status: string): void {
    stack.status = status;
    this.event(stack, stack.name, stack.id, status);
  }

  private report(stack: Stack, logicalId: string, outcome: CallOutcome, verb: 'CREATE' | 'UPDATE' | 'DELETE'): boolean {
    switch (outcome.kind) {
      case 'success':
        this.event(stack, logicalId, outcome.physicalId, `${verb}_COMPLETE`);
        return true;
      case 'failed':
        this.event(stack, logicalId, outcome.physicalId, `${verb}_FAILED`, outcome.reason);
        return false;
    }
  }

  private event(stack: Stack, logicalId: string, physicalId: string, status: string, reason?: string): void {
    stack.events.push({ time: this.options.clock.now(), logicalId, physicalId, status, reason });
  }

  /** Undefined when they refer to an attribute that a provider did not give. */
  private propertiesOf(stack: Stack, logicalId: string): ResolvedProperties | undefined {
    return resolveProperties(this.templateOf(stack, logicalId).Properties ?? {}, {
      ref: (name) => stack.resources.get(name)?.physicalId ?? this.options.externals?.(name),
      attribute: (name, attribute) =>
        (stack.resources.get(name)?.attributes[attribute] as ResolvedValue | undefined) ?? this.options.externals?.(`${name}.${attribute}`),
    });
  }

  private templateOf(stack: Stack, logicalId: string): TemplateResource {
    const template = stack.template[logicalId];
    if (!template) {
      throw new Error(`The template of ${stack.name} has no ${logicalId}.`);
    }
    return template;
  }

  private existing(name: string): Stack {
    const stack = this.stacks.get(name);
    if (!stack) {
      throw new Error(`Stack with id ${name} does not exist`);
    }
    return stack;
  }

  /** Counts up, so that a run can be repeated with the same ids. */
  private uuid(): string {
    return `00000000-0000-4000-8000-${(++this.serial).toString(16).padStart(12, '0')}`;
  }
}

function attributesOf(outcome: CallOutcome): { readonly [name: string]: unknown } {
  return outcome.kind === 'success' ? outcome.data : {};
}

function sameProperties(one: ResolvedProperties, other: ResolvedProperties): boolean {
  const sorted = (value: ResolvedProperties) =>
    JSON.stringify(value, (_key, item: unknown) =>
      item && typeof item === 'object' && !Array.isArray(item) ? Object.fromEntries(Object.entries(item).sort()) : item);
  return sorted(one) === sorted(other);
}
