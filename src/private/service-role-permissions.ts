import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DependencyGroup, IDependable } from 'constructs';
import { DiskContainerConfig } from '../disk-container';

/** What VM Import/Export needs of its service role for one import. */
export interface ServiceRoleNeeds {
  readonly disks: readonly DiskContainerConfig[];
  readonly encryptionKey?: kms.IKey;
  readonly licenseConfigurationArns: readonly string[];
}

/**
 * The actions that make an AMI of the imported disks. EC2 has no narrower resource for a snapshot and an image that do
 * not exist yet. https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html
 */
export function grantAmiCreation(grantee: iam.IRole): iam.Grant {
  return iam.Grant.addToPrincipal({
    grantee,
    actions: ['ec2:CopySnapshot', 'ec2:Describe*', 'ec2:ModifySnapshotAttribute', 'ec2:RegisterImage'],
    resourceArns: ['*'],
  });
}

/** Grants what one import needs, and says what must stand before it can be used. */
export function grantServiceRole(role: iam.IRole, needs: ServiceRoleNeeds): IDependable {
  const grants = [
    grantAmiCreation(role),
    ...needs.disks.flatMap((disk) => grantObject(role, disk)),
    needs.encryptionKey?.grant(
      role,
      'kms:CreateGrant',
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey*',
      'kms:ReEncrypt*',
    ),
    ...(needs.licenseConfigurationArns.length > 0 ? grantLicenses(role, needs.licenseConfigurationArns) : []),
  ];
  return new DependencyGroup(...grants.filter((grant) => grant !== undefined));
}

function grantObject(grantee: iam.IRole, { bucket, objectKey }: DiskContainerConfig): (iam.Grant | undefined)[] {
  if (bucket === undefined || objectKey === undefined) {
    return [];
  }
  const grant = (actions: string[], arn: string) => iam.Grant.addToPrincipalOrResource({ grantee, actions, resourceArns: [arn], resource: bucket });
  return [
    grant(['s3:GetObject'], bucket.arnForObjects(literal(objectKey))),
    grant(['s3:GetBucketLocation', 's3:ListBucket'], bucket.bucketArn),
    bucket.encryptionKey?.grantDecrypt(grantee),
  ];
}

function grantLicenses(grantee: iam.IRole, licenseConfigurationArns: readonly string[]): iam.Grant[] {
  const grant = (actions: string[], resourceArns: string[]) => iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
  return [
    grant(['license-manager:GetLicenseConfiguration', 'license-manager:UpdateLicenseSpecificationsForResource'], [...licenseConfigurationArns]),
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslicensemanager.html: no resource type
    grant(['license-manager:ListLicenseSpecificationsForResource'], ['*']),
  ];
}

/** A key in which no character is a wildcard or starts a policy variable; tokens stay what they are. */
function literal(key: string): string {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
  return key.replace(/\$\{Token\[[^\]]*\]\}|[*?$]/g, (part) => (part.length > 1 ? part : `\${${part}}`));
}
