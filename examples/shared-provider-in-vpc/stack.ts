import { Annotations, CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage, VmImportProvider, VmImportRole } from 'cdk-vm-import';

/** Two imports share a service role, and a provider whose functions run in a VPC. */
export class SharedProviderInVpcStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const key = new kms.Key(this, 'Key', { description: 'Logs and functions of VM imports', enableKeyRotation: true });
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: this.node.tryGetContext('vpc') ?? 'vpc-0123456789abcdef0',
      availabilityZones: [`${this.region}a`, `${this.region}b`],
      isolatedSubnetIds: (this.node.tryGetContext('subnets') ?? 'subnet-0123456789abcdef0,subnet-0123456789abcdef1').split(','),
    });
    Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'Nothing here asks for routes.');

    const provider = new VmImportProvider(this, 'Provider', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      environmentEncryption: key,
      logEncryptionKey: key,
      logRetention: logs.RetentionDays.ONE_YEAR,
      pollInterval: Duration.minutes(1),
    });
    const role = new VmImportRole(this, 'ImportRole');

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    for (const name of ['frontend', 'backend']) {
      const image = new VmImportImage(this, name, {
        diskContainers: [DiskContainer.fromBucket(exports, `${name}.ova`)],
        provider,
        role,
        platform: Platform.LINUX,
        licenseType: LicenseType.BYOL,
        imageName: name,
        semanticVersion: '1.0.0',
      });
      new CfnOutput(this, `${name}-ami`, { value: image.amiId });
    }
  }
}
