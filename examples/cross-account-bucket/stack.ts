import { Annotations, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** Another account exports virtual machines into its encrypted bucket, in the same Region. This one imports them. */
export class CrossAccountBucketStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const account = this.node.tryGetContext('bucketAccount') ?? '444455556666';
    const keyId = this.node.tryGetContext('bucketKey') ?? '1234abcd-12ab-34cd-56ef-1234567890ab';
    const exports = s3.Bucket.fromBucketAttributes(this, 'Exports', {
      account,
      bucketName: this.node.tryGetContext('bucket') ?? 'their-vm-exports',
      encryptionKey: kms.Key.fromKeyArn(this, 'ExportsKey', this.formatArn({ service: 'kms', account, resource: 'key', resourceName: keyId })),
    });

    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, 'handover/billing.ova')],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'billing',
      semanticVersion: '1.0.0',
    });
    // Synthesis says what the other account has to allow. README.md has it.
    Annotations.of(golden).acknowledgeWarning('cdk-vm-import:bucketPolicy', 'The other account trusts this one.');
    Annotations.of(golden).acknowledgeWarning('cdk-vm-import:keyPolicy', 'The other account trusts this one.');

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
  }
}
