/** Disks to copy, each with a content of its own, and whether all of it is in the snapshots that are complete. */
import { createHash } from 'node:crypto';
import { S3Double } from '../s3-double';
import type { StackRig } from '../stack-rig';

const BLOCK = 512 * 1024;
/** Two blocks, of which the last is not full. */
const DISK_SIZE = BLOCK + 512;

/** An Amazon S3 with disks of these names. The ETag of each is its name. */
export function disksNamed(...keys: readonly string[]): S3Double {
  const s3 = new S3Double();
  keys.forEach((key) => putDisk(s3, key));
  return s3;
}

/** Puts a disk of its own content into the bucket. */
export function putDisk(s3: S3Double, key: string): void {
  s3.putObject('exports', key, contentOf(key), { etag: `"${key}"` });
}

/** The disks that schedules copy. */
export const COPIED = [1, 2, 3];

export function copiedKeyOf(content: number): string {
  return `copied-${content}.raw`;
}

function contentOf(key: string): Buffer {
  return Buffer.alloc(DISK_SIZE, `${key} `);
}

/** Returns what is wrong with the snapshots that are complete: a block that is missing, or that is not the bytes of the disk. */
export async function missingBlocks({ cloud }: StackRig): Promise<string[]> {
  return (await cloud.state()).snapshots.flatMap(({ SnapshotId = '', State, Tags = [] }) => {
    const key = Tags.find((tag) => tag.Key === 'cdk-vm-import:source-etag')?.Value;
    const written = cloud.writtenBlocks(SnapshotId);
    return State === 'completed' && key !== undefined
      ? blocksOf(contentOf(key)).flatMap((sha256, index) => (written.get(index) === sha256 ? [] : [`block ${index} of ${SnapshotId}`]))
      : [];
  });
}

/** Returns the SHA-256 of each block of a disk, in base64. */
export function blocksOf(disk: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(disk.length / BLOCK) }, (_, index) => {
    const block = Buffer.alloc(BLOCK);
    block.set(disk.subarray(index * BLOCK, (index + 1) * BLOCK));
    return createHash('sha256').update(block).digest('base64');
  });
}
