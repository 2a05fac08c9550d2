import { S3Client } from '@aws-sdk/client-s3';
import { InspectCall } from './arguments';
import { openObject } from '../lambda/preflight/s3-object';
import { Expectation, inspectAsync, Inspection } from '../src/disk-image';
import { inspectFile } from '../src/disk-image/inspect-file';
import { nodeInflate } from '../src/disk-image/node-inflate';
import { objectOfS3Url } from '../src/private/s3-object-url';

/** Milliseconds that an object may take, with all retries. */
const PATIENCE = 60_000;

/**
 * Inspects a local file, or an object with the credentials of the AWS CLI.
 *
 * @throws an error whose message says why it cannot be read
 */
export async function lookAt({ disk, format, bootMode }: InspectCall): Promise<Inspection> {
  const expectation: Expectation = { fileName: disk, format, bootMode, role: 'image' };
  return /^s3:/i.test(disk) ? lookAtObject(disk, expectation) : inspectFile(disk, expectation);
}

async function lookAtObject(url: string, expectation: Expectation): Promise<Inspection> {
  const object = objectOfS3Url(url);
  if (object === undefined) {
    throw new Error('it is no URL of an object: give s3://bucket/key');
  }
  // Where no Region is configured, the client asks in any, and is sent to that of the bucket.
  const region = await new S3Client({}).config.region().catch(() => 'us-east-1');
  const s3 = new S3Client({ region, followRegionRedirects: true });
  try {
    const opened = await openObject(s3, object, AbortSignal.timeout(PATIENCE));
    switch (opened.kind) {
      case 'open':
        return await inspectAsync({ reader: opened.reader, inflate: nodeInflate, expectation });
      case 'refused':
        throw new Error(opened.sentence);
      case 'unseen':
        throw new Error(opened.why);
    }
  } finally {
    s3.destroy();
  }
}
