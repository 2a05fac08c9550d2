import { Fn, PhysicalName, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SelfContainedRole } from './private/permissions/self-contained-role';
import { grantAmiCreation } from './private/permissions/service-role-permissions';

/**
 * Properties of a `VmImportRole`.
 */
export interface VmImportRoleProps {
  /**
   * The name of the role. A named role takes the capability CAPABILITY_NAMED_IAM to deploy.
   *
   * @default - a name that CloudFormation generates, or the CDK for policies of another account
   */
  readonly roleName?: string;

  /**
   * What the role is for, in at most 1,000 characters.
   *
   * @default - a sentence that says so
   */
  readonly description?: string;

  /**
   * The limit of what policies can grant to the role.
   *
   * @default - none; `PermissionsBoundary.of(scope)` reaches the role, too
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}

/**
 * The service role that VM Import/Export assumes to read disks and to make the AMI of them.
 *
 * Only the imports of its own account can assume it. `VmImportImage` makes one for each import, and adds what the
 * import needs to any that it is given: to read the very objects, to use the very keys and license configurations. One
 * role can be shared by several imports.
 *
 * The permissions are part of the role: it is one CloudFormation resource.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html#vmimport-role
 */
export class VmImportRole extends SelfContainedRole {
  /**
   * @param scope the parent
   * @param id the id of the role in it
   * @param props name, description, permissions boundary
   */
  public constructor(scope: Construct, id: string, props: VmImportRoleProps = {}) {
    const stack = Stack.of(scope);
    super(scope, id, {
      // The policy of a bucket or key that the app makes in another account can name it.
      roleName: props.roleName ?? PhysicalName.GENERATE_IF_NEEDED,
      description: props.description ?? 'VM Import/Export reads disk images and makes AMIs of them',
      permissionsBoundary: props.permissionsBoundary,
      assumedBy: new iam.ServicePrincipal('vmie.amazonaws.com', {
        conditions: {
          StringEquals: { 'sts:Externalid': 'vmimport', 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': Fn.sub('arn:${AWS::Partition}:vmie:*:${AWS::AccountId}:*') },
        },
      }),
    });
    grantAmiCreation(this);
  }
}
