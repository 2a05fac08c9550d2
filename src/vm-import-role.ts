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
   * The name of the role. Setting a name requires CAPABILITY_NAMED_IAM.
   *
   * @default - a name that CloudFormation generates, or the CDK if a policy in another account refers to the role
   */
  readonly roleName?: string;

  /**
   * The description of the role, at most 1,000 characters.
   *
   * @default - 'VM Import/Export reads disk images and makes AMIs of them'
   */
  readonly description?: string;

  /**
   * The permissions boundary of the role.
   *
   * @default - none, unless `PermissionsBoundary.of(scope)` sets one
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}

/**
 * The service role that VM Import/Export assumes to read disks and to create an AMI from them.
 *
 * Only imports of the same account can assume it. By default, `VmImportImage` creates one for each import. It adds the
 * permissions that the import needs to the role: to read exactly its objects and to use exactly its keys and license
 * configurations. Several imports can share a role.
 *
 * The policy is part of the role, so the role is one CloudFormation resource.
 *
 * @example
 * declare const bucket: s3.IBucket;
 * const role = new VmImportRole(this, 'Role');
 * new VmImportImage(this, 'Golden', {
 *   diskContainers: [DiskContainer.fromBucket(bucket, 'exports/rhel9.ova')],
 *   role,
 *   platform: Platform.LINUX,
 *   licenseType: LicenseType.BYOL,
 *   semanticVersion: '1.0.0',
 * });
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html#vmimport-role
 */
export class VmImportRole extends SelfContainedRole {
  /**
   * @param scope the parent construct
   * @param id the id of the role in the parent
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
