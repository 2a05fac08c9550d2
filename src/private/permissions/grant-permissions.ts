import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { warnOfImmutableRole, warnOfPolicyElsewhere } from './grant-warnings';
import { Conditions } from './key-scope';
import { knownArnOf, letIn, placeOf } from './policy-elsewhere';

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
  return new iam.PolicyStatement({ actions, resources: arns, conditions });
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
