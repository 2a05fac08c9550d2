import { ImageFile, Reading } from './image-file';

/** A file that can be read at any place at once: a file descriptor. */
export interface SyncReader {
  readonly length: number;
  /** Up to `size` bytes from `offset`; both are inside the file. Less is taken as it is, and asked for again. */
  read(offset: number, size: number): Uint8Array;
}

/** A file that answers later: an object in S3, a URL. */
export interface AsyncReader {
  readonly length: number;
  /** Reads up to `size` bytes from `offset`; both are inside the file. The caller asks again for what is missing. */
  read(offset: number, size: number): Promise<Uint8Array>;
  /** Reads bytes from `offset` into one piece of memory after the other, and returns how many. The caller asks again for what is missing. */
  readInto?(offset: number, memory: readonly Uint8Array[]): Promise<number>;
}

export function runSync<T>(reader: SyncReader, task: (file: ImageFile) => Reading<T>): T {
  const steps = task(new ImageFile(reader.length));
  let step = steps.next();
  while (!step.done) {
    step = steps.next(reader.read(step.value.offset, step.value.size));
  }
  return step.value;
}

export async function runAsync<T>(reader: AsyncReader, task: (file: ImageFile) => Reading<T>): Promise<T> {
  const steps = task(new ImageFile(reader.length));
  let step = steps.next();
  while (!step.done) {
    step = steps.next(await reader.read(step.value.offset, step.value.size));
  }
  return step.value;
}

