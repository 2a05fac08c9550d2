import { S3Client } from '@aws-sdk/client-s3';
import { NO_CHECKSUMS } from '../../lambda/aws/clients';
import { headBucket } from '../../lambda/aws/objects';
import { openObject } from '../../lambda/preflight/s3-object';
import { Expectation, inspectAsync, Inspection } from '../../src/shared/disk-image';
import { inspectFile } from '../../src/shared/disk-image/inspect-file';
import { nodeInflate } from '../../src/shared/disk-image/reading/node-inflate';
import { objectOfS3Url } from '../../src/shared/s3-object-url';
import { InspectCall } from '../arguments';

/** Milliseconds that an object may take, with all retries. */
const PATIENCE = 60_000;
const ATTEMPTS = 3;

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
  const signal = AbortSignal.timeout(PATIENCE);
  const clients: S3Client[] = [];
  const clientIn = (region?: string) => {
    const client = new S3Client({ region, maxAttempts: ATTEMPTS, ...NO_CHECKSUMS });
    clients.push(client);
    return client;
  };
  try {
    // The bucket reports its Region to a client of any Region.
    const configured = await clientIn().config.region().catch(() => 'us-east-1');
    const { region } = await headBucket(clientIn(configured), object.bucketName, signal);
    const opened = await openObject(clientIn(region ?? configured), object, signal);
    switch (opened.kind) {
      case 'open':
        return await inspectAsync({ reader: opened.reader, inflate: nodeInflate, expectation });
      case 'refused':
        throw new Error(opened.sentence);
      case 'unseen':
        throw new Error(opened.why);
    }
  } finally {
    clients.forEach((client) => client.destroy());
  }
}
