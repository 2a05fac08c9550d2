/** Objects in Amazon S3: what HEAD reports, reads by range, and deletes on a condition. */
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, HeadObjectCommand, S3ServiceException, type HeadObjectCommandOutput, type S3Client,
} from '@aws-sdk/client-s3';
import type { S3Object } from '../../src/shared/s3-object-url';

/** What HEAD reports about an object. */
export type ObjectHead = { readonly kind: 'found'; readonly found: HeadObjectCommandOutput } | Refusal;

/** An answer of Amazon S3 that is an error. The answer to HEAD has no body: its HTTP status is all there is. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: number | undefined;
  /** The Region of the bucket, if Amazon S3 reports it. */
  readonly bucketRegion: string | undefined;
  /** Names the request. */
  readonly error: Error;
}

/** What must still be true of an object for a delete: its version, or its ETag if the bucket keeps no versions. */
export type DeleteCondition = { readonly VersionId: string } | { readonly IfMatch: string };

/**
 * Asks for the properties of an object.
 *
 * @throws the error of the connection if there is no answer
 */
export async function headObject(s3: S3Client, object: S3Object, signal: AbortSignal): Promise<ObjectHead> {
  try {
    return { kind: 'found', found: await s3.send(new HeadObjectCommand(nameOf(object)), { abortSignal: signal }) };
  } catch (cause) {
    return refusalOf(cause, `HEAD of ${urlOf(object)}`);
  }
}

export interface BucketHead {
  readonly exists: boolean;
  /** The Region of the bucket, if Amazon S3 reports it. */
  readonly region?: string;
}

/**
 * Asks whether a bucket exists and where it is. Amazon S3 answers both even if access is denied.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
 * @throws the error of the connection if there is no answer
 */
export async function headBucket(s3: S3Client, bucketName: string, signal: AbortSignal): Promise<BucketHead> {
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: bucketName }), { abortSignal: signal });
    return { exists: true, region: BucketRegion };
  } catch (cause) {
    const { status, bucketRegion } = refusalOf(cause, `HEAD of s3://${bucketName}`);
    return { exists: status !== 404, region: bucketRegion };
  }
}

/** A range of an object: `size` bytes from `offset`, as long as its ETag is still `etag`. */
export interface ObjectRange {
  readonly offset: number;
  readonly size: number;
  readonly etag?: string;
}

/**
 * Reads a range of an object.
 *
 * @throws what Amazon S3 reports, such as PreconditionFailed if the object was overwritten
 */
export async function readRange(s3: S3Client, object: S3Object, { offset, size, etag }: ObjectRange, signal: AbortSignal): Promise<Uint8Array> {
  const range = { Range: `bytes=${offset}-${offset + size - 1}`, IfMatch: etag };
  const { Body, $metadata } = await s3.send(new GetObjectCommand({ ...nameOf(object), ...range }), { abortSignal: signal });
  if ($metadata.httpStatusCode !== 206 || Body === undefined) {
    // All of the object is on its way, which may be hundreds of gigabytes.
    (Body as Readable | undefined)?.destroy();
    throw answered($metadata, `GET of ${urlOf(object)}`);
  }
  return Body.transformToByteArray();
}

/**
 * Deletes an object if the condition holds. Returns what became of it; `changed` means that the condition does not hold.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 * @throws what Amazon S3 reports
 */
export async function deleteObject(s3: S3Client, object: S3Object, condition: DeleteCondition, signal: AbortSignal): Promise<'deleted' | 'gone' | 'changed'> {
  try {
    await s3.send(new DeleteObjectCommand({ ...nameOf(object), ...condition }), { abortSignal: signal });
    return 'deleted';
  } catch (cause) {
    const { status, error } = refusalOf(cause, `DELETE of ${urlOf(object)}`);
    switch (status) {
      case 404:
        return 'gone';
      case 412:
        return 'changed';
      default:
        throw error;
    }
  }
}

export function urlOf({ bucketName, key }: S3Object): string {
  return `s3://${bucketName}/${key}`;
}

function nameOf({ bucketName, key }: S3Object) {
  return { Bucket: bucketName, Key: key };
}

/**
 * Returns what an answer of Amazon S3 says that is an error.
 *
 * @throws anything else, such as the error of a connection
 */
function refusalOf(cause: unknown, request: string): Refusal {
  if (!(cause instanceof S3ServiceException)) {
    throw cause;
  }
  const { $metadata, $response, message } = cause;
  return {
    kind: 'refused',
    status: $metadata.httpStatusCode,
    bucketRegion: $response?.headers['x-amz-bucket-region'],
    // What the SDK makes of an answer without a body, which has neither code nor message.
    error: message === 'UnknownError' ? answered($metadata, request) : cause,
  };
}

function answered($metadata: S3ServiceException['$metadata'], request: string): Error {
  const { httpStatusCode: status } = $metadata;
  return Object.assign(new Error(`Amazon S3 answers HTTP ${status} to ${request}`), { name: status === 403 ? 'AccessDenied' : 'Error', $metadata });
}
