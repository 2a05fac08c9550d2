/** Disks to copy, each with a content of its own, and whether all of it is in the snapshots that are complete. */
import { GetSnapshotBlockCommand, ListSnapshotBlocksCommand, type EBSClient } from '@aws-sdk/client-ebs';
import { clientsOf } from '../invocation-clients';
import { S3Double } from '../s3-double';
import type { StackRig } from '../stack-rig';

const BLOCK = 512 * 1024;
/** Two blocks, of which the last is not full. */
const DISK_SIZE = BLOCK + 512;

/** An Amazon S3 with disks of these names. The ETag of each is its name. */
export function disksNamed(...keys: readonly string[]): S3Double {
  const s3 = new S3Double();
  keys.forEach((key) => s3.putObject('exports', key, contentOf(key), { etag: `"${key}"` }));
  return s3;
}

function contentOf(key: string): Buffer {
  return Buffer.alloc(DISK_SIZE, `${key} `);
}

/** Returns what is wrong with the snapshots that are complete: a block that is missing, or that is not the bytes of the disk. */
export async function missingBlocks(rig: StackRig): Promise<string[]> {
  const { handle } = rig.cloud.requestHandler();
  const { ebs } = clientsOf({ importServices: handle, cloudFormation: handle, eventBridge: handle });
  const { snapshots } = await rig.cloud.state();
  const found: string[] = [];
  for (const { SnapshotId = '', State, Tags = [] } of snapshots) {
    const key = Tags.find((tag) => tag.Key === 'cdk-vm-import:source-etag')?.Value;
    if (State === 'completed' && key !== undefined) {
      found.push(...(await differences(ebs, SnapshotId, contentOf(key))).map((index) => `block ${index} of ${SnapshotId}`));
    }
  }
  return found;
}

async function differences(ebs: EBSClient, SnapshotId: string, disk: Buffer): Promise<number[]> {
  const { Blocks = [] } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }));
  const tokens = new Map(Blocks.map(({ BlockIndex, BlockToken }) => [BlockIndex, BlockToken]));
  const wrong: number[] = [];
  for (let index = 0; index * BLOCK < disk.length; index++) {
    const BlockToken = tokens.get(index);
    const written = BlockToken && await ebs.send(new GetSnapshotBlockCommand({ SnapshotId, BlockIndex: index, BlockToken }));
    const expected = Buffer.alloc(BLOCK);
    disk.copy(expected, 0, index * BLOCK);
    if (!written || !expected.equals((await written.BlockData?.transformToByteArray()) ?? Buffer.alloc(0))) {
      wrong.push(index);
    }
  }
  return wrong;
}
