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

  public async read(offset: number, size: number): Promise<Uint8Array> {
    const memory = new Uint8Array(size);
    return memory.subarray(0, await this.readInto(offset, [memory]));
  }

  /**
   * Reads bytes from `offset` into one piece of memory after the other, and returns how many.
   *
   * @throws SourceChanged if the object was overwritten or deleted
   * @throws the error of Amazon S3, or of the connection, at the last attempt
   */
  public async readInto(offset: number, memory: readonly Uint8Array[]): Promise<number> {
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

  private async get(offset: number, memory: readonly Uint8Array[]): Promise<number> {
    const size = memory.reduce((sum, { length }) => sum + length, 0);
    const { bucket, key, eTag } = this.source;
    const { s3, signal } = this.reading;
    const range = { Bucket: bucket, Key: key, IfMatch: eTag, Range: `bytes=${offset}-${offset + size - 1}` };
    const { Body } = await s3.send(new GetObjectCommand(range), { abortSignal: signal });
    const filling = new Filling(memory);
    for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) {
      filling.add(chunk);
    }
    return filling.bytes;
  }

  private explained(error: unknown): unknown {
    const { bucket, key } = this.source;
    const name = error instanceof Error ? error.name : '';
    if (name === 'PreconditionFailed') return new SourceChanged(`s3://${bucket}/${key} was overwritten while it was copied: deploy again to copy the new object.`);
    if (name === 'NoSuchKey' || name === 'NoSuchBucket') return new SourceChanged(`s3://${bucket}/${key} was deleted while it was copied: upload it again, and deploy again.`);
    return error;
  }
}

/** Fills one piece of memory after the other. What does not fit is left out. */
class Filling {
  public bytes = 0;
  private piece = 0;
  private at = 0;

  public constructor(private readonly memory: readonly Uint8Array[]) {}

  public add(chunk: Uint8Array): void {
    let rest = chunk;
    for (let piece = this.memory[this.piece]; piece !== undefined && rest.length > 0; piece = this.memory[this.piece]) {
      const part = rest.subarray(0, piece.length - this.at);
      piece.set(part, this.at);
      this.at += part.length;
      this.bytes += part.length;
      rest = rest.subarray(part.length);
      if (this.at === piece.length) {
        this.piece += 1;
        this.at = 0;
      }
    }
  }
}
