import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { openObject } from '../../lambda/preflight/s3-object';
import { S3 } from '../../lambda/s3';
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
  const requestHandler = new NodeHttpHandler();
  const s3In = (region: string) => new S3({
    region: async () => region, credentials: defaultProvider(), requestHandler, retryStrategy: new StandardRetryStrategy(ATTEMPTS),
  });
  // Whichever Region is configured, if any is: the bucket says where it is.
  const configured = await loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)().catch(() => 'us-east-1');
  try {
    const { headers } = await s3In(configured).send({ method: 'HEAD', bucketName: object.bucketName, key: '' }, signal);
    const opened = await openObject(s3In(headers['x-amz-bucket-region'] ?? configured), object, signal);
    switch (opened.kind) {
      case 'open':
        return await inspectAsync({ reader: opened.reader, inflate: nodeInflate, expectation });
      case 'refused':
        throw new Error(opened.sentence);
      case 'unseen':
        throw new Error(opened.why);
    }
  } finally {
    requestHandler.destroy();
  }
}
