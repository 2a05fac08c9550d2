import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, VmImportSnapshot } from 'cdk-vm-import';

/** The data disk of an old server becomes an encrypted snapshot. Every server of the launch template gets a volume made from it. */
export class DataDiskSnapshotStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const bucket = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const data = new VmImportSnapshot(this, 'Data', {
      diskContainer: DiskContainer.fromBucket(bucket, this.node.tryGetContext('key') ?? 'data.qcow2'),
      description: 'The data of the old server',
      encrypted: true,
    });

    new ec2.LaunchTemplate(this, 'Servers', {
      blockDevices: [{ deviceName: '/dev/sdf', volume: ec2.BlockDeviceVolume.ebsFromSnapshot(data.snapshotId, { volumeType: ec2.EbsDeviceVolumeType.GP3 }) }],
      requireImdsv2: true,
    });
    new CfnOutput(this, 'SnapshotId', { value: data.snapshotId });
    new CfnOutput(this, 'VolumeSize', { value: String(data.volumeSize), description: 'GiB' });
  }
}
