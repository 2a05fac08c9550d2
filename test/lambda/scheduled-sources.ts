/** The disk images of a schedule: one for each content of an import that deletes them, and one that nobody deletes. */
import { tinyDisk } from './invocation-clients';
import { S3Double, type S3Answer, type S3Call } from './s3-double';
import type { ServiceFault, StackRig } from './stack-rig';
import type { DiskSource } from '../local-cloud/emulator';

export const BUCKET = 'exports';
/** Of all imports that delete nothing. */
export const KEPT_KEY = 'golden.vmdk';

const REFUSALS = { throttled: { status: 503, body: Buffer.from('<Error><Code>SlowDown</Code></Error>') }, broken: { status: 500 } } as const;

/** Where something comes from, by what it is called in its template. */
export interface PlannedSource {
  readonly stackName: string;
  readonly importName: string;
  readonly content: number;
}

export function keyOf({ stackName, importName, content }: PlannedSource): string {
  return `${stackName}-${importName}-${content}.vmdk`;
}

let disk: Uint8Array | undefined;

interface Circumstances {
  /** Whether CloudFormation now and then reports what was true some time ago. */
  readonly isStale: boolean;
  /** Whether a KMS key that the provider may not use encrypts the bucket, and HEAD needs that key. */
  readonly deniesHead: boolean;
}

export class ScheduledSources implements DiskSource {
  readonly s3 = new S3Double();
  readonly deleted = new Set<string>();
  /** Deletions of what was not imported, or whose image was not there. */
  readonly wrong: string[] = [];
  readonly faulty = new Map<string, number>();
  private calls = 0;
  private faults: readonly ServiceFault[] = [];

  constructor(keys: readonly string[], private readonly circumstances: Circumstances) {
    disk ??= tinyDisk();
    for (const key of [KEPT_KEY, ...keys]) {
      this.s3.putObject(BUCKET, key, disk);
    }
  }

  /** Watches over the deletions of a rig, whose calls to Amazon S3 have these faults. */
  attach(rig: StackRig, faults: readonly ServiceFault[]): void {
    this.faults = faults;
    this.s3.answerWith(async (call) => this.answer(rig, call));
  }

  clearFaults(): void {
    this.faults = [];
  }

  async roleExists(): Promise<boolean> {
    return true;
  }

  async head(bucket: string, key: string): Promise<{ readonly size: number } | undefined> {
    const object = this.s3.objects.current(`${bucket}/${key}`);
    return object && { size: object.content.byteLength };
  }

  async *read(bucket: string, key: string): AsyncIterable<Uint8Array> {
    const object = this.s3.objects.current(`${bucket}/${key}`);
    if (!object) {
      throw new Error(`NoSuchKey: s3://${bucket}/${key}`);
    }
    yield object.content;
  }

  private async answer(rig: StackRig, call: S3Call): Promise<S3Answer | undefined> {
    this.calls += 1;
    const fault = this.faults.find(({ from, to }) => this.calls >= from && this.calls <= to)?.kind;
    if (fault !== undefined) {
      this.faulty.set(fault, (this.faulty.get(fault) ?? 0) + 1);
    }
    if (fault === 'throttled' || fault === 'broken') {
      return REFUSALS[fault];
    }
    if (call.method === 'DELETE' && fault !== 'dropBefore') {
      await this.delete(rig, call);
    }
    if (fault !== undefined) {
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    }
    if (call.method === 'HEAD' && this.circumstances.deniesHead) {
      return { status: 403 };
    }
    return call.method === 'DELETE' ? { status: 204 } : undefined;
  }

  private async delete(rig: StackRig, { bucket, key, ifMatch, versionId }: S3Call): Promise<void> {
    const { tasks, images } = await rig.cloud.state();
    const importedBy = tasks
      .filter(({ Status }) => Status === 'completed')
      .filter(({ SnapshotDetails = [] }) => SnapshotDetails.some(({ UserBucket }) => UserBucket?.S3Key === key))
      .map(({ Tags = [] }) => Tags.find((tag) => tag.Key === 'cdk-vm-import:id')?.Value);
    const available = images.filter(({ state }) => state?.status === 'AVAILABLE').map(({ tags }) => tags?.['cdk-vm-import:id']);
    // The image goes in a rollback of which CloudFormation does not tell yet: see docs/reliability.md.
    if (this.circumstances.isStale ? importedBy.length === 0 : !importedBy.some((id) => available.includes(id))) {
      this.wrong.push(`${key} was deleted, and there was no image of it`);
    }
    this.s3.objects.delete(`${bucket}/${key}`, { ifMatch, versionId });
    this.deleted.add(key);
  }
}
