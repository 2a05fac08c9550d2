import type { ImageDiskContainer } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';

/** Where one disk of an import comes from. */
export type DiskLocation =
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string }
  | { readonly kind: 'snapshot'; readonly snapshotId: string }
  /** A URL that is no S3 address. */
  | { readonly kind: 'elsewhere'; readonly url: string };

const FORMATS = ['OVA', 'VHD', 'VHDX', 'VMDK', 'RAW'];

export function locationOf(container: ImageDiskContainer): DiskLocation {
  const { Format, SnapshotId, Url, UserBucket } = container;
  const sources = [SnapshotId, Url, UserBucket].filter((source) => source !== undefined);
  if (sources.length !== 1) {
    throw new AwsError('InvalidParameter', 'A disk container must name exactly one of SnapshotId, Url and UserBucket');
  }
  if (Format !== undefined && !FORMATS.includes(Format.toUpperCase())) {
    throw new AwsError('InvalidParameterValue', `The given disk image format '${Format}' is not one of ${FORMATS.join(', ')}`);
  }
  if (SnapshotId !== undefined) {
    return { kind: 'snapshot', snapshotId: SnapshotId };
  }
  if (Url !== undefined) {
    return locationOfUrl(Url);
  }
  if (!UserBucket?.S3Bucket || !UserBucket.S3Key) {
    throw new AwsError('InvalidParameter', 'UserBucket must name both S3Bucket and S3Key');
  }
  return { kind: 'object', bucket: UserBucket.S3Bucket, key: UserBucket.S3Key };
}

/**
 * s3://bucket/key, and S3's virtual-hosted and path-style https addresses.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
function locationOfUrl(url: string): DiskLocation {
  if (!URL.canParse(url) || !/^(s3|https):\/\//.test(url)) {
    throw new AwsError('InvalidParameter', `The given URL '${url}' is neither an https:// nor an s3:// URL`);
  }
  const { protocol, hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  if (protocol === 's3:') {
    return { kind: 'object', bucket: hostname, key: path };
  }
  const [, bucket] = /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.exec(hostname) ?? [];
  if (bucket !== undefined) {
    return { kind: 'object', bucket, key: path };
  }
  const slash = path.indexOf('/');
  return hostname.startsWith('s3') && slash > 0
    ? { kind: 'object', bucket: path.slice(0, slash), key: path.slice(slash + 1) }
    : { kind: 'elsewhere', url };
}
