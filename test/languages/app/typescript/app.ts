import { App, CfnOutput, Duration, Fn, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BootMode, DiskContainer, DiskFormat, LicenseType, Platform, VmImportImage, VmImportProvider, VmImportRole } from 'cdk-vm-import';

// The same app as in ../python, ../java and ../go: keep them alike.
const app = new App();
const stack = new Stack(app, 'Languages');

const bucket = s3.Bucket.fromBucketName(stack, 'Exports', 'my-vm-exports');
const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555');
const provider = new VmImportProvider(stack, 'Provider', { pollInterval: Duration.minutes(1) });
const role = new VmImportRole(stack, 'ImportRole', { roleName: 'languages-import' });

const database = new VmImportImage(stack, 'Database', {
  diskContainers: [
    DiskContainer.fromBucket(bucket, 'db/boot.vmdk', { deviceName: '/dev/sda1', description: 'boot' }),
    DiskContainer.fromBucket(bucket, 'db/data-2026-01', { deviceName: '/dev/sdb', format: DiskFormat.VHD }),
    DiskContainer.fromSnapshot('snap-0123456789abcdef0'),
  ],
  platform: Platform.WINDOWS,
  osVersion: 'Microsoft Windows Server 2022',
  bootMode: BootMode.UEFI,
  licenseType: LicenseType.BYOL,
  imageName: 'database',
  semanticVersion: '1.0.0',
  encryptionKey: key,
  clientData: { comment: 'exported by the nightly job', uploadSize: 8.5 },
  tags: { 'cost-center': '42' },
  timeout: Duration.hours(2),
  maxAttempts: 3,
  removalPolicy: RemovalPolicy.RETAIN,
  provider,
  role,
});
Tags.of(database).add('team', 'storage');

const appliance = new VmImportImage(stack, 'Appliance', {
  diskContainers: [DiskContainer.fromAsset(app.node.tryGetContext('disk'))],
  platform: Platform.LINUX,
  licenseType: LicenseType.BYOL,
  semanticVersion: '2.1.0',
  provider,
});
const elsewhere = VmImportImage.fromVmImportImageAttributes(stack, 'Elsewhere', {
  imageArn: 'arn:aws:imagebuilder:eu-central-1:111111111111:image/elsewhere/1.2.3/4',
  amiId: 'ami-0123456789abcdef0',
});

new ec2.LaunchTemplate(stack, 'LaunchTemplate', { machineImage: database });
new imagebuilder.CfnImageRecipe(stack, 'Recipe', {
  name: 'appliance',
  version: '1.0.0',
  parentImage: appliance.imageArn,
  components: [{ componentArn: 'arn:aws:imagebuilder:eu-central-1:aws:component/update-linux/x.x.x' }],
});
new CfnOutput(stack, 'Snapshots', { value: Fn.join(',', database.snapshotIds) });
new CfnOutput(stack, 'ElsewhereVersion', { value: elsewhere.imageVersion });
app.synth();
