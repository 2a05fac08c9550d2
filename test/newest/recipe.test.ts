import { BaseImage, ImageRecipe } from '@aws-cdk/aws-imagebuilder-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DiskContainer, LicenseType, Platform, VmImportImage } from '../../src';

test('the ARN of an imported image is the base image of a recipe of the CDK\'s own Image Builder module', () => {
  const stack = new Stack(new App(), 'Stack');
  const image = new VmImportImage(stack, 'Golden', {
    diskContainers: [DiskContainer.fromSnapshot('snap-0123456789abcdef0')],
    licenseType: LicenseType.BYOL,
    platform: Platform.LINUX,
    semanticVersion: '1.0.0',
    timeout: Duration.minutes(30),
  });
  new ImageRecipe(stack, 'Recipe', { baseImage: BaseImage.fromString(image.imageArn) });
  Template.fromStack(stack).hasResourceProperties('AWS::ImageBuilder::ImageRecipe', {
    ParentImage: { 'Fn::GetAtt': [Match.stringLikeRegexp('^GoldenImport'), 'ImageArn'] },
  });
});

test('an image that was made elsewhere is, too', () => {
  const stack = new Stack(new App(), 'Stack');
  const imageArn = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1';
  const image = VmImportImage.fromVmImportImageAttributes(stack, 'Golden', { imageArn });
  new ImageRecipe(stack, 'Recipe', { baseImage: BaseImage.fromString(image.imageArn) });
  Template.fromStack(stack).hasResourceProperties('AWS::ImageBuilder::ImageRecipe', { ParentImage: imageArn });
});
