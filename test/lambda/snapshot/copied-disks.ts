/** Disks to copy, each with a content of its own, and whether all of it is in the snapshots that are complete. */
import { createHash } from 'node:crypto';
import type { Answers } from '../../local-cloud/emulator';
import { S3Double } from '../s3-double';
import type { MachinePlan } from '../schedules';
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
    const key = tagOf({ Tags }, SOURCE_TAG);
    const written = cloud.writtenBlocks(SnapshotId);
    return State === 'completed' && key !== undefined
      ? blocksOf(contentOf(key)).flatMap((sha256, index) => (written.get(index) === sha256 ? [] : [`block ${index} of ${SnapshotId}`]))
      : [];
  });
}

/** A copied disk, and the tag that it is to have. */
export interface PlannedCopy {
  /** 0 or undefined for none. */
  readonly copy?: number;
  readonly team: string;
}

/** Returns what is wrong with the snapshot of a disk whose stack says that it is complete. What a person deleted since then is not checked. */
export async function copyViolations(
  { cloud, driver }: StackRig, stackName: string, { copy = 0, team }: PlannedCopy, person: Answers['person'] = 'nobody',
): Promise<readonly string[]> {
  const snapshotId = driver.resource(stackName, 'Data')?.attributes.SnapshotId;
  const snapshot = (await cloud.state()).snapshots.find(({ SnapshotId }) => SnapshotId === snapshotId);
  const isDeleted = person === 'deletesSnapshot' && snapshotId !== undefined && snapshot === undefined;
  if (copy === 0 || isDeleted) {
    return [];
  }
  const is = JSON.stringify([snapshot?.State, tagOf(snapshot, SOURCE_TAG), tagOf(snapshot, 'team')]);
  const wanted = JSON.stringify(['completed', copiedKeyOf(copy), team]);
  return is === wanted ? [] : [`the snapshot ${String(snapshotId)} of ${stackName} is ${is}, and not ${wanted}`];
}

/** An AMI of two copied disks, the name that it is to have, and the tag. */
export interface PlannedMachine {
  readonly machine?: MachinePlan;
  readonly amiName?: string;
  readonly team: string;
}

/**
 * Returns what is wrong with the AMI of copied disks whose stack says that it is complete. What a person disabled or deregistered since
 * then is not checked, but its disks are.
 */
export async function machineViolations(
  { cloud, driver }: StackRig, stackName: string, { machine, amiName, team }: PlannedMachine, person: Answers['person'] = 'nobody',
): Promise<readonly string[]> {
  if (machine === undefined) {
    return [];
  }
  const { amis, snapshots } = await cloud.state();
  const attribute = (logicalId: string, of: string) => driver.resource(stackName, logicalId)?.attributes[of];
  const amiId = attribute('Machine', 'AmiId');
  const ami = amis.find(({ ImageId }) => ImageId === amiId);
  const diskIds = ['Boot', 'Extra'].map((disk) => attribute(disk, 'SnapshotId'));
  const disks = diskIds.map((id) => snapshots.find(({ SnapshotId }) => SnapshotId === id));
  const isDeregistered = person === 'deletesAmi' && amiId !== undefined && ami === undefined;
  const state = person === 'disablesAmi' && ami?.State === 'disabled' ? 'available' : ami?.State;
  const is = JSON.stringify([
    ...disks.flatMap((disk) => [disk?.State, tagOf(disk, SOURCE_TAG)]),
    isDeregistered || [state, amiName && ami?.Name, tagOf(ami, 'team'), ami?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.SnapshotId)],
  ]);
  const wanted = JSON.stringify([
    ...[machine.boot, machine.data].flatMap((content) => ['completed', copiedKeyOf(content)]),
    isDeregistered || ['available', amiName, team, diskIds],
  ]);
  return is === wanted ? [] : [`the AMI ${String(amiId)} of ${stackName} is ${is}, and not ${wanted}`];
}

const SOURCE_TAG = 'cdk-vm-import:source-etag';

interface Tagged {
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[];
}

function tagOf(resource: Tagged | undefined, key: string): string | undefined {
  return resource?.Tags?.find(({ Key }) => Key === key)?.Value;
}

/** Returns the SHA-256 of each block of a disk, in base64. */
export function blocksOf(disk: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(disk.length / BLOCK) }, (_, index) => {
    const block = Buffer.alloc(BLOCK);
    block.set(disk.subarray(index * BLOCK, (index + 1) * BLOCK));
    return createHash('sha256').update(block).digest('base64');
  });
}
