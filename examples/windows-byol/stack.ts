import { ArnFormat, CfnOutput, Fn, Stack, StackProps } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { BootMode, DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** A Windows server of two disks keeps its license, which License Manager counts. */
export class WindowsByolStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const licenseConfiguration = this.formatArn({
      service: 'license-manager',
      resource: 'license-configuration',
      resourceName: this.node.tryGetContext('licenseConfiguration') ?? 'lic-0123456789abcdef0123456789abcdef',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });

    const golden = new VmImportImage(this, 'Golden', {
      // The disk to boot from comes first.
      diskContainers: [
        DiskContainer.fromBucket(exports, 'erp/system.vmdk', { deviceName: '/dev/sda1', description: 'system' }),
        DiskContainer.fromBucket(exports, 'erp/data.vmdk', { deviceName: 'xvdb', description: 'data' }),
      ],
      platform: Platform.WINDOWS,
      osVersion: 'Microsoft Windows Server 2022',
      // EC2 documents no license configurations for UEFI imports.
      bootMode: BootMode.LEGACY_BIOS,
      licenseType: LicenseType.BYOL,
      licenseConfigurationArns: [licenseConfiguration],
      imageName: 'erp',
      semanticVersion: '1.0.0',
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
    new CfnOutput(this, 'SnapshotIds', { value: Fn.join(',', golden.snapshotIds) });
  }
}
