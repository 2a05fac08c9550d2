import { App, Duration, RemovalPolicy, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  Architecture, BootMode, DeregistrationProtection, DiskContainer, Hypervisor, Platform, VmImportAmi, VmImportImage, VmImportProvider,
  VmImportSnapshot,
} from '../../src';

/** A stack that uses every option of the library. What it is given to use stands elsewhere. */
export function everyOption(scope: App, id: string, props: StackProps = {}): Stack {
  const stack = new Stack(scope, id, props);
  const keyArn = (key: number) => stack.formatArn({ service: 'kms', resource: 'key', resourceName: `1234abcd-12ab-34cd-56ef-12345678900${key}` });
  const key = (index: number) => kms.Key.fromKeyArn(stack, `Key${index}`, keyArn(index));
  const ebsKey = key(4);
  const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'disks', encryptionKey: key(1) });
  const provider = new VmImportProvider(stack, 'Provider', {
    environmentEncryption: key(2),
    logEncryptionKey: key(3),
    logRetention: logs.RetentionDays.ONE_YEAR,
    pollInterval: Duration.minutes(1),
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    }),
  });
  const golden = new VmImportImage(stack, 'Golden', {
    ami: {
      deprecateAt: '2030-01-31T09:30:00Z',
      deregistrationProtection: DeregistrationProtection.ENABLED_WITH_COOLDOWN,
      description: 'all of it',
      launchPermissions: { accountIds: ['222233334444'] },
      liftProtectionOnDelete: true,
      name: 'golden',
      requireImdsv2: true,
    },
    architecture: Architecture.X86_64,
    bootMode: BootMode.LEGACY_BIOS,
    clientData: { comment: 'nightly', uploadStart: '2026-01-01T00:00:00Z', uploadEnd: '2026-01-01T01:00:00Z', uploadSize: 8.5 },
    description: 'all of it',
    diskContainers: [
      DiskContainer.fromBucket(bucket, 'golden.vmdk', { deviceName: '/dev/sda1', description: 'boot', deleteSourceOnSuccess: true }),
      DiskContainer.fromSnapshot('snap-0123456789abcdef0'),
      DiskContainer.fromUrl('s3://disks/data.vhd'),
    ],
    encrypted: true,
    encryptionKey: ebsKey,
    hypervisor: Hypervisor.XEN,
    imageName: 'golden',
    importDescription: 'all of it',
    licenseConfigurationArns: [
      stack.formatArn({ service: 'license-manager', resource: 'license-configuration:lic-0123456789abcdef0123456789abcdef' }),
    ],
    logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', '/aws/imagebuilder/golden'),
    maxAttempts: 3,
    osVersion: 'Windows Server 2022',
    platform: Platform.WINDOWS,
    provider,
    removalPolicy: RemovalPolicy.RETAIN,
    revision: '2',
    semanticVersion: '1.2.3',
    tags: { team: 'platform' },
    timeout: Duration.hours(3),
    usageOperation: 'RunInstances:0002',
  });
  golden.onImportSucceeded('Succeeded');
  golden.onImportFailed('Failed');
  golden.addAmiParameter('Parameter');
  provider.addFailedImportsAlarm('Alarm').addAlarmAction(new actions.SnsAction(sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:operators')));
  new VmImportImage(stack, 'Adopted', { importTaskId: 'import-ami-0123456789abcdef0', platform: Platform.LINUX, semanticVersion: '1.0.0', provider });
  new VmImportSnapshot(stack, 'Data', {
    description: 'all of it',
    diskContainer: DiskContainer.fromBucket(bucket, 'data.ova', { ovaDisk: 1 }),
    encrypted: true,
    encryptionKey: ebsKey,
    preflight: true,
    provider,
    removalPolicy: RemovalPolicy.RETAIN,
    revision: '2',
    tags: { team: 'platform' },
    timeout: Duration.minutes(30),
    volumeSize: Size.gibibytes(100),
  });
  const fedora = new VmImportAmi(stack, 'Fedora', {
    amiName: 'fedora-1',
    architecture: Architecture.X86_64,
    bootMode: BootMode.UEFI,
    deprecateAt: '2031-01-31T09:30:00Z',
    deregistrationProtection: DeregistrationProtection.ENABLED_WITH_COOLDOWN,
    description: 'all of it',
    diskContainers: [
      DiskContainer.fromBucket(bucket, 'fedora.qcow2', { description: 'the system' }), DiskContainer.fromBucket(bucket, 'home.raw', { deviceName: '/dev/sdh' }),
    ],
    enaSupport: true,
    encrypted: true,
    encryptionKey: ebsKey,
    imdsv2: true,
    launchPermissions: { accountIds: ['222233334444'] },
    liftProtectionOnDelete: true,
    platform: Platform.LINUX,
    preflight: true,
    provider,
    removalPolicy: RemovalPolicy.RETAIN,
    revision: '2',
    rootDeviceName: '/dev/xvda',
    tags: { team: 'platform' },
    timeout: Duration.minutes(30),
    tpm: true,
    uefiData: 'QU1aTlVFRkk=',
    volumeSize: Size.gibibytes(20),
    volumeType: ec2.EbsDeviceVolumeType.GP3,
  });
  fedora.onImportSucceeded('FedoraSucceeded');
  fedora.onImportFailed('FedoraFailed');
  fedora.addAmiParameter('FedoraParameter');
  return stack;
}

/** A stack that uses no option: the library's defaults. */
export function noOption(scope: App, id: string, props: StackProps = {}): Stack {
  const stack = new Stack(scope, id, props);
  new VmImportImage(stack, 'Golden', {
    diskContainers: [DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'disks'), 'golden.ova')],
    platform: Platform.LINUX,
    semanticVersion: '1.0.0',
  });
  return stack;
}
