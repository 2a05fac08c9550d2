import { Annotations, CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** An Auto Scaling group runs the imported machine. A new image replaces its instances, one after the other. */
export class RollingReplacementStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const version = this.node.tryGetContext('version') ?? '1.0.0';
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: this.node.tryGetContext('vpc') ?? 'vpc-0123456789abcdef0',
      availabilityZones: [`${this.region}a`, `${this.region}b`],
      privateSubnetIds: (this.node.tryGetContext('subnets') ?? 'subnet-0123456789abcdef0,subnet-0123456789abcdef1').split(','),
    });
    Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'Nothing here asks for routes.');

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, `web-${version}.ova`)],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'web',
      semanticVersion: version,
    });

    // The AMI is part of the launch template: another one makes a new version of it.
    const launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      machineImage: golden,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.M5, ec2.InstanceSize.LARGE),
      securityGroup: new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description: 'The web servers' }),
      // The root volume, at least as large as the disk that was imported.
      blockDevices: [{ deviceName: '/dev/sda1', volume: ec2.BlockDeviceVolume.ebs(40, { encrypted: true }) }],
      requireImdsv2: true,
      detailedMonitoring: true,
    });
    const topicArn = this.formatArn({ service: 'sns', resource: this.node.tryGetContext('topic') ?? 'operations' });
    const topic = sns.Topic.fromTopicArn(this, 'Operations', topicArn);
    // The group follows the latest version. CloudFormation deletes the old AMI when no instance of it is left.
    new autoscaling.AutoScalingGroup(this, 'Web', {
      vpc,
      launchTemplate,
      minCapacity: 2,
      maxCapacity: 4,
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        minInstancesInService: 2,
        maxBatchSize: 1,
        // What an instance takes to start; an imported machine has no cfn-signal to say so.
        waitOnResourceSignals: false,
        pauseTime: Duration.minutes(5),
      }),
      notifications: [{ topic }],
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
    new CfnOutput(this, 'LaunchTemplateVersion', { value: launchTemplate.latestVersionNumber });
  }
}
