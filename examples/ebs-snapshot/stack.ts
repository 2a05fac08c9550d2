import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** A disk that is an EBS snapshot already becomes a machine image. The snapshot itself stays. */
export class EbsSnapshotStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromSnapshot(this.node.tryGetContext('snapshot') ?? 'snap-0123456789abcdef0')],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'from-snapshot',
      semanticVersion: '1.0.0',
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
  }
}
