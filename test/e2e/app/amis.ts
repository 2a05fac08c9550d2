import { CfnOutput, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DiskContainer, VmImportAmi, VmImportAmiProps } from 'cdk-vm-import';

/** An AMI of objects in a bucket, the boot disk first. */
export interface AmiVariant extends Pick<VmImportAmiProps, 'amiName' | 'architecture' | 'description' | 'encrypted' | 'launchPermissions'> {
  readonly bucket: string;
  readonly keys: readonly string[];
}

/** Adds an AMI to the stack, with its attributes as outputs. */
export function addAmi(stack: Stack, { bucket, keys, ...options }: AmiVariant): void {
  const disks = Bucket.fromBucketName(stack, 'Disks', bucket);
  const ami = new VmImportAmi(stack, 'Ami', {
    ...options,
    diskContainers: keys.map((key) => DiskContainer.fromBucket(disks, key)),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnOutput(stack, 'AmiId', { value: ami.amiId });
  new CfnOutput(stack, 'Architecture', { value: ami.architecture });
  new CfnOutput(stack, 'BootMode', { value: ami.bootMode });
  new CfnOutput(stack, 'RootDeviceName', { value: ami.rootDeviceName });
  new CfnOutput(stack, 'SnapshotIds', { value: Fn.join(',', ami.snapshotIds) });
}
