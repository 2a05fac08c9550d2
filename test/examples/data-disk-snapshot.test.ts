import { Match } from 'aws-cdk-lib/assertions';
import { AnExample } from './an-example';

const example = new AnExample('data-disk-snapshot', { context: { bucket: 'exports', key: 'old/data.vhdx' } });

test('the disk is copied into an encrypted snapshot', () => {
  expect(example.propertiesOf('Custom::VmImportSnapshot')).toMatchObject([
    { Disk: { S3Bucket: 'exports', S3Key: 'old/data.vhdx', Format: 'VHDX' }, Encrypted: true, Description: 'The data of the old server' },
  ]);
});

test('every server gets a volume made from the snapshot', () => {
  const SnapshotId = { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataImport'), 'SnapshotId'] };
  example.template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: {
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { SnapshotId, VolumeType: 'gp3' } }], MetadataOptions: { HttpTokens: 'required' },
    },
  });
});

test('nobody reads the bucket but for this disk, and no service role is made', () => {
  expect(example.serviceRoleMay('s3', 'ec2')).toStrictEqual([]);
  expect(JSON.stringify(example.template.findResources('AWS::IAM::Role'))).toMatch(/exports\/old\/data\.vhdx/);
});
