import { App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

const app = new App();
const stack = new Stack(app, 'GettingStarted');

const golden = new VmImportImage(stack, 'Golden', {
  // The file is uploaded as it is. New content is a new import.
  diskContainers: [DiskContainer.fromAsset(app.node.tryGetContext('disk') ?? 'disk.raw')],
  platform: Platform.LINUX,
  licenseType: LicenseType.BYOL,
  imageName: 'golden',
  semanticVersion: '1.0.0',
});

// Tags reach the import task, the AMI, its snapshots and the Image Builder image. They change in place.
Tags.of(stack).add('team', app.node.tryGetContext('team') ?? 'platform');

new CfnOutput(stack, 'ImageArn', { value: golden.imageArn });
new CfnOutput(stack, 'AmiId', { value: golden.amiId });
