import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** A VMDK beside the app is looked at when the app is synthesized, uploaded as it is, and imported. */
export class LocalVmdkStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const golden = new VmImportImage(this, 'Golden', {
      // The key of the upload is made from its content: new content is a new import.
      diskContainers: [DiskContainer.fromAsset(this.node.tryGetContext('disk') ?? 'disk.vmdk')],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'appliance',
      semanticVersion: '1.0.0',
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
  }
}
