import { refused, unseen, type Opened, type Refused } from './look';
import type { S3Object } from '../../src/shared/s3-object-url';
import { s3Error, type S3 } from '../s3';
import type { Answer } from '../signed-requests';

/** Storage classes that are read at once only after a restore: https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html */
const ARCHIVES: readonly (string | undefined)[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** Opens an object for reads by range. Only what Amazon S3 says for certain is refused. */
export async function openObject(s3: S3, object: S3Object, signal: AbortSignal): Promise<Opened> {
  const head = await s3.send({ method: 'HEAD', ...object }, signal);
  if (head.status !== 200) {
    return (await definite(s3, object, head, signal)) ?? unseen(`Amazon S3 answers HTTP ${head.status}${head.status === 403 ? ', access denied' : ''}`);
  }
  const archive = archiveOf(head);
  if (archive !== undefined) {
    return refused(`${nameOf(object)} is in the archive ${archive}: restore it, or copy it to the storage class STANDARD.`);
  }
  const { 'content-length': length, 'etag': etag = '*' } = head.headers;
  if (length === undefined) {
    return unseen('Amazon S3 does not say how long it is');
  }
  const read = async (offset: number, size: number) => {
    // The object must not become another one between two reads.
    const headers = { 'range': `bytes=${offset}-${offset + size - 1}`, 'if-match': etag };
    const answer = await s3.send({ method: 'GET', ...object, headers }, signal);
    if (answer.status !== 206) {
      throw s3Error(answer, `GET of ${nameOf(object)}`);
    }
    return answer.body;
  };
  return { kind: 'open', reader: { length: Number(length), read } };
}

function nameOf({ bucketName, key }: S3Object): string {
  return `s3://${bucketName}/${key}`;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function archiveOf({ headers }: Answer): string | undefined {
  const storageClass = headers['x-amz-storage-class'];
  const archive = headers['x-amz-archive-status'] ?? (ARCHIVES.includes(storageClass) ? storageClass : undefined);
  return archive !== undefined && !/ongoing-request="false"/.test(headers['x-amz-restore'] ?? '') ? archive : undefined;
}

/** What an answer says for certain: that the bucket is elsewhere, or that bucket or object is not there. */
async function definite(s3: S3, object: S3Object, { status, headers }: Answer, signal: AbortSignal): Promise<Refused | undefined> {
  const region = await s3.region();
  const bucketRegion = headers['x-amz-bucket-region'] ?? region;
  if (bucketRegion !== region) {
    return refused(
      `The bucket ${object.bucketName} is in ${bucketRegion}, but VM Import/Export reads from buckets in the Region of the import, ${region}: ` +
      'copy the object to a bucket there.',
    );
  }
  if (status !== 404) {
    return undefined;
  }
  // The answer to HEAD has no body that would tell a missing object from a missing bucket.
  const bucket = await s3.send({ method: 'HEAD', bucketName: object.bucketName, key: '' }, signal);
  return bucket.status === 404
    ? refused(`There is no bucket ${object.bucketName}: check its name.`)
    : refused(`There is no object ${nameOf(object)}: upload it, or check its key.`);
}
