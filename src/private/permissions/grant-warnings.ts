import { Annotations, IResource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, Dependable } from 'constructs';
import { toPaste } from './paste';
import { SelfContainedRole } from './self-contained-role';

/** The external id that VM Import/Export assumes a service role with. */
const TRUST = 'It must trust vmie.amazonaws.com with the external id vmimport';

/** Says what an immutable role must already have, as the CDK adds nothing to it. */
export function warnOfImmutableRole(scope: Construct, role: iam.IRole, grants: readonly iam.Grant[], needs: readonly iam.PolicyStatement[]): void {
  if (!isImmutable(role, grants)) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-vm-import:immutableRole',
    `Nothing is added to the role ${role.node.path}, which is immutable. ${TRUST}, and needs these statements: ${toPaste(scope, needs)}`,
  );
}

/** What a policy of another account's must say. */
export interface PolicyElsewhere {
  readonly holder: 'bucket' | 'key';
  readonly resource: IResource;
  readonly statement: iam.PolicyStatement;
}

/** Says what to add to the policy of a bucket or key that another account has, and that this app did not make. */
export function warnOfPolicyElsewhere(scope: Construct, { holder, resource, statement }: PolicyElsewhere): void {
  Annotations.of(scope).addWarningV2(
    `cdk-vm-import:${holder}Policy`,
    `The ${holder} ${resource.node.path} is in the account ${resource.env.account}, where this app cannot change its policy. Add this statement to it: ${toPaste(scope, statement)}`,
  );
}

/** The policy below a role of the CDK that takes what is granted, and is a dependency of that only once it is synthesized. */
const DEFAULT_POLICY = 'DefaultPolicy';

/**
 * The CDK's immutable roles pretend to take a statement, but nothing in the template comes of it. Our own roles hold
 * their statements themselves.
 */
function isImmutable(role: iam.IRole, grants: readonly iam.Grant[]): boolean {
  const holdsThem = role instanceof SelfContainedRole || role.node.tryFindChild(DEFAULT_POLICY) !== undefined;
  return !holdsThem && grants.every((grant) => Dependable.of(grant).dependencyRoots.length === 0);
}
