import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/** One object in memory, which is read by range and ETag. `answer` may replace an answer, or throw an error. */
export class MemoryS3 {
  public readonly ranges: string[] = [];
  public eTag = '"1"';

  public constructor(
    public object: Uint8Array | undefined,
    private readonly answer: (bytes: Uint8Array) => Readable | undefined = bytes => Readable.from([bytes]),
  ) {}

  public client(): S3Client {
    const send = async ({ input }: GetObjectCommand, { abortSignal }: { readonly abortSignal: AbortSignal }) => {
      abortSignal.throwIfAborted();
      const range = input.Range ?? '';
      this.ranges.push(range);
      if (this.object === undefined) throw new NoSuchKey({ message: 'The specified key does not exist.', $metadata: { httpStatusCode: 404 } });
      if (input.IfMatch !== this.eTag) {
        throw new S3ServiceException({ name: 'PreconditionFailed', message: 'At least one of the pre-conditions you specified did not hold', $fault: 'client', $metadata: { httpStatusCode: 412 } });
      }
      const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
      return { Body: this.answer(this.object.subarray(Number(first), Number(last) + 1)) };
    };
    return Object.assign(new S3Client({ region: 'us-east-1' }), { send });
  }

  public source() {
    return { bucket: 'images', key: 'disk', eTag: this.eTag, size: this.object?.length ?? 0 };
  }
}
