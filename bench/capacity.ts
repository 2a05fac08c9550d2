import { App, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { rounded, type Table } from './figure';
import { DiskContainer, Platform, VmImportImage, VmImportRole } from '../src';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MOST_RESOURCES = 500;
/** Of one role, unless AWS grants more. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_MANAGED_POLICIES = 10;

/** Imports as they may be declared. */
interface Case {
  readonly what: string;
  readonly timeout: Duration;
  readonly role: 'own' | 'shared';
}

const CASES: readonly Case[] = [
  { what: '`timeout` of 4 hours, the default', timeout: Duration.hours(4), role: 'own' },
  { what: '`timeout` of 100 minutes', timeout: Duration.minutes(100), role: 'own' },
  { what: '`timeout` of 50 minutes', timeout: Duration.minutes(50), role: 'own' },
  { what: '`timeout` of 4 hours, one `role` for all', timeout: Duration.hours(4), role: 'shared' },
  { what: '`timeout` of 50 minutes, one `role` for all', timeout: Duration.minutes(50), role: 'shared' },
];

/** How many imports of a kind one stack has room for, and what there is no more of. */
export interface Capacity {
  readonly what: string;
  readonly imports: number;
  readonly resources: number;
  readonly heldBy: 'resources of the stack' | 'managed policies of a role';
}

export function capacities(): readonly Capacity[] {
  return CASES.map(capacityOf);
}

/** Adds imports to a stack until AWS would refuse it. */
function capacityOf({ what, timeout, role }: Case): Capacity {
  const stack = new Stack(new App({ analyticsReporting: false }), 'S', { env: { account: '111122223333', region: 'us-east-1' } });
  const shared = role === 'shared' ? new VmImportRole(stack, 'Role') : undefined;
  let resources = 0;
  for (let imports = 0; ; imports++) {
    new VmImportImage(stack, `Image${imports}`, {
      diskContainers: [DiskContainer.fromBucket(Bucket.fromBucketName(stack, `Exports${imports}`, 'exports'), `${imports}.vmdk`)],
      platform: Platform.LINUX,
      semanticVersion: '1.0.0',
      timeout,
      role: shared,
    });
    const all = stack.node.findAll().filter(CfnResource.isCfnResource);
    if (all.length > MOST_RESOURCES) {
      return { what, imports, resources, heldBy: 'resources of the stack' };
    }
    if (mostManagedPolicies(all) > MOST_MANAGED_POLICIES) {
      return { what, imports, resources, heldBy: 'managed policies of a role' };
    }
    resources = all.length;
  }
}

/** Those of the role that has most. */
function mostManagedPolicies(resources: readonly CfnResource[]): number {
  const perRole = new Map<unknown, number>();
  resources.filter((each) => each instanceof CfnManagedPolicy).forEach(({ node: { scope } }) => {
    perRole.set(scope?.node.scope, (perRole.get(scope?.node.scope) ?? 0) + 1);
  });
  return Math.max(0, ...perRole.values());
}

export function capacityTable(all: readonly Capacity[]): Table {
  return {
    head: ['Imports with', 'In one stack', 'Resources', 'No more, for want of'],
    rows: all.map(({ what, imports, resources, heldBy }) => [what, rounded(imports), rounded(resources), heldBy]),
  };
}
