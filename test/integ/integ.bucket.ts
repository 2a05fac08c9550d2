/**
 * A disk in a bucket becomes an image, whose recipe builds on it. docs/integration-tests.md says how to run it on AWS.
 */
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { expectImage } from './expect-image';
import { DiskContainer, LicenseType, Platform, VmImportImage } from '../../src';

const app = new App();
const stack = new Stack(app, 'VmImportIntegBucket');

const exports = s3.Bucket.fromBucketName(stack, 'Exports', process.env.VM_IMPORT_BUCKET ?? 'my-vm-exports');
const golden = new VmImportImage(stack, 'Golden', {
  diskContainers: [DiskContainer.fromBucket(exports, process.env.VM_IMPORT_KEY ?? 'disk.vmdk')],
  platform: Platform.LINUX,
  licenseType: LicenseType.BYOL,
  imageName: 'vm-import-integ-bucket',
  semanticVersion: '1.0.0',
  tags: { test: 'integ' },
});
const recipe = new imagebuilder.CfnImageRecipe(stack, 'Recipe', {
  name: 'vm-import-integ-bucket',
  version: '1.0.0',
  parentImage: golden.imageArn,
  components: [{
    componentArn: stack.formatArn({ service: 'imagebuilder', account: 'aws', resource: 'component', resourceName: 'update-linux/x.x.x' }),
  }],
});

const test = new IntegTest(app, 'Bucket', {
  testCases: [stack],
  // What is committed names no bucket of yours, so there is nothing to deploy before.
  stackUpdateWorkflow: false,
  cdkCommandOptions: { deploy: { args: { rollback: true } } },
});
expectImage(test, golden);
test.assertions.awsApiCall('imagebuilder', 'GetImageRecipe', { imageRecipeArn: recipe.attrArn }).expect(ExpectedResult.objectLike({
  imageRecipe: { parentImage: golden.imageArn },
}));
