/**
 * The few requests to Amazon S3 that it takes to look at a disk, and to delete it. The SDK's client of Amazon S3 would be a quarter of the bundle,
 * for what these do not need: XML, checksums, event streams, access points, directory buckets.
 */
import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import { SignedRequests, type Answer, type Endpoint, type RequestConfiguration, type UnsignedRequest } from './signed-requests';
import type { S3Object } from '../src/shared/s3-object-url';

/** A request about an object, or, with an empty key, about its bucket. */
export interface S3Request extends S3Object {
  readonly method: 'HEAD' | 'GET' | 'DELETE';
  readonly headers?: UnsignedRequest['headers'];
  readonly query?: UnsignedRequest['query'];
}

export class S3 {
  private readonly requests: SignedRequests;

  public constructor(configuration: RequestConfiguration) {
    this.requests = new SignedRequests('s3', configuration);
  }

  public async region(): Promise<string> {
    return this.requests.region();
  }

  /**
   * @throws the error of the connection where there is no answer, at the last attempt
   */
  public async send({ method, headers, query, ...object }: S3Request, signal: AbortSignal): Promise<Answer> {
    const endpoint = await this.requests.endpoint(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);
    return this.requests.send({ method, headers, query, ...addressOf(object, endpoint) }, signal);
  }

  public destroy(): void {
    this.requests.destroy();
  }
}

/**
 * What Amazon S3 says where it does not do what it is asked for; HEAD is answered without a body.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function s3Error({ status, body }: Answer, request: string): Error {
  const text = Buffer.from(body).toString();
  const [code, message] = ['Code', 'Message'].map((element) => new RegExp(`<${element}>([^<]*)<`).exec(text)?.[1]);
  return Object.assign(new Error(message ?? `Amazon S3 answers HTTP ${status} to ${request}`), {
    name: code ?? (status === 403 ? 'AccessDenied' : 'Error'),
    $metadata: { httpStatusCode: status },
  });
}

/**
 * The bucket is in the name of the host, but where an endpoint is configured or where dots of its name would not fit a certificate:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
function addressOf({ bucketName, key }: S3Object, endpoint: Endpoint): { readonly endpoint: Endpoint; readonly path: string } {
  const objectPath = key.split('/').map(extendedEncodeURIComponent).join('/');
  return endpoint.kind === 'of the Region' && !bucketName.includes('.')
    ? { endpoint: { ...endpoint, hostname: `${bucketName}.${endpoint.hostname}` }, path: `/${objectPath}` }
    : { endpoint, path: `/${extendedEncodeURIComponent(bucketName)}/${objectPath}` };
}
