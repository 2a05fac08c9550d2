import { EBSClient } from '@aws-sdk/client-ebs';
import { S3Client } from '@aws-sdk/client-s3';
import { NO_CHECKSUMS } from '../aws/clients';

/** A request that has no answer for so long is given up, and sent again. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true };
/** More than Pace ever has in flight. */
const SOCKETS = { httpsAgent: { maxSockets: 128 }, httpAgent: { maxSockets: 128 } };

/** Creates the client that writes blocks. It never sends a request twice: BlockWriter retries, and has to see every throttle. */
export function createBlockClient(): EBSClient {
  // To assemble the middleware for each request costs 7 % of the processor time.
  const ebs = new EBSClient({ maxAttempts: 1, cacheMiddleware: true, requestHandler: { ...TIMEOUTS, ...SOCKETS } });
  // The signature needs the SHA-256 of the block, and the worker knows it. Without this header, the SDK hashes each block a second time.
  ebs.middlewareStack.add(next => async (args) => {
    const { headers } = args.request as { readonly headers: { 'x-amz-checksum': string; 'x-amz-content-sha256'?: string } };
    headers['x-amz-content-sha256'] = Buffer.from(headers['x-amz-checksum'], 'base64').toString('hex');
    return next(args);
  }, { step: 'build', name: 'signKnownHash' });
  return ebs;
}

/** Creates the client that reads the image. Its bucket may be in another Region than the stack. */
export function createSourceClient(): S3Client {
  return new S3Client({ ...NO_CHECKSUMS, followRegionRedirects: true, requestHandler: TIMEOUTS });
}
