import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { ObjectsDouble } from './objects-double';
import type { SdkRequestHandler } from '../local-cloud/emulator';

export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** One request to Amazon S3. */
export interface S3Call {
  readonly method: string;
  readonly bucket: string;
  /** Empty for a call about the bucket. */
  readonly key: string;
  readonly range?: string;
  readonly ifMatch?: string;
  readonly versionId?: string;
}

/** The little of Amazon S3 that reads an object by range, and deletes it: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export class S3Double {
  readonly calls: S3Call[] = [];
  readonly objects = new ObjectsDouble();
  private override?: (call: S3Call) => S3Answer | Promise<S3Answer | undefined> | undefined;
  private server?: Server;

  putObject(bucket: string, key: string, content: Uint8Array, headers: Readonly<Record<string, string>> = {}): this {
    this.objects.put(`${bucket}/${key}`, content, headers);
    return this;
  }

  /** What some calls are answered instead. */
  answerWith(override: (call: S3Call) => S3Answer | Promise<S3Answer | undefined> | undefined): this {
    this.override = override;
    return this;
  }

  get bytes(): number {
    return this.calls.reduce((sum, { range }) => sum + (range === undefined ? 0 : spanOf(range).size), 0);
  }

  /** The way in for clients of the SDK, without sockets. */
  requestHandler(): SdkRequestHandler {
    return {
      handle: async (request) => {
        const { hostname = '', path, query, headers = {} } = request;
        const { status, headers: answered = {}, body = new Uint8Array() } = await this.answer({
          method: request.method, ...addressOf(hostname, path), range: headers.range, ifMatch: headers['if-match'], versionId: query?.versionId?.toString(),
        });
        return { response: { statusCode: status, headers: { ...answered }, body: Readable.from(body.byteLength === 0 ? [] : [Buffer.from(body)]) } };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    };
  }

  /** The way in of other processes, which name the bucket in the path; returns the endpoint. */
  async listen(seen: (request: IncomingMessage) => void = () => undefined): Promise<string> {
    const server = createServer((request, response) => {
      seen(request);
      void this.serve(request, response);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async serve({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, 'http://localhost');
    const { status, headers: answered, body = new Uint8Array() } = await this.answer({ method, ...addressOf('localhost', pathname), range: headers.range });
    response.writeHead(status, { 'content-length': String(body.byteLength), ...answered }).end(method === 'HEAD' ? undefined : body);
  }

  private async answer(call: S3Call): Promise<S3Answer> {
    this.calls.push(call);
    const overridden = await this.override?.(call);
    if (overridden !== undefined) {
      return overridden;
    }
    const { method, bucket, key, range } = call;
    const name = `${bucket}/${key}`;
    if (key === '') {
      return { status: this.objects.has(name) ? 200 : 404 };
    }
    if (method === 'DELETE') {
      return { status: this.objects.delete(name, call) };
    }
    const object = this.objects.current(name);
    if (object === undefined) {
      return { status: 404 };
    }
    const { headers } = object;
    if (method === 'HEAD' || range === undefined) {
      return { status: 200, headers, body: method === 'HEAD' ? undefined : object.content };
    }
    const { start, size } = spanOf(range);
    const body = object.content.subarray(start, start + size);
    return { status: 206, headers: { ...headers, 'content-length': String(body.byteLength) }, body };
  }
}

/**
 * The bucket is in the host name, or in the path where an endpoint is configured or its name has dots.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
function addressOf(hostname: string, path: string): { readonly bucket: string; readonly key: string } {
  const decoded = decodeURIComponent(path.slice(1));
  const [, bucketInHost] = /^(.+)\.s3\./.exec(hostname) ?? [];
  const [bucketInPath = '', ...key] = decoded.split('/');
  return bucketInHost === undefined ? { bucket: bucketInPath, key: key.join('/') } : { bucket: bucketInHost, key: decoded };
}

function spanOf(range: string): { readonly start: number; readonly size: number } {
  const [, start = '0', end = '0'] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return { start: Number(start), size: Number(end) - Number(start) + 1 };
}
