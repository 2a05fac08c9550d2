import { App, CfnOutput, Duration, Fn, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { addAmi, AmiVariant } from './amis';
import { addSnapshot, SnapshotVariant } from './snapshots';
import { AmiOptions, DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** What the end-to-end tests deploy. */
export interface AppVariant {
  readonly stackName: string;
  /** A disk image in the file system, uploaded as an asset. */
  readonly diskPath?: string;
  /** A disk image in a bucket. */
  readonly object?: { readonly bucket: string; readonly key: string; readonly deleteSourceOnSuccess?: boolean };
  /** A task that was run before. */
  readonly importTaskId?: string;
  readonly imageName?: string;
  readonly ami?: AmiOptions;
  readonly tags?: { readonly [key: string]: string };
  readonly timeoutMinutes?: number;
  /** Disks to copy into snapshots. The stack then has no image. */
  readonly snapshots?: readonly SnapshotVariant[];
  /** An AMI of disks as they are. The stack then has no image. */
  readonly asItIs?: AmiVariant;
}

/** Makes the cloud assembly of a variant in a folder, for `cdk deploy --app`. */
export function synthesize(variant: AppVariant, outdir: string): void {
  const app = new App({ outdir });
  const stack = new Stack(app, variant.stackName);
  if (variant.snapshots === undefined && variant.asItIs === undefined) {
    addImage(stack, variant);
  }
  if (variant.asItIs !== undefined) {
    addAmi(stack, variant.asItIs);
  }
  variant.snapshots?.forEach((snapshot) => addSnapshot(stack, snapshot));
  Object.entries(variant.tags ?? {}).forEach(([key, value]) => Tags.of(stack).add(key, value));
  app.synth();
}

function addImage(stack: Stack, variant: AppVariant): void {
  const image = new VmImportImage(stack, 'Image', {
    ...(variant.importTaskId
      ? { importTaskId: variant.importTaskId }
      : { diskContainers: [disk(stack, variant)], licenseType: LicenseType.BYOL }),
    platform: Platform.LINUX,
    semanticVersion: '1.0.0',
    imageName: variant.imageName,
    ami: variant.ami,
    timeout: variant.timeoutMinutes === undefined ? undefined : Duration.minutes(variant.timeoutMinutes),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnOutput(stack, 'ImageArn', { value: image.imageArn });
  new CfnOutput(stack, 'AmiId', { value: image.amiId });
  new CfnOutput(stack, 'SnapshotIds', { value: Fn.join(',', image.snapshotIds) });
  new CfnOutput(stack, 'ImportTaskId', { value: image.importTaskId });
}

function disk(stack: Stack, { object, diskPath = '' }: AppVariant): DiskContainer {
  return object === undefined
    ? DiskContainer.fromAsset(diskPath)
    : DiskContainer.fromBucket(Bucket.fromBucketName(stack, 'Disks', object.bucket), object.key, { deleteSourceOnSuccess: object.deleteSourceOnSuccess });
}
