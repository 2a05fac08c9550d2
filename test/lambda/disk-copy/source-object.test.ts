import { Readable } from 'node:stream';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { MemoryS3 } from './memory-s3';
import { SourceObject } from '../../../lambda/disk-copy/source-object';

const object = Buffer.from('0123456789');

function reading(s3: MemoryS3, stop = new AbortController()) {
  const pauses: number[] = [];
  const pause = async (milliseconds: number) => { pauses.push(milliseconds); };
  return { source: new SourceObject(s3.source(), { s3: s3.client(), signal: stop.signal, pause }), pauses, stop };
}

describe('the object that is copied', () => {
  test('is read by range, and has the length that HeadObject gave', async () => {
    const s3 = new MemoryS3(object);
    const { source } = reading(s3);
    expect(source.length).toBe(10);
    expect(Buffer.from(await source.read(2, 5)).toString()).toBe('23456');
    expect(s3.ranges).toEqual(['bytes=2-6']);
  });

  test.each([1, 2, 3, 10])('is read into one piece of memory after the other, in parts of %d bytes', async (part) => {
    const starts = Array.from({ length: 10 }, (_, at) => at).filter((at) => at % part === 0);
    const parts = (all: Uint8Array) => starts.map((at) => all.subarray(at, at + part));
    const memory = new Uint8Array(10);
    const s3 = new MemoryS3(object, all => Readable.from(parts(all)));
    expect(await reading(s3).source.readInto(2, [memory.subarray(6, 9), memory.subarray(0, 0), memory.subarray(1, 5)])).toBe(7);
    expect(Buffer.from(memory).toString()).toBe('\x005678\x00234\x00');
    expect(s3.ranges).toEqual(['bytes=2-8']);
  });

  test('may come in many parts, or end early', async () => {
    expect(Buffer.from(await reading(new MemoryS3(object, bytes => Readable.from([...bytes].map(byte => Buffer.of(byte))))).source.read(0, 10)).toString()).toBe('0123456789');
    expect(await reading(new MemoryS3(object, () => Readable.from([Buffer.from('01')]))).source.read(0, 10)).toHaveLength(2);
    expect(await reading(new MemoryS3(object, () => undefined)).source.read(0, 10)).toHaveLength(0);
  });

  test('never gives more than was asked for', async () => {
    expect(await reading(new MemoryS3(object, () => Readable.from([object, object]))).source.read(0, 4)).toHaveLength(4);
  });

  test('is read again when the answer breaks off', async () => {
    let answers = 0;
    const s3 = new MemoryS3(object, (bytes) => {
      answers += 1;
      return answers < 3 ? Readable.from((function* () { throw new Error('aborted'); })()) : Readable.from([bytes]);
    });
    const { source, pauses } = reading(s3);
    expect(await source.read(0, 10)).toHaveLength(10);
    expect(pauses).toEqual([200, 400]);
  });

  test('is given up after five attempts, with the error of the last one', async () => {
    const s3 = new MemoryS3(object, () => { throw new Error('aborted'); });
    await expect(reading(s3).source.read(0, 10)).rejects.toThrow('aborted');
    expect(s3.ranges).toHaveLength(5);
  });

  test.each([
    ['overwritten', (s3: MemoryS3) => { s3.eTag = '"2"'; }, 's3://images/disk was overwritten while it was copied: deploy again to copy the new object.'],
    ['deleted', (s3: MemoryS3) => { s3.object = undefined; }, 's3://images/disk was deleted while it was copied: upload it again, and deploy again.'],
  ])('that was %s meanwhile fails the copy with a sentence', async (_, change, message) => {
    const s3 = new MemoryS3(object);
    const { source } = reading(s3);
    change(s3);
    await expect(source.read(0, 10)).rejects.toMatchObject({ name: 'SourceChanged', message });
    expect(s3.ranges).toHaveLength(1);
  });

  test('whose bucket was deleted fails the copy with a sentence', async () => {
    const gone = new S3ServiceException({ name: 'NoSuchBucket', message: 'gone', $fault: 'client', $metadata: { httpStatusCode: 404 } });
    await expect(reading(new MemoryS3(object, () => { throw gone; })).source.read(0, 10)).rejects.toMatchObject({ name: 'SourceChanged' });
  });

  test('passes on what else Amazon S3 says, and what is no error', async () => {
    const denied = new S3ServiceException({ name: 'AccessDenied', message: 'Access Denied', $fault: 'client', $metadata: { httpStatusCode: 403 } });
    await expect(reading(new MemoryS3(object, () => { throw denied; })).source.read(0, 10)).rejects.toBe(denied);
    await expect(reading(new MemoryS3(object, () => { throw 'text'; })).source.read(0, 10)).rejects.toBe('text');
  });

  test('is not read when the copy has failed elsewhere', async () => {
    const s3 = new MemoryS3(object);
    const { source, stop } = reading(s3);
    const reason = new Error('elsewhere');
    stop.abort(reason);
    await expect(source.read(0, 10)).rejects.toBe(reason);
    expect(s3.ranges).toEqual([]);
  });
});
