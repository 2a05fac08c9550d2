import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

export const BUCKET = 'disks';

/**
 * What whoever imports without this library makes by hand first: a bucket, and the service role `vmimport`.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html
 */
export async function makeBucketAndRole(cloud: LocalCloud): Promise<void> {
  await cloud.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await iam(cloud, { Action: 'CreateRole', RoleName: 'vmimport', AssumeRolePolicyDocument: JSON.stringify(TRUST) });
  await iam(cloud, { Action: 'PutRolePolicy', RoleName: 'vmimport', PolicyName: 'vmimport', PolicyDocument: JSON.stringify(POLICY) });
}

/** The names of the account's roles. */
export async function rolesOf(cloud: LocalCloud): Promise<readonly string[]> {
  const text = await iam(cloud, { Action: 'ListRoles', MaxItems: '1000' });
  return [...text.matchAll(/<RoleName>([^<]*)<\/RoleName>/g)].map(([, name = '']) => name);
}

const TRUST = {
  Version: '2012-10-17',
  Statement: [{
    Effect: 'Allow',
    Principal: { Service: 'vmie.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:Externalid': 'vmimport' } },
  }],
};

const POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['s3:GetBucketLocation', 's3:GetObject', 's3:ListBucket'], Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`] },
    { Effect: 'Allow', Action: ['ec2:ModifySnapshotAttribute', 'ec2:CopySnapshot', 'ec2:RegisterImage', 'ec2:Describe*'], Resource: '*' },
  ],
};

/** IAM's query API; the loopback account checks no signature. */
async function iam(cloud: LocalCloud, parameters: Readonly<Record<string, string>>): Promise<string> {
  const { endpoint, region } = cloud.clientConfig();
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'authorization': `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/iam/aws4_request, SignedHeaders=host, Signature=none`,
    },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString(),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`IAM refuses ${parameters.Action}: ${text}`);
  }
  return text;
}
