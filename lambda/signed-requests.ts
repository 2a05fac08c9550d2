/**
 * Requests to AWS services that are made of the SDK's own parts (its signer, its HTTP handler, its retries, its partitions)
 * and not of a client, which would be a good part of the bundle for the one or two calls that are made.
 */
import type { Readable } from 'node:stream';
import { partition } from '@aws-sdk/core/client';
import { HttpRequest } from '@smithy/core/protocols';
import type { StandardRetryStrategy } from '@smithy/core/retry';
import { Hash } from '@smithy/core/serde';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4, type SignatureV4Init } from '@smithy/signature-v4';

export interface RequestConfiguration {
  readonly region: () => Promise<string>;
  readonly credentials: SignatureV4Init['credentials'];
  readonly requestHandler: Pick<NodeHttpHandler, 'handle' | 'destroy'>;
  readonly retryStrategy: Pick<StandardRetryStrategy, 'acquireInitialRetryToken' | 'refreshRetryTokenForRetry'>;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Whatever a service answers, errors included. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  /** Whether somebody configured it. */
  readonly kind: 'configured' | 'of the Region';
}

/** Bytes of an answer that are read at most, should a server send all of a disk instead of a range. */
const MOST_BYTES = 4 * 1024 * 1024;

export class SignedRequests {
  public constructor(private readonly service: string, private readonly configuration: RequestConfiguration) {}

  public async region(): Promise<string> {
    return this.configuration.region();
  }

  /** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
  public async endpoint(configured: string | undefined): Promise<Endpoint> {
    const region = await this.region();
    const url = new URL(configured ?? `https://${this.service}.${region}.${partition(region).dnsSuffix}`);
    return {
      protocol: url.protocol,
      hostname: url.hostname,
      port: url.port === '' ? undefined : Number(url.port),
      kind: configured === undefined ? 'of the Region' : 'configured',
    };
  }

  /**
   * @throws the error of the connection where there is no answer, at the last attempt
   */
  public async send(request: UnsignedRequest, signal: AbortSignal): Promise<Answer> {
    const { retryStrategy } = this.configuration;
    let token = await retryStrategy.acquireInitialRetryToken(this.service);
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

  private async signed({ method, endpoint: { protocol, hostname, port }, path, query, headers, body }: UnsignedRequest) {
    const { credentials } = this.configuration;
    const request = new HttpRequest({
      method, protocol, hostname, port, path, query, body, headers: { ...headers, host: port === undefined ? hostname : `${hostname}:${port}` },
    });
    // Amazon S3 signs the path as it is sent: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    // For the others it is `/`.
    return new SignatureV4({
      service: this.service, region: await this.region(), credentials, sha256: Hash.bind(undefined, 'sha256'), uriEscapePath: false,
    }).sign(request);
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

type Outcome = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'no answer'; readonly error: unknown };

function answerOf(outcome: Outcome): Answer {
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
