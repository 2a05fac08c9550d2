import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { NO_CHECKSUMS } from '../../lambda/aws/clients';
import { headBucket } from '../../lambda/aws/objects';
import { openObject } from '../../lambda/preflight/s3-object';
import { Expectation, inspectAsync, Inspection } from '../../src/shared/disk-image';
import { nodeInflate } from '../../src/shared/disk-image/reading/node-inflate';
import { objectOfS3Url } from '../../src/shared/s3-object-url';
import { requireProfile } from '../account/account';
import { Explained, withPermission } from '../account/explain';

/** Milliseconds that an object may take, including all retries. */
const PATIENCE = 60_000;
const ATTEMPTS = 3;

/**
 * Inspects an object in Amazon S3 with the credentials of the AWS CLI, in whichever Region its bucket is.
 *
 * @throws an error that `explain` turns into a sentence
 */
export async function lookAtObject(url: string, expectation: Expectation, profile: string | undefined): Promise<Inspection> {
  const object = objectOfS3Url(url);
  if (object === undefined) {
    throw new Explained('it is not the URL of an object; use s3://bucket/key.');
  }
  await requireProfile(profile);
  const signal = AbortSignal.timeout(PATIENCE);
  const clients: S3Client[] = [];
  const clientIn = (region?: string) => {
    const client = new S3Client({ region, profile, maxAttempts: ATTEMPTS, ...NO_CHECKSUMS });
    clients.push(client);
    return client;
  };
  try {
    // The bucket reports its Region to a client of any Region.
    const configured = await clientIn().config.region().catch(() => 'us-east-1');
    const { region } = await headBucket(clientIn(configured), object.bucketName, signal);
    const s3 = clientIn(region ?? configured);
    const opened = await openObject(s3, object, signal);
    switch (opened.kind) {
      case 'open':
        return await inspectAsync({ reader: opened.reader, inflate: nodeInflate, expectation });
      case 'refused':
        throw new Explained(opened.sentence);
      case 'unseen':
        // The answer to a HEAD request has no body. A GET request fails with a reason.
        await s3.send(new GetObjectCommand({ Bucket: object.bucketName, Key: object.key, Range: 'bytes=0-0' }), { abortSignal: signal });
        throw new Explained(`${opened.why}.`);
    }
  } catch (error) {
    throw withPermission(error, `s3:GetObject on arn:aws:s3:::${object.bucketName}/${object.key}`);
  } finally {
    clients.forEach((client) => client.destroy());
  }
}
