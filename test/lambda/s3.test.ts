import { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/protocols';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { S3Double } from './s3-double';
import { createClients } from '../../lambda/aws/clients';
import { S3 } from '../../lambda/s3';
import type { RequestConfiguration } from '../../lambda/signed-requests';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const RANGE = 'bytes=0-511';
const signal = AbortSignal.timeout(30_000);

interface SigningArguments {
  readonly request: HttpRequest;
}

/** A request handler that keeps what it is asked to send. */
function recorder(status = 200) {
  const sent: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    sent.push(request);
    return { response: { statusCode: status, headers: {}, body: Readable.from([]) } };
  };
  return { sent, requestHandler: { handle, destroy: jest.fn() } as unknown as RequestConfiguration['requestHandler'] };
}

function s3With(requestHandler: RequestConfiguration['requestHandler'], region = 'eu-west-1'): S3 {
  return new S3({ region: async () => region, credentials: CREDENTIALS, requestHandler, retryStrategy: new ConfiguredRetryStrategy(4, 0) });
}

afterEach(() => {
  delete process.env.AWS_ENDPOINT_URL;
  delete process.env.AWS_ENDPOINT_URL_S3;
  jest.useRealTimers();
});

describe('a request is what the SDK client of Amazon S3 sends:', () => {
  const SIGNED = ['authorization', 'x-amz-content-sha256', 'x-amz-security-token', 'range'];

  test.each([
    ['a key', 'exports', 'golden.ova', 'eu-west-1'],
    ['a key of unusual characters', 'exports', 'a folder/über+(1)\'!*~=&?#%.ova', 'eu-west-1'],
    ['a key with empty parts', 'exports', '//a//../b/', 'eu-west-1'],
    ['a bucket with dots', 'my.vm.exports', 'golden.ova', 'us-east-1'],
    ['China', 'exports', 'golden.ova', 'cn-north-1'],
    ['GovCloud', 'exports', 'golden.ova', 'us-gov-west-1'],
    ['a Region that is not known yet', 'exports', 'golden.ova', 'eu-west-99'],
  ])('%s', async (_, bucketName, key, region) => {
    jest.useFakeTimers({ now: Date.UTC(2026, 0, 1), doNotFake: ['nextTick', 'setImmediate', 'setTimeout'] });
    const [theirs, ours] = [recorder(), recorder(206)];
    const client = new S3Client({
      region, credentials: CREDENTIALS, requestHandler: theirs.requestHandler, responseChecksumValidation: 'WHEN_REQUIRED',
    });
    // The client sends and signs its own name, the number of the attempt, and the name of the operation, too.
    client.middlewareStack.addRelativeTo(<A extends object, O>(next: (args: A) => Promise<O>) => async (args: A) => {
      const { request } = args as unknown as SigningArguments;
      Object.keys(request.headers).filter((name) => !['host', 'range'].includes(name)).forEach((name) => delete request.headers[name]);
      request.query = {};
      return next(args);
    }, { relation: 'before', toMiddleware: 'httpSigningMiddleware' });
    await client.send(new GetObjectCommand({ Bucket: bucketName, Key: key, Range: RANGE }));
    await s3With(ours.requestHandler, region).send({ method: 'GET', bucketName, key, headers: { range: RANGE } }, signal);
    const [expected, sent] = [theirs, ours].map(({ sent: [request] }) => ({
      method: request?.method,
      url: `${request?.protocol}//${request?.hostname}${request?.path}`,
      headers: SIGNED.map((name) => request?.headers[name]),
    }));
    expect(sent).toEqual(expected);
    expect(sent?.headers).not.toContain(undefined);
  });
});

test.each([
  ['AWS_ENDPOINT_URL_S3', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566' }, { protocol: 'http:', hostname: '127.0.0.1', port: 4566 }],
  ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'https://s3.example.com' }, { protocol: 'https:', hostname: 's3.example.com', port: undefined }],
])('an endpoint of %s is asked with the bucket in the path', async (_, environment, expected) => {
  Object.assign(process.env, environment);
  const { sent, requestHandler } = recorder();
  await s3With(requestHandler).send({ method: 'HEAD', bucketName: 'exports', key: 'a/b' }, signal);
  expect(sent).toEqual([expect.objectContaining({ ...expected, path: '/exports/a/b' })]);
  expect(sent[0]?.headers.host).toBe(expected.port === undefined ? 's3.example.com' : '127.0.0.1:4566');
});

describe('an answer', () => {
  const attempts = async (status: number) => {
    const { sent, requestHandler } = recorder(status);
    const answer = await s3With(requestHandler).send({ method: 'HEAD', bucketName: 'exports', key: 'k' }, signal);
    return { status: answer.status, attempts: sent.length };
  };

  test.each([[200, 1], [206, 1], [301, 1], [403, 1], [404, 1], [429, 4], [500, 4], [503, 4]])('of HTTP %i is taken at attempt %i', async (status, times) => {
    expect(await attempts(status)).toEqual({ status, attempts: times });
  });

  test('that never comes is waited for as often, and then the error is told', async () => {
    const handle = jest.fn(async () => { throw new Error('socket hang up'); });
    const s3 = s3With({ handle, destroy: jest.fn() } as unknown as RequestConfiguration['requestHandler']);
    await expect(s3.send({ method: 'HEAD', bucketName: 'exports', key: 'k' }, signal)).rejects.toThrow('socket hang up');
    expect(handle).toHaveBeenCalledTimes(4);
  });

  test('is not waited for again once the time is up', async () => {
    const { sent, requestHandler } = recorder(503);
    await s3With(requestHandler).send({ method: 'HEAD', bucketName: 'exports', key: 'k' }, AbortSignal.abort());
    expect(sent).toHaveLength(1);
  });

  test('of a server that sends all of a disk is read no further than a few megabytes', async () => {
    let sentChunks = 0;
    const body = (function* () { for (; sentChunks < 1_000; sentChunks++) { yield Buffer.alloc(1024 * 1024); } })();
    const s3 = s3With({ handle: async () => ({ response: { statusCode: 200, headers: {}, body } }), destroy: jest.fn() } as unknown as RequestConfiguration['requestHandler']);
    const answer = await s3.send({ method: 'GET', bucketName: 'exports', key: 'big' }, signal);
    expect(answer.body.byteLength).toBe(4 * 1024 * 1024);
    expect(sentChunks).toBeLessThan(5);
  });
});

test('the handlers ask with the credentials and in the Region that AWS Lambda gives them', async () => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDLAMBDA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' });
  const double = new S3Double().putObject('exports', 'k', Buffer.alloc(10));
  const headers: unknown[] = [];
  process.env.AWS_ENDPOINT_URL_S3 = await double.listen((request) => headers.push(request.headers));
  try {
    const { s3 } = createClients();
    expect(await s3.region()).toBe('eu-west-1');
    expect(await s3.send({ method: 'GET', bucketName: 'exports', key: 'k', headers: { range: 'bytes=2-5' } }, signal)).toMatchObject({
      status: 206, body: Buffer.alloc(4),
    });
    s3.destroy();
  } finally {
    await double.close();
  }
  expect(headers).toEqual([expect.objectContaining({
    'authorization': expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIDLAMBDA\/\d{8}\/eu-west-1\/s3\/aws4_request, /),
    'x-amz-security-token': 'session',
  })]);
});
