import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** The snapshots of the AMI are encrypted with a key of ours. */
export class CustomerKeyStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    // It stays when the stack is deleted: the volumes of instances that run are encrypted with it, too.
    const key = new kms.Key(this, 'Key', { description: 'Imported virtual machines', enableKeyRotation: true });

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, 'payroll.ova')],
      encryptionKey: key,
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'payroll',
      semanticVersion: '1.0.0',
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
    new CfnOutput(this, 'KeyArn', { value: key.keyArn });
  }
}
