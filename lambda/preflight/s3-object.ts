import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { refused, unseen, type Opened, type Refused } from './look';
import type { S3Object } from '../../src/private/s3-object-url';
import { describeError } from '../aws-errors';

/** Storage classes that are read at once only after a restore: https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html */
const ARCHIVES: readonly (string | undefined)[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** Opens an object for reads by range. Only what Amazon S3 says for certain is refused. */
export async function openObject(s3: S3Client, object: S3Object, signal: AbortSignal): Promise<Opened> {
  const { bucketName: Bucket, key: Key } = object;
  const options = { abortSignal: signal };
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }), options);
    const archive = archiveOf(head);
    if (archive !== undefined) {
      return refused(`${nameOf(object)} is in the archive ${archive}: restore it, or copy it to the storage class STANDARD.`);
    }
    const length = head.ContentLength;
    if (length === undefined) {
      return unseen('Amazon S3 does not say how long it is');
    }
    const read = async (offset: number, size: number) => {
      // The object must not become another one between two reads.
      const range = { Range: `bytes=${offset}-${offset + size - 1}`, IfMatch: head.ETag };
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...range }), options);
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    };
    return { kind: 'open', reader: { length, read } };
  } catch (error) {
    return (await definite(s3, object, error, signal)) ?? unseen(saidBy(error));
  }
}

function nameOf({ bucketName, key }: S3Object): string {
  return `s3://${bucketName}/${key}`;
}

function archiveOf({ StorageClass, ArchiveStatus, Restore }: HeadObjectCommandOutput): string | undefined {
  const archive = ArchiveStatus ?? (ARCHIVES.includes(StorageClass) ? StorageClass : undefined);
  return archive !== undefined && !/ongoing-request="false"/.test(Restore ?? '') ? archive : undefined;
}

/** What an error says for certain: that the bucket is elsewhere, or that bucket or object is not there. */
async function definite(s3: S3Client, object: S3Object, error: unknown, signal: AbortSignal): Promise<Refused | undefined> {
  const { status, bucketRegion } = answerOf(error);
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
  // The answer to HEAD has no body that would tell a missing object from a missing bucket.
  const bucketStatus = await s3.send(new HeadBucketCommand({ Bucket: object.bucketName }), { abortSignal: signal })
    .then(() => 200, (bucketError: unknown) => answerOf(bucketError).status);
  return bucketStatus === 404
    ? refused(`There is no bucket ${object.bucketName}: check its name.`)
    : refused(`There is no object ${nameOf(object)}: upload it, or check its key.`);
}

/** Answers to HEAD have no body, so that the SDK knows neither code nor message. */
function saidBy(error: unknown): string {
  const { status } = answerOf(error);
  return status === undefined ? describeError(error) : `Amazon S3 answers HTTP ${status}${status === 403 ? ', access denied' : ''}`;
}

interface Answer {
  readonly status?: number;
  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
  readonly bucketRegion?: string;
}

/** What Amazon S3 answered, as the SDK keeps it in its errors. */
function answerOf(error: unknown): Answer {
  const { $response: response } = Object(error) as { readonly $response?: { readonly statusCode: number; readonly headers: Record<string, string> } };
  return { status: response?.statusCode, bucketRegion: response?.headers['x-amz-bucket-region'] };
}
