import { CfnOutput, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, VmImportAmi } from 'cdk-vm-import';

/** A cloud image for arm64 becomes an AMI as it is. A launch template starts it on Graviton. */
export class CloudImageArm64Stack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const images = s3.Bucket.fromBucketName(this, 'Images', this.node.tryGetContext('bucket') ?? 'my-cloud-images');

    // The preflight derives architecture and boot mode from the boot loader on the disk.
    const fedora = new VmImportAmi(this, 'Fedora', {
      diskContainers: [DiskContainer.fromBucket(images, this.node.tryGetContext('key') ?? 'fedora-cloud-aarch64.qcow2')],
      description: 'Fedora Cloud for arm64',
      volumeSize: Size.gibibytes(10),
    });

    const launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      machineImage: fedora,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
      requireImdsv2: true,
      detailedMonitoring: true,
    });

    new CfnOutput(this, 'AmiId', { value: fedora.amiId });
    new CfnOutput(this, 'Architecture', { value: fedora.architecture });
    new CfnOutput(this, 'BootMode', { value: fedora.bootMode });
    new CfnOutput(this, 'LaunchTemplateId', { value: launchTemplate.launchTemplateId ?? '' });
  }
}
