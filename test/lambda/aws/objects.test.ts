import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { NO_CHECKSUMS } from '../../../lambda/aws/clients';
import { kindOf } from '../../../lambda/aws/errors';
import { deleteObject, headBucket, headObject, readRange } from '../../../lambda/aws/objects';
import type { SdkRequestHandler } from '../../local-cloud/emulator';
import { S3Double, type S3Answer } from '../s3-double';

const OBJECT = { bucketName: 'exports', key: 'a folder/über+(1)\'!*~=&?#%.ova' };
const signal = AbortSignal.timeout(30_000);

function clientWith(requestHandler: Pick<SdkRequestHandler, 'handle'>): S3Client {
  return new S3Client({
    ...NO_CHECKSUMS,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retryStrategy: new ConfiguredRetryStrategy(1),
    requestHandler: { updateHttpClientConfig() {}, httpHandlerConfigs: () => ({}), ...requestHandler },
  });
}

function doubleWith(answer?: S3Answer) {
  const double = new S3Double().putObject(OBJECT.bucketName, OBJECT.key, Buffer.from('0123456789'), { etag: '"one"' });
  return { double: answer === undefined ? double : double.answerWith(() => answer), s3: clientWith(double.requestHandler()) };
}

const cut: Pick<SdkRequestHandler, 'handle'> = {
  handle: async () => {
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  },
};

test('HEAD reports the properties of an object, whatever characters its key has', async () => {
  const { s3 } = doubleWith();
  expect(await headObject(s3, OBJECT, signal)).toMatchObject({ kind: 'found', found: { ContentLength: 10, ETag: '"one"' } });
});

test.each([
  [403, 'AccessDenied', 'access-denied'],
  [404, 'Error', 'definite'],
  [400, 'Error', 'definite'],
  [500, 'Error', 'transient'],
  [503, 'Error', 'transient'],
])('HEAD that is answered with HTTP %i is an error that names the request', async (status, name, kind) => {
  const head = await headObject(doubleWith({ status }).s3, OBJECT, signal);
  expect(head).toMatchObject({ kind: 'refused', status, error: { name, message: `Amazon S3 answers HTTP ${status} to HEAD of s3://exports/${OBJECT.key}` } });
  expect(head.kind === 'refused' && kindOf(head.error)).toBe(kind);
});

test('HEAD reports the Region of a bucket that is elsewhere', async () => {
  const { s3 } = doubleWith({ status: 301, headers: { 'x-amz-bucket-region': 'us-east-2' } });
  expect(await headObject(s3, OBJECT, signal)).toMatchObject({ kind: 'refused', status: 301, bucketRegion: 'us-east-2' });
  expect(await headBucket(s3, OBJECT.bucketName, signal)).toEqual({ exists: true, region: 'us-east-2' });
});

test.each([[200, true], [403, true], [404, false]])('a bucket that is answered for with HTTP %i exists: %p', async (status, exists) => {
  const { s3 } = doubleWith({ status, headers: { 'x-amz-bucket-region': 'eu-west-1' } });
  expect(await headBucket(s3, OBJECT.bucketName, signal)).toEqual({ exists, region: 'eu-west-1' });
});

test.each<[string, (s3: S3Client) => Promise<unknown>]>([
  ['HEAD of an object', (s3) => headObject(s3, OBJECT, signal)],
  ['HEAD of a bucket', (s3) => headBucket(s3, OBJECT.bucketName, signal)],
  ['a read', (s3) => readRange(s3, OBJECT, { offset: 0, size: 1 }, signal)],
  ['a delete', (s3) => deleteObject(s3, OBJECT, { IfMatch: '"one"' }, signal)],
])('%s without an answer throws the error of the connection', async (_what, call) => {
  await expect(call(clientWith(cut))).rejects.toMatchObject({ message: 'socket hang up' });
});

test('a read asks for its range of the object with this ETag, and for no checksum', async () => {
  const { double, s3 } = doubleWith();
  const headers: unknown[] = [];
  s3.middlewareStack.add((next) => async (args) => {
    headers.push(Object.keys((args.request as { headers: object }).headers));
    return next(args);
  }, { step: 'finalizeRequest' });
  expect(Buffer.from(await readRange(s3, OBJECT, { offset: 2, size: 3, etag: '"one"' }, signal)).toString()).toBe('234');
  expect(double.calls).toMatchObject([{ method: 'GET', bucket: 'exports', key: OBJECT.key, range: 'bytes=2-4', ifMatch: '"one"' }]);
  expect(headers.flat().filter((name) => String(name).includes('checksum'))).toEqual([]);
});

test('a read of an object that was overwritten fails', async () => {
  const body = Buffer.from('<Error><Code>PreconditionFailed</Code><Message>No.</Message></Error>');
  await expect(readRange(doubleWith({ status: 412, body }).s3, OBJECT, { offset: 0, size: 1, etag: '"one"' }, signal)).rejects.toMatchObject({ name: 'PreconditionFailed' });
});

test('a server that sends all of the object instead of a range is not listened to', async () => {
  const body = Readable.from((function* () { for (;;) { yield Buffer.alloc(1024); } })());
  const s3 = clientWith({ handle: async () => ({ response: { statusCode: 200, headers: {}, body } }) });
  const read = readRange(s3, OBJECT, { offset: 0, size: 1024 }, signal).catch((error: unknown) => error);
  expect(await read).toMatchObject({ message: `Amazon S3 answers HTTP 200 to GET of s3://exports/${OBJECT.key}` });
  expect(kindOf(await read)).toBe('definite');
  expect(body.destroyed).toBe(true);
});

test.each([[204, 'deleted'], [200, 'deleted'], [404, 'gone'], [412, 'changed']])('a delete that is answered with HTTP %i: %s', async (status, became) => {
  expect(await deleteObject(doubleWith({ status }).s3, OBJECT, { IfMatch: '"one"' }, signal)).toBe(became);
});

test.each([[{ IfMatch: '"one"' }, { ifMatch: '"one"', versionId: undefined }], [{ VersionId: 'v1' }, { ifMatch: undefined, versionId: 'v1' }]])(
  'a delete carries its condition: %j', async (condition, call) => {
    const { double, s3 } = doubleWith();
    await deleteObject(s3, OBJECT, condition, signal);
    expect(double.calls).toEqual([{ method: 'DELETE', bucket: 'exports', key: OBJECT.key, range: undefined, ...call }]);
  });
