import { AnExample, ofTheImport } from './an-example';

test('the imported image is the base image of the recipe, whose pipeline runs every Sunday', () => {
  const example = new AnExample('imagebuilder-alpha', { context: { version: '1.1.0', instanceProfile: 'builders' } });
  expect(example.propertiesOf('AWS::ImageBuilder::ImageRecipe')).toMatchObject([{
    ParentImage: ofTheImport('Golden', 'ImageArn'),
    Version: '1.1.0',
    Components: [{ ComponentArn: 'arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x' }],
  }]);
  example.template.hasResourceProperties('AWS::ImageBuilder::ImagePipeline', {
    ImageRecipeArn: { 'Fn::GetAtt': [example.logicalIds('AWS::ImageBuilder::ImageRecipe')[0], 'Arn'] },
    Schedule: { ScheduleExpression: 'cron(0 3 ? * sun *)' },
  });
  example.template.hasResourceProperties('AWS::ImageBuilder::InfrastructureConfiguration', { InstanceProfileName: 'builders' });
  expect(example.imports).toMatchObject([{ ImportImage: { DiskContainers: [{ UserBucket: { S3Key: 'debian12-1.1.0.vmdk' } }] } }]);
});
