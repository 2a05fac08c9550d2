import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { EC2Client, ImportImageCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DEPLOY_TIMEOUT_MS, Deployment, startCloud } from './deployment';
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

describe('a task that somebody ran before, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;
  let importTaskId: string;
  const imports = () => cloud.emulator.calls({ action: 'ImportImage' }).length;

  beforeAll(async () => {
    cloud = await startCloud();
    await cloud.cloudformation.send(new CreateStackCommand({ StackName: 'ByHand', TemplateBody: ROLE }));
    await waitUntilStackCreateComplete({ client: cloud.cloudformation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: 'ByHand' });
    await cloud.s3.send(new CreateBucketCommand({ Bucket: 'exports' }));
    await cloud.s3.send(new PutObjectCommand({ Bucket: 'exports', Key: 'disk.raw', Body: 'a disk' }));
    const ec2 = new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
    const task = await ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'RAW', UserBucket: { S3Bucket: 'exports', S3Key: 'disk.raw' } }] }));
    ec2.destroy();
    importTaskId = task.ImportTaskId ?? '';
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  test('becomes an image without another import, and its AMI survives the stack', async () => {
    const deployment = new Deployment(cloud, 'Adoption');
    const { ImageArn, AmiId, SnapshotIds } = await deployment.outputs({ importTaskId, imageName: 'adopted' });
    expect(ImageArn).toBe('arn:aws:imagebuilder:us-east-1:000000000000:image/adopted/1.0.0/1');
    expect(imports()).toBe(1);
    expect((await deployment.destroy({ importTaskId, imageName: 'adopted' })).code).toBe(0);
    expect(await cloud.emulator.remaining()).toEqual({ tasks: [], images: [], recipes: [], amis: [AmiId], snapshots: [SnapshotIds] });
  }, DEPLOY_TIMEOUT_MS);
});
