import { IResource, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { warnOfImmutableRole, warnOfPolicyElsewhere } from './grant-warnings';

/** By operator and key, as grants take them. */
export type Conditions = Record<string, Record<string, unknown>>;

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
  for (const permission of permissions) {
    const resource = policyHolder(permission);
    if (resource !== undefined && isOutOfReach(resource, Stack.of(scope))) {
      warnOfPolicyElsewhere(scope, { role, statement: statementOf(permission), resource, holder: permission.kind === 'bucket' ? 'bucket' : 'key' });
    }
  }
  return new DependencyGroup(...grants);
}

/** Grants one permission, in the policy of the bucket or key as well where that takes it. */
export function grant(grantee: iam.IRole, permission: Permission): iam.Grant {
  const { actions, arns: resourceArns, conditions } = permission;
  switch (permission.kind) {
    case 'identity':
      return iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions });
    case 'bucket':
      return withConditions(
        iam.Grant.addToPrincipalOrResource({ grantee, actions, resourceArns, conditions, resource: permission.bucket }), conditions,
      );
    case 'key':
      return isOutOfReach(permission.key, Stack.of(grantee))
        // The CDK would allow all keys of the other account.
        ? iam.Grant.addToPrincipal({ grantee, actions, resourceArns, conditions })
        : withConditions(permission.key.grant(grantee, ...actions), conditions);
  }
}

/** Keys know no grants with conditions, and buckets none in their own policies. */
function withConditions(given: iam.Grant, conditions: Conditions = {}): iam.Grant {
  [...given.principalStatements, ...given.resourceStatements].forEach((statement) => statement.addConditions(conditions));
  return given;
}

function statementOf({ actions, arns, conditions }: Permission): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: arns, conditions });
}

function policyHolder(permission: Permission): IResource | undefined {
  switch (permission.kind) {
    case 'identity':
      return undefined;
    case 'bucket':
      return permission.bucket;
    case 'key':
      return permission.key;
  }
}

/** Whether a resource of another account has a policy that this app cannot change. */
function isOutOfReach(resource: IResource, stack: Stack): boolean {
  return Token.compareStrings(resource.env.account, stack.account) === TokenComparison.DIFFERENT && !Resource.isOwnedResource(resource);
}
