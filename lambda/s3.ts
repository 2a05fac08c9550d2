/**
 * The few requests to Amazon S3 that a look at a disk takes, made of the SDK's own parts: its signer, its HTTP handler, its
 * retries, its partitions. The SDK's client of Amazon S3 would be a quarter of the bundle, for what these do not need: XML,
 * checksums, event streams, access points, directory buckets.
 */
import type { Readable } from 'node:stream';
import { partition } from '@aws-sdk/core/client';
import { extendedEncodeURIComponent, HttpRequest } from '@smithy/core/protocols';
import type { StandardRetryStrategy } from '@smithy/core/retry';
import { Hash } from '@smithy/core/serde';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4, type SignatureV4Init } from '@smithy/signature-v4';
import type { S3Object } from '../src/private/s3-object-url';

export interface S3Configuration {
  readonly region: () => Promise<string>;
  readonly credentials: SignatureV4Init['credentials'];
  readonly requestHandler: Pick<NodeHttpHandler, 'handle' | 'destroy'>;
  readonly retryStrategy: Pick<StandardRetryStrategy, 'acquireInitialRetryToken' | 'refreshRetryTokenForRetry'>;
}

/** A request about an object, or, with an empty key, about its bucket. */
export interface S3Request extends S3Object {
  readonly method: 'HEAD' | 'GET';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whatever Amazon S3 answers, errors included. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Bytes of an answer that are read at most, should a server send all of a disk instead of a range. */
const MOST_BYTES = 4 * 1024 * 1024;

export class S3 {
  constructor(private readonly configuration: S3Configuration) {}

  public async region(): Promise<string> {
    return this.configuration.region();
  }

  /**
   * @throws the error of the connection where there is no answer, at the last attempt
   */
  public async send(request: S3Request, signal: AbortSignal): Promise<S3Answer> {
    const { retryStrategy } = this.configuration;
    let token = await retryStrategy.acquireInitialRetryToken('s3');
    for (;;) {
      const outcome = await this.attempt(await this.signed(request), signal);
      const errorType = signal.aborted ? undefined : retryableTypeOf(outcome);
      const next = errorType && await retryStrategy.refreshRetryTokenForRetry(token, { errorType }).catch(() => undefined);
      if (next === undefined) {
        return answerOf(outcome);
      }
      token = next;
    }
  }

  public destroy(): void {
    this.configuration.requestHandler.destroy();
  }

  private async signed({ method, headers, ...object }: S3Request) {
    const { credentials } = this.configuration;
    const region = await this.region();
    const { protocol, hostname, port, path } = addressOf(object, region);
    const request = new HttpRequest({
      method, protocol, hostname, port, path, headers: { ...headers, host: port === undefined ? hostname : `${hostname}:${port}` },
    });
    // Amazon S3 signs the path as it is sent: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    return new SignatureV4({ service: 's3', region, credentials, sha256: Hash.bind(undefined, 'sha256'), uriEscapePath: false }).sign(request);
  }

  private async attempt(request: Awaited<ReturnType<SignatureV4['sign']>>, abortSignal: AbortSignal): Promise<Outcome> {
    try {
      const { response } = await this.configuration.requestHandler.handle(HttpRequest.clone(request), { abortSignal });
      return { kind: 'answer', answer: { status: response.statusCode, headers: response.headers, body: await bytesOf(response.body as Readable) } };
    } catch (error) {
      return { kind: 'no answer', error };
    }
  }
}

type Outcome = { readonly kind: 'answer'; readonly answer: S3Answer } | { readonly kind: 'no answer'; readonly error: unknown };

function answerOf(outcome: Outcome): S3Answer {
  if (outcome.kind === 'no answer') {
    throw outcome.error;
  }
  return outcome.answer;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList: 503 is Slow Down. */
function retryableTypeOf(outcome: Outcome): 'TRANSIENT' | 'THROTTLING' | undefined {
  if (outcome.kind === 'no answer') {
    return 'TRANSIENT';
  }
  const { status } = outcome.answer;
  return status === 429 || status === 503 ? 'THROTTLING' : status >= 500 ? 'TRANSIENT' : undefined;
}

interface Address {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
}

/**
 * The bucket is in the name of the host, but where an endpoint is configured or where dots of its name would not fit a certificate:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
function addressOf({ bucketName, key }: S3Object, region: string): Address {
  const objectPath = key.split('/').map(extendedEncodeURIComponent).join('/');
  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const { protocol, hostname, port } = new URL(endpoint ?? `https://s3.${region}.${partition(region).dnsSuffix}`);
  return endpoint === undefined && !bucketName.includes('.')
    ? { protocol, hostname: `${bucketName}.${hostname}`, path: `/${objectPath}` }
    : { protocol, hostname, port: port === '' ? undefined : Number(port), path: `/${extendedEncodeURIComponent(bucketName)}/${objectPath}` };
}

async function bytesOf(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= MOST_BYTES) {
      break;
    }
  }
  return Buffer.concat(chunks);
}
