import { createHash } from 'node:crypto';

export type Versioning = 'off' | 'on' | 'suspended';

/** One version of an object; `undefined` content is a delete marker. */
interface Version {
  readonly id: string;
  readonly content?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Objects of Amazon S3 and their versions.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export class ObjectsDouble {
  versioning: Versioning = 'off';
  /** Oldest first. */
  private readonly versions = new Map<string, Version[]>();
  private serial = 0;

  put(name: string, content: Uint8Array, headers: Readonly<Record<string, string>>): void {
    this.serial += 1;
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    const modified = new Date(Date.UTC(2026, 0, 1) + this.serial * 1_000).toUTCString();
    this.add(name, content, { 'etag': etag, 'last-modified': modified, 'content-length': String(content.byteLength), ...headers });
  }

  /** The current version, where it is not a delete marker. */
  current(name: string): { readonly content: Uint8Array; readonly headers: Readonly<Record<string, string>> } | undefined {
    const version = this.versions.get(name)?.at(-1);
    return version?.content && {
      content: version.content,
      headers: { ...version.headers, ...(this.versioning === 'off' ? {} : { 'x-amz-version-id': version.id }) },
    };
  }

  /** All content that is left under a name, oldest first. */
  left(name: string): readonly string[] {
    return (this.versions.get(name) ?? []).flatMap(({ content }) => (content ? [Buffer.from(content).toString()] : []));
  }

  has(prefix: string): boolean {
    return [...this.versions.keys()].some((name) => name.startsWith(prefix));
  }

  /** Deletes, and answers the HTTP status. */
  delete(name: string, { versionId, ifMatch }: { readonly versionId?: string; readonly ifMatch?: string }): number {
    if (versionId !== undefined) {
      this.versions.set(name, (this.versions.get(name) ?? []).filter(({ id }) => id !== versionId));
      return 204;
    }
    const current = this.current(name);
    if (ifMatch !== undefined && ifMatch !== current?.headers.etag) {
      return current === undefined ? 404 : 412;
    }
    if (this.versioning === 'off') {
      this.versions.delete(name);
    } else {
      this.add(name, undefined, {});
    }
    return 204;
  }

  private add(name: string, content: Uint8Array | undefined, headers: Version['headers']): void {
    const id = this.versioning === 'on' ? `version-${this.serial}-${content ? 'object' : 'marker'}` : 'null';
    // There is one version without an id at most, the latest of its kind.
    const others = (this.versions.get(name) ?? []).filter((version) => version.id !== id);
    this.versions.set(name, [...others, { id, content, headers }]);
  }
}
