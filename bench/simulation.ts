/**
 * Imports in simulated time: the handlers and the SDK as they are, under CloudFormation and the provider framework as the
 * tests play them, on the emulated EC2 and Image Builder. An hour takes no time, and the counts are the same every time.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { jsonLog } from '../lambda/aws/log';
import type { CloudFormationRequest, InvocationContext, IsCompleteRequest } from '../lambda/cloudformation/requests';
import { createHandlers } from '../lambda/handlers';
import { EventBusDouble } from '../test/lambda/event-bus-double';
import { clientsOf, type Destination } from '../test/lambda/invocation-clients';
import { StackResourceDouble } from '../test/lambda/stack-resource-double';
import { importTemplate } from '../test/lambda/stack-rig';
import { CloudFormationDriver } from '../test/local-cloud/cloudformation-driver';
import type { TemplateResources } from '../test/local-cloud/cloudformation-template';
import { Ec2AndImageBuilder, MemoryDiskSource, type Settings } from '../test/local-cloud/emulator';
import { IdleClock } from '../test/local-cloud/idle-clock';

/** The default `timeout` of four hours, in the segments that the construct makes of it. */
export const FOUR_HOURS = { segments: 5, properties: { Budget: 2880, Timeout: 14_400 } };

/** One invocation of a handler. */
export interface Invocation {
  readonly handler: 'onEvent' | 'isComplete';
  /** Milliseconds of simulated time. */
  readonly time: number;
  /** Calls to AWS, to any service. */
  calls: number;
  /** Bytes written to the log. */
  logged: number;
}

export class Simulation {
  readonly clock = new IdleClock();
  readonly cloud: Ec2AndImageBuilder;
  readonly driver: CloudFormationDriver;
  readonly invocations: Invocation[] = [];
  /** Whose calls and lines these are, of all the invocations that go on at a time. */
  private readonly current = new AsyncLocalStorage<Invocation>();
  private readonly eventBridge = new EventBusDouble().requestHandler();

  constructor(settings: Partial<Settings>) {
    const disks = new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk');
    this.cloud = new Ec2AndImageBuilder({ clock: this.clock, disks, settings });
    const { onEvent, isComplete } = createHandlers({
      clients: clientsOf(this.destination()),
      now: () => this.clock.now(),
      pause: (ms) => this.clock.delay(ms),
      log: jsonLog((line) => this.count({ logged: line.length + 1 })),
      pollInterval: 30,
    });
    this.driver = new CloudFormationDriver({
      clock: this.clock,
      handlers: {
        onEvent: async (event: CloudFormationRequest, context: InvocationContext) => this.invoke('onEvent', () => onEvent(event, context)),
        isComplete: async (event: IsCompleteRequest, context: InvocationContext) => this.invoke('isComplete', () => isComplete(event, context)),
      },
    });
  }

  private invoke<R>(handler: Invocation['handler'], call: () => Promise<R>): Promise<R> {
    const invocation: Invocation = { handler, time: this.clock.now(), calls: 0, logged: 0 };
    this.invocations.push(invocation);
    return this.current.run(invocation, call);
  }

  private count({ calls = 0, logged = 0 }: Partial<Pick<Invocation, 'calls' | 'logged'>>): void {
    const invocation = this.current.getStore();
    if (invocation === undefined) {
      throw new Error('A call or a line is nobody\'s.');
    }
    invocation.calls += calls;
    invocation.logged += logged;
  }

  private destination(): Destination {
    const door = this.cloud.requestHandler();
    return {
      eventBridge: async (request) => this.eventBridge.handle(request),
      importServices: async (request, options) => {
        this.count({ calls: 1 });
        return door.handle(request, options);
      },
      cloudFormation: async (request) => {
        this.count({ calls: 1 });
        const asked = new URLSearchParams(String(request.body));
        const stackId = asked.get('StackName') ?? '';
        const event = this.driver.lastEvent(stackId, asked.get('LogicalResourceId') ?? '', this.clock.now());
        const double = new StackResourceDouble();
        double.status = event?.status;
        double.changedAt = event && new Date(event.time);
        double.events = this.driver.eventsOf(stackId) ?? [];
        return double.requestHandler().handle(request);
      },
    };
  }
}

/** So many imports in one stack, each of a name of its own. */
export function templateOf(imports: number): TemplateResources {
  return Object.assign({}, ...Array.from({ length: imports }, (_, index) => importTemplate(
    { ...FOUR_HOURS.properties, ImportVmImage: { name: `Golden ${index}`, semanticVersion: '1.0.0', platform: 'Linux' } },
    FOUR_HOURS.segments, `Golden${index}x`,
  ))) as TemplateResources;
}
