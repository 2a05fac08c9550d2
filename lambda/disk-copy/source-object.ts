import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DiskCopySource } from '../../src/shared/contract/disk-copy';
import type { AsyncReader } from '../../src/shared/disk-image';
import { kindOf } from '../aws/errors';

/** Attempts to read a range. The SDK retries a request, but not an answer that breaks off. */
const ATTEMPTS = 5;

/** The object is not the one that the copy began with. Its message is one sentence for users. */
export class SourceChanged extends Error {
  public override readonly name = 'SourceChanged';
}

export interface SourceReading {
  readonly s3: S3Client;
  readonly signal: AbortSignal;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Reads a disk image by ranged GetObject requests, each of which requires the ETag that the copy began with. */
export class SourceObject implements AsyncReader {
  public readonly length: number;

  public constructor(private readonly source: DiskCopySource, private readonly reading: SourceReading) {
    this.length = source.size;
  }

  /**
   * Reads up to `size` bytes into `memory`, or into new memory.
   *
   * @throws SourceChanged if the object was overwritten or deleted
   * @throws the error of Amazon S3, or of the connection, at the last attempt
   */
  public async read(offset: number, size: number, memory = new Uint8Array(size)): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.get(offset, memory);
      } catch (error) {
        this.reading.signal.throwIfAborted();
        if (attempt === ATTEMPTS || kindOf(error) !== 'transient') throw this.explained(error);
        await this.reading.pause(100 * 2 ** attempt);
      }
    }
  }

  private async get(offset: number, memory: Uint8Array): Promise<Uint8Array> {
    const size = memory.length;
    const { bucket, key, eTag } = this.source;
    const { s3, signal } = this.reading;
    const range = { Bucket: bucket, Key: key, IfMatch: eTag, Range: `bytes=${offset}-${offset + size - 1}` };
    const { Body } = await s3.send(new GetObjectCommand(range), { abortSignal: signal });
    let filled = 0;
    for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) {
      const part = chunk.subarray(0, size - filled);
      memory.set(part, filled);
      filled += part.length;
    }
    return memory.subarray(0, filled);
  }

  private explained(error: unknown): unknown {
    const { bucket, key } = this.source;
    const name = error instanceof Error ? error.name : '';
    if (name === 'PreconditionFailed') return new SourceChanged(`s3://${bucket}/${key} was overwritten while it was copied: deploy again to copy the new object.`);
    if (name === 'NoSuchKey' || name === 'NoSuchBucket') return new SourceChanged(`s3://${bucket}/${key} was deleted while it was copied: upload it again, and deploy again.`);
    return error;
  }
}
