import type { Leftover, Live, Stack, StackEvent } from './cloudformation-stack';
import { ResolvedProperties, ResolvedValue, resolveProperties, TemplateResource } from './cloudformation-template';
import { call, CallOutcome } from './custom-resource-call';
import { Answers, answerTo } from './emulator/unknowns';
import type { IdleClock } from './idle-clock';
import { CustomResourceRequest, ProviderFramework, UserHandlers } from './provider-framework';

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
  /** How CloudFormation and the provider framework behave where nobody documents it; what is not given is as assumed. */
  readonly answers?: Partial<Answers>;
  readonly queryIntervalMs?: number;
  readonly totalTimeoutMs?: number;
  readonly onEventTimeoutMs?: number;
  readonly isCompleteTimeoutMs?: number;
}

const MINUTE_MS = 60_000;
const MISSING_ATTRIBUTE = "CustomResource attribute error: Vendor response doesn't contain the attribute that this resource refers to.";

/** What CloudFormation does to one custom resource of a stack: the requests that it sends, and what it makes of the answers. */
export class ResourceOperations {
  /** Every request sent, in order. */
  public readonly requests: CustomResourceRequest[] = [];
  private readonly framework: ProviderFramework;
  private readonly working = new Set<Promise<void>>();
  /** The RequestId of the first Create of each resource, for answers that send it again. */
  private readonly createIds = new Map<string, string>();
  private serial = 0;

  constructor(private readonly options: CloudFormationDriverOptions) {
    this.framework = new ProviderFramework({
      handlers: options.handlers,
      clock: options.clock,
      executions: answerTo(options.answers ?? {}, 'executions'),
      queryIntervalMs: options.queryIntervalMs ?? MINUTE_MS / 2,
      totalTimeoutMs: options.totalTimeoutMs ?? 60 * MINUTE_MS,
      onEventTimeoutMs: options.onEventTimeoutMs ?? MINUTE_MS,
      isCompleteTimeoutMs: options.isCompleteTimeoutMs ?? 5 * MINUTE_MS,
    });
  }

  /** Waits until nothing works on any request any more. */
  public async settled(): Promise<void> {
    while (this.working.size > 0) {
      await Promise.all(this.working);
    }
  }

  public async create(stack: Stack, logicalId: string, cancelled: AbortSignal): Promise<boolean> {
    const template = this.templateOf(stack, logicalId);
    this.note(stack, { logicalId, physicalId: '', status: 'CREATE_IN_PROGRESS' });
    const properties = this.propertiesOf(stack, logicalId);
    if (!properties) {
      return this.report(stack, logicalId, { kind: 'failed', physicalId: '', reason: MISSING_ATTRIBUTE }, 'CREATE');
    }
    const outcome = await this.send(stack, logicalId, { RequestType: 'Create', ResourceProperties: properties }, cancelled);
    stack.resources.set(logicalId, { physicalId: outcome.physicalId, properties, template, attributes: attributesOf(outcome) });
    return this.report(stack, logicalId, outcome, 'CREATE');
  }

  /** An Update, if there is anything to tell. A changed physical id in the answer is a replacement, whose cleanup comes later. */
  public async update(stack: Stack, logicalId: string, from: Live, cancelled: AbortSignal, direction: 'forward' | 'back'): Promise<boolean> {
    const template = this.templateOf(stack, logicalId);
    const properties = this.propertiesOf(stack, logicalId);
    if (!properties) {
      return this.report(stack, logicalId, { kind: 'failed', physicalId: from.physicalId, reason: MISSING_ATTRIBUTE }, 'UPDATE');
    }
    if (sameProperties(properties, from.properties)) {
      stack.resources.set(logicalId, { ...from, template });
      return true;
    }
    this.note(stack, { logicalId, physicalId: from.physicalId, status: 'UPDATE_IN_PROGRESS' });
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
  public async deleteAll(stack: Stack, leftovers: readonly Leftover[]): Promise<boolean> {
    let complete = true;
    for (const { logicalId, physicalId, properties, template, policy } of [...leftovers].reverse()) {
      if (policy === 'Retain') {
        this.note(stack, { logicalId, physicalId, status: 'DELETE_SKIPPED' });
      } else {
        this.note(stack, { logicalId, physicalId, status: 'DELETE_IN_PROGRESS' });
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
      RequestId: this.requestId(stack, logicalId, part.RequestType),
      StackId: stack.id,
      ResponseURL: `https://cloudformation-custom-resource-response.invalid/${this.serial}`,
      LogicalResourceId: logicalId,
    };
    this.requests.push(request);
    const { outcome, ended } = call(request, {
      clock: this.options.clock,
      framework: this.framework,
      deliveries: this.options.deliveries?.(request) ?? [0],
      redelivery: answerTo(this.options.answers ?? {}, 'deliveries'),
      generatedId: `${stack.name}-${logicalId}-${this.serial.toString(36).toUpperCase().padStart(12, '0')}`,
      cancelled,
    });
    this.working.add(ended);
    void ended.finally(() => this.working.delete(ended));
    return outcome;
  }

  /** A deployment that is tried again may send the id of the first try: aws/aws-cdk#35957. */
  private requestId(stack: Stack, logicalId: string, type: CustomResourceRequest['RequestType']): string {
    const fresh = this.uuid();
    if (type !== 'Create' || answerTo(this.options.answers ?? {}, 'requestIds') === 'fresh') {
      return fresh;
    }
    const resource = `${stack.id} ${logicalId}`;
    const known = this.createIds.get(resource) ?? fresh;
    this.createIds.set(resource, known);
    return known;
  }

  private report(stack: Stack, logicalId: string, outcome: CallOutcome, verb: 'CREATE' | 'UPDATE' | 'DELETE'): boolean {
    switch (outcome.kind) {
      case 'success':
        this.note(stack, { logicalId, physicalId: outcome.physicalId, status: `${verb}_COMPLETE` });
        return true;
      case 'failed':
        this.note(stack, { logicalId, physicalId: outcome.physicalId, status: `${verb}_FAILED`, reason: outcome.reason });
        return false;
    }
  }

  /** What happens to a stack or to a resource of it. */
  public note(stack: Stack, event: Omit<StackEvent, 'time'>): void {
    stack.events.push({ time: this.options.clock.now(), ...event });
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

  /** Counts up, so that a run can be repeated with the same ids. */
  public uuid(): string {
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
