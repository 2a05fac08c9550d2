import { AnExample, ofTheImport } from './an-example';

const example = new AnExample('rolling-replacement');
const [launchTemplate = ''] = example.logicalIds('AWS::EC2::LaunchTemplate');

test('the launch template names the AMI of the import', () => {
  expect(example.propertiesOf('AWS::EC2::LaunchTemplate')[0]?.LaunchTemplateData).toMatchObject({
    ImageId: ofTheImport('Golden', 'AmiId'), MetadataOptions: { HttpTokens: 'required' },
  });
});

test('the group follows the latest version of the launch template, so that a new AMI is a change of the group', () => {
  example.template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
    LaunchTemplate: { LaunchTemplateId: { Ref: launchTemplate }, Version: { 'Fn::GetAtt': [launchTemplate, 'LatestVersionNumber'] } },
  });
});

test('a changed group replaces its instances one by one, while two of them serve', () => {
  example.template.hasResource('AWS::AutoScaling::AutoScalingGroup', {
    Properties: { MinSize: '2', MaxSize: '4' },
    UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 2, MaxBatchSize: 1, PauseTime: 'PT5M' } },
  });
});

test('another version of the image changes the import alone; the AMI goes through the launch template from there', () => {
  const before = example.template.toJSON();
  const after = new AnExample('rolling-replacement', { context: { version: '1.1.0' } });
  const changed = Object.entries(after.template.toJSON().Resources as Record<string, { readonly Type: string }>)
    .filter(([id, resource]) => JSON.stringify(resource) !== JSON.stringify(before.Resources[id]));
  expect(changed.map(([, { Type }]) => Type).filter((type) => type !== 'AWS::IAM::Role' && type !== 'Custom::VmImportImage')).toEqual([]);
  expect(after.imports).toMatchObject([{
    ImportImage: { DiskContainers: [{ UserBucket: { S3Key: 'web-1.1.0.ova' } }] }, ImportVmImage: { name: 'web', semanticVersion: '1.1.0' },
  }]);
  expect(Object.keys(after.template.toJSON().Resources)).toEqual(Object.keys(before.Resources));
});

test('it runs in the VPC that is given, and tells the topic that is given', () => {
  const { template } = new AnExample('rolling-replacement', { context: { vpc: 'vpc-00112233445566778', subnets: 'subnet-00112233,subnet-44556677', topic: 'ops' } });
  template.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-00112233445566778' });
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: ['subnet-00112233', 'subnet-44556677'] });
  expect(JSON.stringify(template.findResources('AWS::AutoScaling::AutoScalingGroup'))).toContain(':ops"');
});
