import { CfnElement, Lazy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DETAIL_TYPES, DetailType, EVENT_SOURCE } from '../../shared/contract/names';

/** The name of an import in its events: the logical id of the resource that owns it, also for rules of other stacks. */
export function nameInEvents(owner: CfnElement): string {
  return Lazy.string({ produce: () => Stack.of(owner).resolve(owner.logicalId) });
}

/** A rule for how an import may end. By the name of the stack, so that rules of other stacks need not wait for it. */
export function ruleOn(
  scope: Construct, id: string, end: DetailType, logicalId: string, { target, ...options }: events.OnEventOptions,
): events.Rule {
  const rule = new events.Rule(scope, id, options);
  rule.addEventPattern({ source: [EVENT_SOURCE], detailType: [end], detail: { stackName: [Stack.of(scope).stackName], logicalId: [logicalId] } });
  rule.addTarget(target);
  return rule;
}

/**
 * Lets a function put events of the library, and no others, on the default event bus.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
export function announcingStatement(stack: Stack): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['events:PutEvents'],
    resources: [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
    conditions: {
      'ForAllValues:StringEquals': { 'events:source': EVENT_SOURCE, 'events:detail-type': [DETAIL_TYPES.failed, DETAIL_TYPES.succeeded] },
      // A condition on all values is met where there are none.
      'Null': { 'events:source': 'false', 'events:detail-type': 'false' },
    },
  });
}
