import { AnExample } from './an-example';

const example = new AnExample('cloud-image-arm64', { context: { bucket: 'images', key: 'nixos-aarch64.raw' } });

test('the disk is the one that is given, and decides how the AMI boots', () => {
  expect(example.propertiesOf('Custom::VmImportSnapshot')).toMatchObject([{ Disk: { S3Bucket: 'images', S3Key: 'nixos-aarch64.raw', Format: 'RAW' }, Boot: { Required: true }, VolumeSize: 10 }]);
  const [, logicalId] = ['', ...example.logicalIds('Custom::VmImportSnapshot')];
  example.template.hasResourceProperties('Custom::VmImportAmi', { Registration: { Architecture: { 'Fn::GetAtt': [logicalId, 'Architecture'] }, BootMode: { 'Fn::GetAtt': [logicalId, 'BootMode'] } } });
});

test('the launch template starts the AMI on Graviton', () => {
  example.template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { ImageId: { 'Fn::GetAtt': [example.logicalIds('Custom::VmImportAmi')[0], 'AmiId'] }, InstanceType: 't4g.small' },
  });
});

test('there is no service role of VM Import/Export', () => {
  expect(example.serviceRoleMay('ec2', 's3')).toStrictEqual([]);
});
