/**
 * Warnings about the imports of a stack together: too many for one template, too many for the time that they have.
 */
import { Annotations, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Import tasks that EC2 runs at a time for an account and Region: https://docs.aws.amazon.com/vm-import/latest/userguide/limits-image-import.html */
const TASKS_AT_A_TIME = 20;

/** A typical import, between 15 and 60 minutes. */
const TYPICAL_MINUTES = 30;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MOST_RESOURCES = 500;
const MOST_BYTES = 1_000_000;

/** The share of a limit from which synthesis warns. */
const NEAR = 0.9;

/** The imports of a provider, as EC2's queue sees them. */
export class QueueLength {
  private imports = 0;
  private shortest = Infinity;

  public constructor(private readonly scope: IConstruct) {}

  /** Counts one more import. */
  public add(timeout: Duration): void {
    this.imports += 1;
    this.shortest = Math.min(this.shortest, timeout.toMinutes({ integral: false }));
  }

  /** Warns if imports wait in the queue for longer than the shortest `timeout` allows. */
  public warnIfLong(): void {
    const fit = Math.floor(this.shortest * TASKS_AT_A_TIME / TYPICAL_MINUTES);
    if (this.imports > Math.max(fit, TASKS_AT_A_TIME)) {
      Annotations.of(this.scope).addWarningV2(
        'cdk-vm-import:queue',
        `The stack has ${this.imports} imports, and the shortest timeout is ${this.shortest} minutes. EC2 runs ${TASKS_AT_A_TIME} import tasks at a time, and waiting counts towards timeout: at ${TYPICAL_MINUTES} minutes each, the last ones run out of time. Set a longer timeout, request a higher quota, or deploy several stacks one after the other.`,
      );
    }
  }
}

/** Warns if a stack comes near CloudFormation's limits, and says what makes it smaller. */
export function warnNearStackLimits(scope: IConstruct): void {
  const stack = Stack.of(scope);
  const resources = stack.node.findAll().filter((node) => CfnResource.isCfnResource(node) && node.stack === stack).length;
  // With as many tags as AWS allows, a resource takes 14,000 bytes: fewer resources are below the limit, and rendering them takes time.
  const bytes = resources < MOST_RESOURCES / 10 ? 0 : bytesOf(stack);
  if (resources > MOST_RESOURCES * NEAR || bytes > MOST_BYTES * NEAR) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:stackLimits',
      `The stack has ${resources} resources and a template of ${bytes} bytes. CloudFormation accepts ${MOST_RESOURCES} resources and ${MOST_BYTES} bytes. To make it smaller, let imports share a role, set a shorter timeout (each 50 minutes are one resource), set suppressTemplateIndentation, or use several stacks.`,
    );
  }
}

function bytesOf(stack: Stack): number {
  const { _toCloudFormation: template } = stack as unknown as { readonly _toCloudFormation: () => unknown };
  return JSON.stringify(stack.resolve(template.call(stack)), undefined, 1).length;
}
