import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { refused, unseen, type Opened, type Refused } from './look';
import type { S3Object } from '../../src/shared/s3-object-url';
import { headBucket, headObject, readRange, urlOf, type Refusal } from '../aws/objects';

/** Storage classes that can be read only after a restore: https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html */
const ARCHIVES: readonly (string | undefined)[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** Opens an object for reads by range. Refuses only what Amazon S3 reports for certain. */
export async function openObject(s3: S3Client, object: S3Object, signal: AbortSignal): Promise<Opened> {
  const head = await headObject(s3, object, signal);
  if (head.kind === 'refused') {
    return (await definite(s3, object, head, signal)) ?? unseen(`Amazon S3 answers HTTP ${head.status}${head.status === 403 ? ', access denied' : ''}`, head.error);
  }
  const archive = archiveOf(head.found);
  if (archive !== undefined) {
    return refused(`${urlOf(object)} is in the archive ${archive}: restore it, or copy it to the storage class STANDARD.`);
  }
  const { ContentLength: length, ETag: etag } = head.found;
  if (length === undefined) {
    return unseen('Amazon S3 does not say how long it is');
  }
  // The ETag keeps the object from changing between two reads.
  return { kind: 'open', etag, reader: { length, read: async (offset, size) => readRange(s3, object, { offset, size, etag }, signal) } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function archiveOf({ StorageClass, ArchiveStatus, Restore = '' }: HeadObjectCommandOutput): string | undefined {
  const archive = ArchiveStatus ?? (ARCHIVES.includes(StorageClass) ? StorageClass : undefined);
  return /ongoing-request="false"/.test(Restore) ? undefined : archive;
}

/** Returns a refusal if the bucket is in another Region, or if bucket or object does not exist. */
async function definite(s3: S3Client, object: S3Object, { status, bucketRegion }: Refusal, signal: AbortSignal): Promise<Refused | undefined> {
  const region = await s3.config.region();
  if (bucketRegion !== undefined && bucketRegion !== region) {
    return refused(
      `The bucket ${object.bucketName} is in ${bucketRegion}, but VM Import/Export reads from buckets in the Region of the import, ${region}: ` +
      'copy the object to a bucket there.',
    );
  }
  if (status !== 404) {
    return undefined;
  }
  // The answer to HEAD of an object is the same for a missing object and a missing bucket.
  const { exists } = await headBucket(s3, object.bucketName, signal);
  return exists
    ? refused(`There is no object ${urlOf(object)}: upload it, or check its key.`)
    : refused(`There is no bucket ${object.bucketName}: check its name.`);
}
