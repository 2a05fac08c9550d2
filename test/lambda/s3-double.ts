import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { ObjectsDouble } from './objects-double';
import { S3 } from '../../lambda/s3';
import type { RequestConfiguration } from '../../lambda/signed-requests';

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

interface S3HttpRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
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

  /** The way in of the handlers: `https://bucket.s3.region.amazonaws.com/key`, through what may come between. */
  client(
    region: string,
    retryStrategy: RequestConfiguration['retryStrategy'],
    through: <R>(answer: () => Promise<R>) => Promise<R> = async (answer) => answer(),
  ): S3 {
    const handle = async ({ method, hostname, path, query, headers }: S3HttpRequest) => through(async () => {
      const { status, headers: answered = {}, body = new Uint8Array() } = await this.answer({
        method,
        bucket: hostname.split('.s3.')[0] ?? '',
        key: decodeURIComponent(path.slice(1)),
        range: headers.range,
        ifMatch: headers['if-match'],
        versionId: query?.versionId,
      });
      return { response: { statusCode: status, headers: { ...answered }, body: Readable.from([Buffer.from(body)]) } };
    });
    return new S3({
      region: async () => region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: { handle, destroy: () => undefined } as unknown as RequestConfiguration['requestHandler'],
      retryStrategy,
    });
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
    const [, bucket = '', ...key] = decodeURIComponent(new URL(url, 'http://s3').pathname).split('/');
    const { status, headers: answered, body = new Uint8Array() } = await this.answer({ method, bucket, key: key.join('/'), range: headers.range });
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

function spanOf(range: string): { readonly start: number; readonly size: number } {
  const [, start = '0', end = '0'] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return { start: Number(start), size: Number(end) - Number(start) + 1 };
}
