import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
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
export function ec2Statement(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['ec2:CopySnapshot', 'ec2:Describe*', 'ec2:ModifySnapshotAttribute', 'ec2:RegisterImage'],
    resources: ['*'],
  });
}

/** Grants what one import needs beyond `ec2Statement`. */
export function grantServiceRole(role: iam.IRole, needs: ServiceRoleNeeds): void {
  for (const disk of needs.disks) {
    grantObject(role, disk);
  }
  needs.encryptionKey?.grant(
    role,
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey*',
    'kms:ReEncrypt*',
  );
  if (needs.licenseConfigurationArns.length > 0) {
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['license-manager:GetLicenseConfiguration', 'license-manager:UpdateLicenseSpecificationsForResource'],
      resources: [...needs.licenseConfigurationArns],
    }));
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslicensemanager.html: no resource type
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['license-manager:ListLicenseSpecificationsForResource'],
      resources: ['*'],
    }));
  }
}

function grantObject(role: iam.IRole, { bucket, objectKey }: DiskContainerConfig): void {
  if (bucket === undefined || objectKey === undefined) {
    return;
  }
  iam.Grant.addToPrincipalOrResource({
    grantee: role,
    actions: ['s3:GetObject'],
    resourceArns: [bucket.arnForObjects(literal(objectKey))],
    resource: bucket,
  });
  iam.Grant.addToPrincipalOrResource({
    grantee: role,
    actions: ['s3:GetBucketLocation', 's3:ListBucket'],
    resourceArns: [bucket.bucketArn],
    resource: bucket,
  });
  bucket.encryptionKey?.grantDecrypt(role);
}

/** A key in which no character is a wildcard or starts a policy variable; tokens stay what they are. */
function literal(key: string): string {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
  return key.replace(/\$\{Token\[[^\]]*\]\}|[*?$]/g, (part) => (part.length > 1 ? part : `\${${part}}`));
}
