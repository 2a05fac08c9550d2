import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';

const HOST = 'aws.test';

export interface Endpoints {
  readonly s3: string;
  readonly ec2: string;
}

/** A proxy for a client that knows one endpoint for all of AWS. */
export interface AwsRouter {
  /** What the client takes for AWS; there is no such host but behind the proxy. */
  readonly endpoint: string;
  readonly proxy: string;
  stop(): Promise<void>;
}

/**
 * Packer's `custom_endpoint_ec2` is the endpoint of S3 too, whose buckets it then takes for host names. This proxy tells
 * the two apart: what is for the host of a bucket goes to S3, by path; what is for the endpoint itself is EC2's.
 */
export async function startAwsRouter(endpoints: Endpoints): Promise<AwsRouter> {
  const server = createServer((message, response) => route(message, response, endpoints));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The proxy has no port.');
  }
  return {
    endpoint: `http://${HOST}`,
    proxy: `http://127.0.0.1:${address.port}`,
    stop: async () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function route(message: IncomingMessage, response: ServerResponse, { s3, ec2 }: Endpoints): void {
  const { hostname, pathname, search } = new URL(message.url ?? '/', `http://${HOST}`);
  const bucket = bucketOf(hostname);
  const target = bucket === undefined ? new URL(`${pathname}${search}`, ec2) : new URL(`/${bucket}${pathname}${search}`, s3);
  const onward = forward(target, { method: message.method, headers: { ...message.headers, host: target.host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  message.pipe(onward);
}

/** The bucket that a host name starts with; undefined for the endpoint itself. */
export function bucketOf(host: string): string | undefined {
  return host.endsWith(`.${HOST}`) ? host.slice(0, -HOST.length - 1) : undefined;
}
