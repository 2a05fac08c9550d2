import { iamRequestsOf } from './iam-request';

const SNAPSHOT = 'snap-0123456789abcdef0';
const SNAPSHOT_ARN = `arn:aws:ec2:us-east-1::snapshot/${SNAPSHOT}`;
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1';

function asked(service: 'ec2' | 'ebs', action: string, parameters: Record<string, unknown>) {
  return iamRequestsOf({
    service, action, parameters, tagsOf: () => ({ id: 'import-1' }), who: 'handler', stackId: 'stack', time: 0, abandoned: false,
  } as unknown as Parameters<typeof iamRequestsOf>[0], new Map());
}

describe('What AWS asks IAM', () => {
  test('for a block and for the end of a snapshot: the snapshot with its tags', () => {
    for (const action of ['PutSnapshotBlock', 'CompleteSnapshot']) {
      expect(asked('ebs', action, { SnapshotId: SNAPSHOT })).toEqual([
        { action: `ebs:${action}`, resource: SNAPSHOT_ARN, context: { 'aws:ResourceTag/id': 'import-1' } },
      ]);
    }
  });

  test('for a new snapshot: its tags and size', () => {
    const tags = { 'aws:RequestTag/id': 'import-1', 'aws:TagKeys': ['id'] };
    expect(asked('ebs', 'StartSnapshot', { VolumeSize: 8, Description: 'root', Tags: [{ Key: 'id', Value: 'import-1' }] })).toEqual([
      { action: 'ebs:StartSnapshot', resource: SNAPSHOT_ARN, context: { ...tags, 'ebs:VolumeSize': '8', 'ebs:Description': 'root' } },
      { action: 'ec2:CreateTags', resource: SNAPSHOT_ARN, context: tags },
    ]);
  });

  test('for an encrypted one: the key as well, its grants for AWS resources only', () => {
    expect(asked('ebs', 'StartSnapshot', { VolumeSize: 8, Encrypted: true, KmsKeyArn: KEY }).slice(2)).toEqual([
      { action: 'kms:DescribeKey', resource: KEY, context: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } },
      { action: 'kms:GenerateDataKeyWithoutPlaintext', resource: KEY, context: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' } },
      { action: 'kms:CreateGrant', resource: KEY, context: { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com', 'kms:GrantIsForAWSResource': 'true' } },
    ]);
  });

  test('for a new AMI: its tags, and its snapshots with theirs', () => {
    const tags = { 'aws:RequestTag/id': 'import-1', 'aws:TagKeys': ['id'] };
    const image = expect.stringMatching(/^arn:aws:ec2:us-east-1::image\/ami-/);
    expect(asked('ec2', 'RegisterImage', {
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'id', Value: 'import-1' }] }],
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: SNAPSHOT } }],
    })).toEqual([
      { action: 'ec2:RegisterImage', resource: image, context: tags },
      { action: 'ec2:RegisterImage', resource: SNAPSHOT_ARN, context: { 'aws:ResourceTag/id': 'import-1' } },
      { action: 'ec2:CreateTags', resource: image, context: { ...tags, 'ec2:CreateAction': 'RegisterImage' } },
    ]);
  });
});
