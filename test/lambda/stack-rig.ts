import { AsyncLocalStorage } from 'node:async_hooks';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { importProperties } from './requests';
import { StackResourceDouble } from './stack-resource-double';
import type { DeleteRequest } from '../../lambda/cloudformation';
import { createHandlers, type Handlers } from '../../lambda/handlers';
import { CloudFormationDriver, FunctionDied, type CloudFormationDriverOptions, type StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResources, TemplateValue } from '../local-cloud/cloudformation-template';
import { Ec2AndImageBuilder, MemoryDiskSource, type Settings } from '../local-cloud/emulator';
import { IdleClock } from '../local-cloud/idle-clock';
import type { CustomResourceRequest } from '../local-cloud/provider-framework';

/** When the handler is killed: before or after its n-th call to AWS of an operation. */
export interface Kill {
  readonly call: number;
  readonly moment: 'before' | 'after';
  /** What the framework makes of it: it dies as well and is called again, or it tells CloudFormation. */
  readonly then: 'called-again' | 'told';
}

interface Invocation {
  killed: boolean;
}

export interface StackRigOptions {
  readonly settings?: Partial<Settings>;
  readonly driver?: Partial<CloudFormationDriverOptions>;
}

/** Stacks of imports, in CloudFormation as it is, over the handlers as they are, on the emulator, in fake time. */
export class StackRig {
  readonly clock = new IdleClock();
  readonly cloud: Ec2AndImageBuilder;
  readonly driver: CloudFormationDriver;
  /** Calls that the handlers made to EC2 and Image Builder since `arm` was called. */
  calls = 0;
  private readonly handlers: Handlers;
  private kill: Kill | undefined;
  private readonly invocations = new AsyncLocalStorage<Invocation>();
  private readonly resources = new Map<string, StackResourceDouble>();

  constructor({ settings, driver }: StackRigOptions = {}) {
    const disks = new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk');
    this.cloud = new Ec2AndImageBuilder({ clock: this.clock, disks, settings: { taskDurationMs: 45_000, imageDurationMs: 20_000, ...settings } });
    this.handlers = createHandlers({ clients: this.clients(), now: () => this.clock.now(), log: () => undefined });
    this.driver = new CloudFormationDriver({
      handlers: { onEvent: this.mortal(this.handlers.onEvent), isComplete: this.mortal(this.handlers.isComplete) },
      clock: this.clock,
      ...driver,
      deliveries: (request) => {
        this.note(request);
        return driver?.deliveries?.(request) ?? [0];
      },
    });
  }

  /** Counts calls from here on, and kills the handler at one of them. */
  arm(kill?: Kill): void {
    this.calls = 0;
    this.kill = kill;
  }

  /** What somebody does by hand after a cleanup that CloudFormation reported as failed: the same Delete again. */
  async repeatDelete(physicalId: string | undefined): Promise<void> {
    const request = this.driver.requests.find((each) => each.RequestType === 'Delete' && each.PhysicalResourceId === physicalId) as DeleteRequest | undefined;
    if (!request) {
      throw new Error(`There was no Delete of ${physicalId}`);
    }
    const context = { getRemainingTimeInMillis: () => 300_000 };
    const named = await this.handlers.onEvent(request, context);
    while (!(await this.handlers.isComplete({ ...request, ...named }, context)).IsComplete) {
      await this.clock.pause(30_000);
    }
  }

  private note({ StackId, LogicalResourceId, RequestType }: CustomResourceRequest): void {
    const double = this.double(StackId, LogicalResourceId);
    double.status = `${RequestType.toUpperCase()}_IN_PROGRESS`;
    double.changedAt = new Date(this.clock.now());
  }

  private double(stackId: string, logicalId: string): StackResourceDouble {
    const key = `${stackId} ${logicalId}`;
    const double = this.resources.get(key) ?? new StackResourceDouble();
    this.resources.set(key, double);
    return double;
  }

  private clients() {
    const configuration = {
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      retryStrategy: new ConfiguredRetryStrategy(4, 0),
    };
    const requestHandler = this.counting(this.cloud.requestHandler());
    return {
      ec2: new EC2Client({ ...configuration, requestHandler }),
      imageBuilder: new ImagebuilderClient({ ...configuration, requestHandler }),
      cloudFormation: new CloudFormationClient({
        ...configuration,
        requestHandler: {
          ...requestHandler,
          handle: async (request: { readonly body?: unknown }) => {
            const asked = new URLSearchParams(String(request.body));
            return this.double(asked.get('StackName') ?? '', asked.get('LogicalResourceId') ?? '').requestHandler().handle();
          },
        },
      }),
    };
  }

  private counting(inner: ReturnType<Ec2AndImageBuilder['requestHandler']>): ReturnType<Ec2AndImageBuilder['requestHandler']> {
    return {
      ...inner,
      handle: async (request, options) => {
        const invocation = this.invocations.getStore();
        if (invocation?.killed) {
          return new Promise(() => undefined);
        }
        this.calls += 1;
        const kill = this.kill?.call === this.calls ? this.kill : undefined;
        if (kill?.moment === 'before') {
          return this.die(invocation);
        }
        const response = await inner.handle(request, options);
        return kill ? this.die(invocation) : response;
      },
    };
  }

  /** From here on the invocation gets no answer from anything; who waits for it is told by `mortal`. */
  private async die(invocation: Invocation | undefined): Promise<never> {
    if (invocation) {
      invocation.killed = true;
      this.deaths.forEach((tell) => tell(invocation));
    }
    return new Promise(() => undefined);
  }

  private readonly deaths = new Set<(invocation: Invocation) => void>();

  /** A handler that can be killed in the middle of what it does. */
  private mortal<E, C, R>(handler: (event: E, context: C) => Promise<R>): (event: E, context: C) => Promise<R> {
    return async (event, context) => {
      const invocation: Invocation = { killed: false };
      let tell: (killed: Invocation) => void = () => undefined;
      const death = new Promise<never>((_resolve, reject) => {
        tell = (killed) => {
          if (killed === invocation) {
            reject(this.kill?.then === 'told' ? new Error('Runtime exited with error: signal: killed') : new FunctionDied());
          }
        };
      });
      this.deaths.add(tell);
      try {
        return await Promise.race([this.invocations.run(invocation, () => handler(event, context)), death]);
      } finally {
        this.deaths.delete(tell);
      }
    };
  }
}

type Change = { readonly [name: string]: TemplateValue };

/** The template of an import in so many segments. */
export function importTemplate(change: Change = {}, segments: number = 2, name: string = 'Golden'): TemplateResources {
  const properties = (index: number): Change => ({
    ...(importProperties() as Change),
    Segments: segments,
    Segment: index,
    ...(index === 1 ? {} : { ImportId: { Ref: index === 2 ? name : `${name}${index - 1}` } }),
    ...change,
  });
  return Object.fromEntries(
    Array.from({ length: segments }, (_, index) => [
      index === 0 ? name : `${name}${index + 1}`,
      { Type: 'Custom::VmImportImage', Properties: properties(index + 1) },
    ]),
  );
}

/** Requests that CloudFormation got no answer to, or none that it could take. */
export function unanswered(outcomes: readonly StackOutcome[]): string[] {
  return outcomes
    .flatMap((outcome) => outcome.events.map((event) => event.reason ?? ''))
    .filter((reason) => /did not receive a response|too long|Invalid PhysicalResourceId|Operation timed out/.test(reason));
}
