import { createHash } from 'node:crypto';

/** What the VM import service can see of the account: its service role, and the disk objects in S3. */
export interface DiskSource {
  /** Whether the role stands and VM Import/Export may assume it (principal vmie.amazonaws.com, external id vmimport). */
  roleExists(name: string): Promise<boolean>;
  /** Whether the one who calls ImportImage may read the object itself; everybody may where the source does not say. */
  callerMayRead?(bucket: string, key: string): Promise<boolean>;
  /** The object's size, or undefined when bucket or object is not there. */
  head(bucket: string, key: string): Promise<{ readonly size: number } | undefined>;
  /** The object's bytes. */
  read(bucket: string, key: string): AsyncIterable<Uint8Array>;
}

/** What was read of one disk object. */
export interface DiskDigest {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
}

/** Reads a disk object to its end, as a conversion would. */
export async function digest(source: DiskSource, bucket: string, key: string, signal: AbortSignal): Promise<DiskDigest> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of source.read(bucket, key)) {
    signal.throwIfAborted();
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { bucket, key, size, sha256: hash.digest('hex') };
}

/** Roles and disk objects of a test, in memory. */
export class MemoryDiskSource implements DiskSource {
  private readonly objects = new Map<string, Uint8Array>();
  private readonly roles = new Set<string>();
  private readonly denied = new Set<string>();

  /** Starts with the role `vmimport`, the one ImportImage takes when none is named. */
  constructor(roles: readonly string[] = ['vmimport']) {
    roles.forEach((role) => this.roles.add(role));
  }

  putObject(bucket: string, key: string, content: Uint8Array | string): this {
    this.objects.set(`${bucket}/${key}`, typeof content === 'string' ? Buffer.from(content) : content);
    return this;
  }

  putRole(name: string): this {
    this.roles.add(name);
    return this;
  }

  deleteRole(name: string): this {
    this.roles.delete(name);
    return this;
  }

  /** Takes the right to read an object from whoever calls ImportImage. */
  denyCaller(bucket: string, key: string): this {
    this.denied.add(`${bucket}/${key}`);
    return this;
  }

  async roleExists(name: string): Promise<boolean> {
    return this.roles.has(name);
  }

  async callerMayRead(bucket: string, key: string): Promise<boolean> {
    return !this.denied.has(`${bucket}/${key}`);
  }

  async head(bucket: string, key: string): Promise<{ readonly size: number } | undefined> {
    const content = this.objects.get(`${bucket}/${key}`);
    return content && { size: content.byteLength };
  }

  async *read(bucket: string, key: string): AsyncIterable<Uint8Array> {
    const content = this.objects.get(`${bucket}/${key}`);
    if (!content) {
      throw new Error(`NoSuchKey: s3://${bucket}/${key}`);
    }
    yield content;
  }
}
