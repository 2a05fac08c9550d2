import { Annotations, ArnFormat, IResource, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, Dependable, DependencyGroup, IDependable } from 'constructs';
import type { Conditions } from './key-scope';
import { toPaste } from './paste';
import { SelfContainedRole } from './self-contained-role';

/** A statement for the policy of a role. */
export function allow(actions: string[], resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, conditions });
}

/** Actions on resources; on a bucket or a key, its policy may have to allow them, too. */
export type Permission = { readonly actions: string[]; readonly arns: string[]; readonly conditions?: Conditions } & (
  | { readonly kind: 'identity' }
  | { readonly kind: 'bucket'; readonly bucket: s3.IBucket }
  | { readonly kind: 'key'; readonly key: kms.IKey }
);

/** Grants permissions, says what must stand before they can be used, and warns of what the app cannot give. */
export function grantPermissions(scope: Construct, role: iam.IRole, permissions: readonly Permission[]): IDependable {
  const grants = permissions.map((permission) => grant(role, permission));
  warnOfImmutableRole(scope, role, grants, permissions.map(statementOf));
  const elsewhere = permissions.flatMap((permission) => grantElsewhere(scope, role, permission));
  return new DependencyGroup(...grants, ...elsewhere);
}

/** Grants one permission to the role. The policy of a key in the same account leaves it to IAM, as that of the CDK's keys does. */
export function grant(grantee: iam.IRole, { actions, arns: resourceArns, conditions }: Permission): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
}

/** Lets the role in by the policy of a bucket or key of another account; says what to add to one that the app cannot change. */
function grantElsewhere(scope: Construct, role: iam.IRole, permission: Permission): readonly IDependable[] {
  const stack = Stack.of(scope);
  const resource = resourceOf(permission);
  const place = resource === undefined ? 'here' : placeOf(resource, stack);
  if (resource === undefined || permission.kind === 'identity' || place === 'here') {
    return [];
  }
  if (place === 'out of reach') {
    warnOfPolicyElsewhere(scope, { holder: permission.kind, resource, statement: letIn(stack, inPolicyOf(permission), knownArnOf(role)) });
    return [];
  }
  resource.addToResourcePolicy(letIn(stack, inPolicyOf(permission), role.roleArn));
  // What is below it, such as the policy of a bucket, stands with it.
  return [resource];
}

/** In the policy of a key, the key is all resources. */
function inPolicyOf(permission: Permission): iam.PolicyStatement {
  const statement = statementOf(permission);
  return permission.kind === 'key' ? statement.copy({ resources: ['*'] }) : statement;
}

function statementOf({ actions, arns, conditions }: Permission): iam.PolicyStatement {
  return allow(actions, arns, conditions);
}

function resourceOf(permission: Permission): s3.IBucket | kms.IKey | undefined {
  switch (permission.kind) {
    case 'identity':
      return undefined;
    case 'bucket':
      return permission.bucket;
    case 'key':
      return permission.key;
  }
}

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
  return !holdsThem && grants.every((given) => Dependable.of(given).dependencyRoots.length === 0);
}

/** Where a bucket or key is whose policy must let a role in: in its account, or in another one, made by this app or not. */
export function placeOf(resource: IResource, stack: Stack): 'here' | 'in the app' | 'out of reach' {
  if (Token.compareStrings(resource.env.account, stack.account) !== TokenComparison.DIFFERENT) {
    return 'here';
  }
  return Resource.isOwnedResource(resource) ? 'in the app' : 'out of reach';
}

/**
 * A statement in a policy of another account that lets this account in: the role, where its ARN is given. Amazon S3 and AWS
 * KMS refuse policies with roles that do not exist yet, so that the role is a condition, and the principal the account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function letIn(stack: Stack, statement: iam.PolicyStatement, roleArn: string | undefined): iam.PolicyStatement {
  const inPolicy = statement.copy({ principals: [new iam.AccountPrincipal(stack.account)] });
  if (roleArn !== undefined) {
    inPolicy.addCondition('ArnEquals', { 'aws:PrincipalArn': roleArn });
  }
  return inPolicy;
}

/** The ARN of a role, where it is known before deployment. */
export function knownArnOf(role: iam.IRole): string | undefined {
  const resource = role.node.defaultChild;
  if (!(resource instanceof iam.CfnRole)) {
    return Token.isUnresolved(role.roleArn) ? undefined : role.roleArn;
  }
  const { path = '/' } = resource;
  const roleName: unknown = Stack.of(role).resolve(resource.roleName);
  return typeof roleName === 'string'
    ? Stack.of(role).formatArn({ service: 'iam', region: '', resource: `role${path}${roleName}`, arnFormat: ArnFormat.NO_RESOURCE_NAME })
    : undefined;
}
