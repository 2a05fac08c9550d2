import { AnExample, ofTheImport } from './an-example';

const example = new AnExample('ova-to-pipeline');

test('the imported image is the parent of the recipe, and the pipeline builds from the recipe', () => {
  expect(example.propertiesOf('AWS::ImageBuilder::ImageRecipe')).toStrictEqual([
    expect.objectContaining({
      ParentImage: ofTheImport('Golden', 'ImageArn'),
      Components: [{ ComponentArn: 'arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x' }],
    }),
  ]);
  const [recipe, infrastructure] = ['AWS::ImageBuilder::ImageRecipe', 'AWS::ImageBuilder::InfrastructureConfiguration'].map((type) => example.logicalIds(type)[0]);
  example.template.hasResourceProperties('AWS::ImageBuilder::ImagePipeline', {
    ImageRecipeArn: { 'Fn::GetAtt': [recipe, 'Arn'] },
    InfrastructureConfigurationArn: { 'Fn::GetAtt': [infrastructure, 'Arn'] },
    Schedule: { ScheduleExpression: 'cron(0 3 ? * sun *)' },
  });
});

test('the build instances take session tokens for their metadata, and the instance profile that is given', () => {
  const { template } = new AnExample('ova-to-pipeline', { context: { instanceProfile: 'builders' } });
  template.hasResourceProperties('AWS::ImageBuilder::InfrastructureConfiguration', {
    InstanceProfileName: 'builders', InstanceMetadataOptions: { HttpTokens: 'required' },
  });
});

test('another version is another OVA, another image version, and, as recipes never change, another version of the recipe', () => {
  const next = new AnExample('ova-to-pipeline', { context: { bucket: 'exports', version: '1.1.0' } });
  expect(next.imports).toMatchObject([{
    ImportImage: { DiskContainers: [{ Format: 'OVA', UserBucket: { S3Bucket: 'exports', S3Key: 'rhel9-1.1.0.ova' } }] },
    ImportVmImage: { name: 'rhel9', semanticVersion: '1.1.0' },
  }]);
  next.template.hasResourceProperties('AWS::ImageBuilder::ImageRecipe', { Name: 'rhel9-patched', Version: '1.1.0' });
});

test('the service role reads the one OVA only', () => {
  expect(example.serviceRoleMay('s3')).toStrictEqual([
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::my-vm-exports/rhel9-1.0.0.ova' },
    { Effect: 'Allow', Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: 'arn:aws:s3:::my-vm-exports' },
  ]);
});
