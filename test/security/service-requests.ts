import type { AuditedCall } from './audited-stacks';
import { Disk, ec2Arn, getObject, IamRequest, request } from './iam-request';

/**
 * What VM Import/Export asks IAM for with the service role of an import: every action that its user guide wants the role
 * to be allowed, on what this very import has it done to. When it calls which of them is not documented, so each import is
 * taken to need all that its parameters can bring about.
 *
 * https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html#vmimport-role
 */
export function serviceRequestsOf({ parameters }: AuditedCall, bucketKeys: ReadonlyMap<string, string>): readonly IamRequest[] {
  const objects = (parameters.DiskContainers as readonly Disk[]).flatMap(({ UserBucket }) => UserBucket ?? []);
  return [
    ...objects.flatMap(({ S3Bucket, S3Key }) => [
      request('s3:GetBucketLocation', `arn:aws:s3:::${S3Bucket}`),
      request('s3:ListBucket', `arn:aws:s3:::${S3Bucket}`),
      ...getObject(S3Bucket, S3Key, bucketKeys.get(S3Bucket)),
    ]),
    ...amiRequests(),
    ...(typeof parameters.KmsKeyId === 'string' ? keyRequests(parameters.KmsKeyId) : []),
    ...((parameters.LicenseSpecifications ?? []) as readonly { readonly LicenseConfigurationArn: string }[])
      .flatMap(({ LicenseConfigurationArn }) => licenseRequests(LicenseConfigurationArn)),
  ];
}

/** Snapshots and AMI are new, so their ids are any. */
function amiRequests(): readonly IamRequest[] {
  const snapshot = ec2Arn('snap-0123456789abcdef0');
  return [
    request('ec2:DescribeImages', '*'),
    request('ec2:DescribeSnapshots', '*'),
    request('ec2:ModifySnapshotAttribute', snapshot),
    request('ec2:CopySnapshot', snapshot),
    request('ec2:RegisterImage', snapshot),
    request('ec2:RegisterImage', ec2Arn('ami-0123456789abcdef0')),
  ];
}

/** EBS works with data keys without their plaintext, and with grants: https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html */
function keyRequests(key: string): readonly IamRequest[] {
  const actions = ['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'];
  return actions.map((action) => request(`kms:${action}`, key));
}

function licenseRequests(configuration: string): readonly IamRequest[] {
  return [
    request('license-manager:GetLicenseConfiguration', configuration),
    request('license-manager:UpdateLicenseSpecificationsForResource', configuration),
    request('license-manager:ListLicenseSpecificationsForResource', '*'),
  ];
}
