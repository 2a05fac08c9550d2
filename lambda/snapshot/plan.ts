/** What a disk is: everything that starting its snapshot and its copy depend on. Only reads. */
import { bootOf, type Boot } from './boot';
import type { SnapshotRequest } from './request';
import type { DiskCopySource } from '../../src/shared/contract/disk-copy';
import { openVirtualDisk, VirtualDiskError, type VirtualDisk, type VirtualDiskFormat } from '../../src/shared/disk-image/virtual-disk';
import type { Aws } from '../aws/clients';
import { text } from '../aws/fields';
import { urlOf } from '../aws/objects';
import { Failure } from '../cloudformation/failure';
import { decompressors } from '../disk-copy/decompressors';
import { checkSize } from '../disk-copy/plan';
import { openObject } from '../preflight/s3-object';

export interface SnapshotPlan {
  readonly source: DiskCopySource;
  readonly format: VirtualDiskFormat;
  /** Bytes of the disk. */
  readonly virtualSize: number;
  /** GiB of the volumes that are made from the snapshot. */
  readonly volumeSize: number;
  /** How its machine boots. Undefined for a data disk. */
  readonly boot?: Boot;
}

const GIB = 2 ** 30;

/** Returns the ETag of the object without its quotation marks, as the value of a tag. */
export function bareETag({ source: { eTag } }: SnapshotPlan): string {
  return eTag.replaceAll('"', '');
}

/**
 * Looks at a disk.
 *
 * @throws Failure if the disk cannot be imported
 * @throws what Amazon S3 reports if it does not let the function read the disk
 */
export async function planSnapshot(aws: Pick<Aws, 's3' | 'signal'>, request: SnapshotRequest): Promise<SnapshotPlan> {
  const { format, ovaDisk, ...object } = request.disk;
  const name = urlOf(object);
  const opened = await openObject(aws.s3, object, aws.signal);
  switch (opened.kind) {
    case 'refused':
      throw new Failure(opened.sentence);
    case 'unseen':
      throw opened.error ?? new Failure(`${name} cannot be read: ${opened.why}`);
    case 'open':
  }
  const { reader, etag } = opened;
  try {
    const disk = await openVirtualDisk({ image: reader, format, ovaDisk, decompressors });
    checkSize({ virtualSize: disk.size, unallocatedBlocks: request.unallocatedBlocks, timeout: request.timeout });
    return {
      source: { bucket: object.bucketName, key: object.key, eTag: text(etag), size: reader.length },
      format,
      virtualSize: disk.size,
      volumeSize: volumeSizeOf(disk, request),
      boot: request.boot === undefined ? undefined : await bootOf(disk, { name, declared: request.boot, preflight: request.preflight }),
    };
  } catch (error) {
    throw error instanceof VirtualDiskError ? new Failure(`${name} cannot be imported: ${error.message}`) : error;
  }
}

function volumeSizeOf({ size }: VirtualDisk, { volumeSize }: SnapshotRequest): number {
  const least = Math.ceil(size / GIB);
  if (volumeSize !== undefined && volumeSize < least) {
    throw new Failure(`volumeSize is ${volumeSize} GiB, but the disk has ${least} GiB: set volumeSize to ${least} or more, or remove it.`);
  }
  return volumeSize ?? least;
}
