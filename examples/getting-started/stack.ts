import { CfnOutput, Stack, StackProps, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** A disk image beside the app becomes an EC2 Image Builder image and its AMI. */
export class GettingStartedStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const golden = new VmImportImage(this, 'Golden', {
      // The file is uploaded as it is. New content is a new import.
      diskContainers: [DiskContainer.fromAsset(this.node.tryGetContext('disk') ?? 'disk.raw')],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'golden',
      semanticVersion: '1.0.0',
    });

    // Tags reach the import task, the AMI, its snapshots and the Image Builder image. They change in place.
    Tags.of(this).add('team', this.node.tryGetContext('team') ?? 'platform');

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
  }
}
