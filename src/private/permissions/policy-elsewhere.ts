import { ArnFormat, IResource, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

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
