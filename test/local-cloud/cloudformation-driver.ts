import { Before, rollbackLeftovers, Stack, StackEvent, StackOutcome, StackResource, standingLeftovers, updateLeftovers } from './cloudformation-stack';
import { dependencyOrder, TemplateResources } from './cloudformation-template';
import { answerTo } from './emulator/unknowns';
import { inOrder } from './in-order';
import type { CustomResourceRequest } from './provider-framework';
import { CloudFormationDriverOptions, ResourceOperations } from './resource-operations';

const LATE_CLEANUP_MS = 10 * 60_000;

export type { StackEvent, StackOutcome, StackResource } from './cloudformation-stack';
export { FunctionDied } from './provider-framework';
export type { CloudFormationDriverOptions } from './resource-operations';

/**
 * CloudFormation as a provider of custom resources sees it, on a clock of the test's choice and without AWS: the
 * requests that it sends for a stack's create, update, rollback and delete, in its order and with what it knows.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
 */
export class CloudFormationDriver {
  private readonly resources: ResourceOperations;
  private readonly stacks = new Map<string, Stack>();
  /** The deleted ones included. */
  private readonly known: Stack[] = [];

  constructor(private readonly options: CloudFormationDriverOptions) {
    this.resources = new ResourceOperations(options);
  }

  /** Every request sent, in order. */
  public get requests(): readonly CustomResourceRequest[] {
    return this.resources.requests;
  }

  /** A resource of a stack as it stands. */
  public resource(stackName: string, logicalId: string): StackResource | undefined {
    return this.stacks.get(stackName)?.resources.get(logicalId);
  }

  /** What DescribeStackResource tells of a resource: the last that had happened to it by a time, deleted or not. */
  public lastEvent(stackId: string, logicalId: string, by: number = Infinity): StackEvent | undefined {
    const events = this.eventsOf(stackId, by)?.filter((event) => event.logicalId === logicalId) ?? [];
    const last = events.at(-1);
    const made = events.filter(({ status }) => status === 'CREATE_IN_PROGRESS').at(-1);
    return last && made && answerTo(this.options.answers ?? {}, 'lastUpdated') === 'stays' ? { ...last, time: made.time } : last;
  }

  /** What DescribeStackEvents tells: all that had happened to a stack by a time, oldest first. */
  public eventsOf(stackId: string, by: number = Infinity): readonly StackEvent[] | undefined {
    const stack = this.known.find(({ id, name }) => id === stackId || name === stackId);
    return stack?.events.filter((event) => event.time <= by);
  }

  /** Waits until nothing works on any request any more: a cancelled resource's provider goes on for a while. */
  public async settled(): Promise<void> {
    await this.resources.settled();
  }

  public async createStack(name: string, template: TemplateResources): Promise<StackOutcome> {
    if (this.stacks.has(name)) {
      throw new Error(`Stack [${name}] already exists`);
    }
    const id = `arn:aws:cloudformation:us-east-1:000000000000:stack/${name}/${this.resources.uuid()}`;
    const stack: Stack = { name, id, template, status: '', resources: new Map(), events: [], unfinished: [] };
    this.stacks.set(name, stack);
    this.known.push(stack);
    return this.operation(stack, async () => {
      this.enter(stack, 'CREATE_IN_PROGRESS');
      const created: string[] = [];
      const failed = await inOrder(template, async (logicalId, cancelled) => {
        const success = await this.resources.create(stack, logicalId, cancelled);
        created.push(logicalId);
        return success;
      });
      if (!failed) {
        return 'CREATE_COMPLETE';
      }
      this.enter(stack, 'ROLLBACK_IN_PROGRESS');
      const gone = await this.resources.deleteAll(stack, standingLeftovers(stack, created, (policy) => (policy === 'Retain' ? 'Retain' : 'Delete')));
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
          ? await this.resources.update(stack, logicalId, former, cancelled, 'forward')
          : await this.resources.create(stack, logicalId, cancelled);
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
      const unfinished = answerTo(this.options.answers ?? {}, 'failedRollback') === 'deleted' ? stack.unfinished : [];
      // Dependents go first, so what the update made comes last in the list.
      if (!(await this.resources.deleteAll(stack, [...leftovers, ...unfinished]))) {
        return 'DELETE_FAILED';
      }
      this.stacks.delete(name);
      return 'DELETE_COMPLETE';
    });
  }

  /** "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": only now what was replaced or removed is deleted; a failure of it fails nothing. */
  private async cleanUpAfterUpdate(stack: Stack, before: Before): Promise<string> {
    this.enter(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    if (answerTo(this.options.answers ?? {}, 'cleanup') === 'late') {
      await this.options.clock.pause(LATE_CLEANUP_MS);
    }
    const after = (logicalId: string) => (
      answerTo(this.options.answers ?? {}, 'replacedProperties') === 'after' ? stack.resources.get(logicalId)?.properties : undefined);
    const leftovers = updateLeftovers(stack, before).map((one) => ({ ...one, properties: after(one.logicalId) ?? one.properties }));
    await this.resources.deleteAll(stack, leftovers);
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
      return this.resources.update(stack, logicalId, current, new AbortController().signal, 'back');
    });
    // `RetainExceptOnCreate` names creation alone. Whether it covers a replacement as well is not documented.
    const retainsAll = answerTo(this.options.answers ?? {}, 'failedReplacement') === 'retained';
    const leftovers = rollbackLeftovers(stack, before, attempted, (policy) => policy === 'Retain' || (retainsAll && policy === 'RetainExceptOnCreate'));
    if (failed) {
      stack.unfinished = leftovers;
      return 'UPDATE_ROLLBACK_FAILED';
    }
    this.enter(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.resources.deleteAll(stack, leftovers);
    [...stack.resources.keys()].filter((logicalId) => !(logicalId in before.template)).forEach((logicalId) => stack.resources.delete(logicalId));
    return 'UPDATE_ROLLBACK_COMPLETE';
  }

  private async operation(stack: Stack, run: () => Promise<string>): Promise<StackOutcome> {
    const first = stack.events.length;
    this.enter(stack, await run());
    return { status: stack.status, events: stack.events.slice(first) };
  }

  private enter(stack: Stack, status: string): void {
    stack.status = status;
    this.resources.note(stack, { logicalId: stack.name, physicalId: stack.id, status });
  }

  private existing(name: string): Stack {
    const stack = this.stacks.get(name);
    if (!stack) {
      throw new Error(`Stack with id ${name} does not exist`);
    }
    return stack;
  }

}
