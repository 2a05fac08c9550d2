import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DiskContainer, VmImportSnapshot } from 'cdk-vm-import';

/** A disk image that becomes a snapshot: an object in a bucket, or a local file. */
export interface SnapshotVariant {
  readonly id: string;
  readonly object?: { readonly bucket: string; readonly key: string; readonly ovaDisk?: number };
  readonly diskPath?: string;
  readonly encrypted?: boolean;
}

/** Adds a snapshot to the stack. Its outputs are named after it. */
export function addSnapshot(stack: Stack, { id, object, diskPath = '', encrypted }: SnapshotVariant): void {
  const snapshot = new VmImportSnapshot(stack, id, {
    diskContainer: object === undefined
      ? DiskContainer.fromAsset(diskPath)
      : DiskContainer.fromBucket(Bucket.fromBucketName(stack, `${id}Bucket`, object.bucket), object.key, { ovaDisk: object.ovaDisk }),
    encrypted,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnOutput(stack, `${id}SnapshotId`, { value: snapshot.snapshotId });
  new CfnOutput(stack, `${id}VolumeSize`, { value: String(snapshot.volumeSize) });
}
