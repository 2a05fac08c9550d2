import { createHash, randomBytes } from 'node:crypto';
import { CompleteSnapshotCommand, EBSClient, PutSnapshotBlockCommand, StartSnapshotCommand, type StartSnapshotRequest } from '@aws-sdk/client-ebs';
import { accountWithDisk } from '../sdk-clients';
import type { Settings } from '../settings';
import { BLOCK_SIZE } from './block-store';

/** An account, and short ways to write a snapshot of 1 GiB through the EBS direct APIs. */
export function accountWithSnapshots(settings: Partial<Settings> = {}) {
  const account = accountWithDisk(settings);
  const { ebs } = account;
  return {
    ...account,
    start: async (request: Partial<StartSnapshotRequest> = {}) => {
      const { SnapshotId } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1, ...request }));
      return SnapshotId ?? '';
    },
    put: async (SnapshotId: string, BlockIndex: number, data: Buffer) => putBlock(ebs, SnapshotId, BlockIndex, data),
    complete: async (SnapshotId: string, ChangedBlocksCount: number) => ebs.send(new CompleteSnapshotCommand({ SnapshotId, ChangedBlocksCount })),
  };
}

export async function putBlock(ebs: EBSClient, SnapshotId: string, BlockIndex: number, data: Buffer) {
  return ebs.send(new PutSnapshotBlockCommand({
    SnapshotId, BlockIndex, BlockData: data, DataLength: data.byteLength, Checksum: sha256(data), ChecksumAlgorithm: 'SHA256',
  }));
}

export function block(fill: number | 'random' = 'random'): Buffer {
  return fill === 'random' ? randomBytes(BLOCK_SIZE) : Buffer.alloc(BLOCK_SIZE, fill);
}

export function sha256(...data: readonly Buffer[]): string {
  const hash = createHash('sha256');
  data.forEach((part) => hash.update(part));
  return hash.digest('base64');
}
