/** What a disk is: everything that starting its snapshot and its copy depend on. Only reads. */
import type { SnapshotRequest } from './request';
import type { DiskCopySource } from '../../src/shared/contract/disk-copy';
import { describeBoot, inspectAsync, type BootVerdict, type BootWay } from '../../src/shared/disk-image';
import { expectationOf } from '../../src/shared/disk-image/expectation';
import { nodeInflate } from '../../src/shared/disk-image/reading/node-inflate';
import { openVirtualDisk, VirtualDiskError, type VirtualDisk, type VirtualDiskFormat } from '../../src/shared/disk-image/virtual-disk';
import type { Aws } from '../aws/clients';
import { urlOf } from '../aws/objects';
import { Failure } from '../cloudformation/failure';
import { decompressors } from '../disk-copy/decompressors';
import { openObject } from '../preflight/s3-object';

export interface SnapshotPlan {
  readonly source: DiskCopySource;
  readonly format: VirtualDiskFormat;
  /** Bytes of the disk. */
  readonly virtualSize: number;
  /** GiB of the volumes that are made from the snapshot. */
  readonly volumeSize: number;
  /** What the machine boots on. Undefined for a data disk. */
  readonly boot?: { readonly architecture: string; readonly bootMode?: string };
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
    return {
      source: { bucket: object.bucketName, key: object.key, eTag: etag ?? '', size: reader.length },
      format,
      virtualSize: disk.size,
      volumeSize: volumeSizeOf(disk, request),
      boot: request.boot === undefined ? undefined : await bootOf(disk, { ...request.boot, preflight: request.preflight, name }),
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

interface BootDisk {
  /** What the app declares. */
  readonly architecture?: string;
  readonly bootMode?: string;
  readonly preflight: SnapshotRequest['preflight'];
  readonly name: string;
}

/** Returns what the machine boots on: what the app declares, if the disk agrees, or what the disk has boot loaders for. */
async function bootOf(disk: VirtualDisk, boot: BootDisk): Promise<SnapshotPlan['boot']> {
  const { architecture, bootMode, preflight, name } = boot;
  if (preflight === 'off') {
    return { architecture: architecture ?? 'x86_64', bootMode };
  }
  const inspection = await inspectAsync({
    // Whatever the format of the image, the virtual disk reads as a RAW one.
    reader: { length: disk.size, read: async (offset, size) => disk.read(offset, Math.min(size, disk.size - offset)) },
    inflate: nodeInflate,
    expectation: expectationOf({ fileName: name, format: 'RAW', architecture, bootMode, importer: 'VmImportAmi', role: 'image' }),
  });
  const sentences = inspection.findings.filter(({ severity }) => severity === 'error').map(({ message, remedy }) => `${message} ${remedy}`);
  if (sentences.length > 0) {
    throw new Failure(`${name} cannot be the boot disk of an AMI: ${sentences.join(' ')} ${SKIP}`);
  }
  return wayOf(inspection.boot, boot);
}

const SKIP = '(preflight: false skips this look.)';

function wayOf(verdict: BootVerdict, { architecture, bootMode, name }: BootDisk): NonNullable<SnapshotPlan['boot']> {
  switch (verdict.kind) {
    case 'does not boot':
      throw new Failure(`${name} ${describeBoot(verdict)} ${SKIP}`);
    case 'unknown':
      if (architecture === undefined) {
        throw new Failure(`The preflight cannot tell what ${name} boots on: set architecture and bootMode.`);
      }
      return { architecture, bootMode };
    case 'boots': {
      const way = verdict.ways.find((each) => (architecture ?? each.architecture) === each.architecture && (bootMode === undefined || boots(each, bootMode)));
      if (way === undefined) {
        const declared = [architecture, bootMode].filter((part) => part !== undefined).join(' and ');
        throw new Failure(`The app declares ${declared}, but ${name} ${describeBoot(verdict)}: correct architecture and bootMode, or remove them.`);
      }
      return { architecture: way.architecture, bootMode: bootMode ?? way.bootMode };
    }
  }
}

/** Whether a disk boots in a declared mode. */
function boots(way: BootWay, declared: string): boolean {
  return way.bootMode === declared || way.bootMode === 'uefi-preferred' || declared === 'uefi-preferred';
}
