import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { EC2Client, ImportImageCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { LocalCloud } from '../local-cloud/local-cloud';

/** The role of the user guide, made by hand before there was any stack of ours. */
const ROLE = JSON.stringify({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'vmimport',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{
            Effect: 'Allow',
            Principal: { Service: 'vmie.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:Externalid': 'vmimport' } },
          }],
        },
      },
    },
  },
});

/** Starts an import task as somebody did it before there was this library, and gives its id. */
export async function importByHand(cloud: LocalCloud): Promise<string> {
  await cloud.cloudformation.send(new CreateStackCommand({ StackName: 'ByHand', TemplateBody: ROLE }));
  await waitUntilStackCreateComplete({ client: cloud.cloudformation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: 'ByHand' });
  await cloud.s3.send(new CreateBucketCommand({ Bucket: 'by-hand' }));
  await cloud.s3.send(new PutObjectCommand({ Bucket: 'by-hand', Key: 'disk.raw', Body: 'a disk' }));
  const ec2 = new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
  const task = await ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'RAW', UserBucket: { S3Bucket: 'by-hand', S3Key: 'disk.raw' } }] }));
  ec2.destroy();
  return task.ImportTaskId ?? '';
}
