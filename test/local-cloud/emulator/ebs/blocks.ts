import { createHash } from 'node:crypto';
import type {
  GetSnapshotBlockRequest, GetSnapshotBlockResponse, ListSnapshotBlocksRequest, ListSnapshotBlocksResponse, PutSnapshotBlockRequest,
  PutSnapshotBlockResponse,
} from '@aws-sdk/client-ebs';
import type { Call } from '../call';
import { wait } from '../clock';
import { BLOCK_SIZE, BLOCKS_PER_GIB } from './block-store';
import { openSnapshotNamed, snapshotNamed } from './direct-snapshot';
import { DirectSnapshot, isDirect } from './direct-upload';
import { accountThrottled, invalid, throttled } from './errors';

const WEEK_MS = 7 * 24 * 60 * 60_000;
const PAGE = { min: 100, max: 10_000 };

/** @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_PutSnapshotBlock.html */
export async function putSnapshotBlock(
  request: Omit<PutSnapshotBlockRequest, 'BlockData'>, call: Call, data: readonly Buffer[],
): Promise<PutSnapshotBlockResponse> {
  const { world } = call;
  if (!world.limits.putSnapshotBlock.take(call.now)) {
    throw accountThrottled(call);
  }
  const snapshot = openSnapshotNamed(request.SnapshotId ?? '', call);
  const { direct } = snapshot;
  const index = indexIn(snapshot, request.BlockIndex);
  if (!direct.writes.take(call.now)) {
    throw throttled('RESOURCE_LEVEL_THROTTLE');
  }
  const checksum = checkedData(request, data);
  if (direct.writing.has(index)) {
    throw invalid('CONFLICTING_BLOCK_UPDATE', `Block ${index} of ${snapshot.id} is being written by another request`);
  }
  if (world.settings.blockWriteMs > 0) {
    direct.writing.add(index);
    await wait(world.clock, world.settings.blockWriteMs, world.signal);
    direct.writing.delete(index);
    openSnapshotNamed(snapshot.id, { ...call, now: world.clock.now() });
  }
  direct.blocks.put(index, data);
  direct.written.set(index, checksum);
  direct.lastWriteAt = world.clock.now();
  call.touched.add(snapshot.id);
  return { Checksum: request.Checksum, ChecksumAlgorithm: 'SHA256' };
}

/** @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_ListSnapshotBlocks.html */
export function listSnapshotBlocks(request: ListSnapshotBlocksRequest, call: Call): ListSnapshotBlocksResponse {
  const snapshot = readable(request.SnapshotId, call);
  const { MaxResults = PAGE.max, NextToken, StartingBlockIndex = 0 } = request;
  if (MaxResults < PAGE.min || MaxResults > PAGE.max) {
    throw invalid('INVALID_PARAMETER_VALUE', `MaxResults must be ${PAGE.min} to ${PAGE.max}, got ${MaxResults}`);
  }
  const from = NextToken === undefined ? StartingBlockIndex : pageStart(NextToken);
  const indices = [...snapshot.direct.written.keys()].filter((index) => index >= from).sort((a, b) => a - b);
  const next = indices[MaxResults];
  call.touched.add(snapshot.id);
  return {
    Blocks: indices.slice(0, MaxResults).map((BlockIndex) => ({ BlockIndex, BlockToken: tokenOf(snapshot, BlockIndex) })),
    BlockSize: BLOCK_SIZE,
    ExpiryTime: new Date(call.now + WEEK_MS),
    NextToken: next === undefined ? undefined : Buffer.from(`from:${next}`).toString('base64'),
    VolumeSize: snapshot.description.VolumeSize,
  };
}

/** @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_GetSnapshotBlock.html */
export function getSnapshotBlock(
  request: GetSnapshotBlockRequest, call: Call,
): { readonly answer: Omit<GetSnapshotBlockResponse, 'BlockData'>; readonly data: Buffer } {
  const snapshot = readable(request.SnapshotId, call);
  const index = indexIn(snapshot, request.BlockIndex);
  const checksum = snapshot.direct.written.get(index);
  if (!checksum || request.BlockToken !== tokenOf(snapshot, index)) {
    throw invalid('INVALID_BLOCK_TOKEN', `The block token is not the one of block ${index} of ${snapshot.id}`);
  }
  const data = snapshot.direct.blocks.get(index);
  if (!data) {
    throw new Error('The emulator was told to store no blocks, so none can be read');
  }
  call.touched.add(snapshot.id);
  return { answer: { Checksum: checksum.toString('base64'), ChecksumAlgorithm: 'SHA256', DataLength: BLOCK_SIZE }, data };
}

/** Returns the checksum of data that has the right size and is what the client says that it sent. */
function checkedData({ DataLength, Checksum, ChecksumAlgorithm, Progress = 0 }: Omit<PutSnapshotBlockRequest, 'BlockData'>, data: readonly Buffer[]): Buffer {
  const length = data.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (DataLength !== BLOCK_SIZE || length !== BLOCK_SIZE) {
    throw invalid('INVALID_BLOCK', `A block has ${BLOCK_SIZE} bytes; DataLength says ${DataLength}, the body has ${length}`);
  }
  if (ChecksumAlgorithm !== 'SHA256') {
    throw invalid('INVALID_PARAMETER_VALUE', `The only checksum algorithm is SHA256, got ${ChecksumAlgorithm}`);
  }
  if (Progress < 0 || Progress > 100) {
    throw invalid('INVALID_PARAMETER_VALUE', `Progress must be 0 to 100, got ${Progress}`);
  }
  const hash = createHash('sha256');
  data.forEach((piece) => hash.update(piece));
  const checksum = hash.digest();
  if (checksum.toString('base64') !== Checksum) {
    throw invalid('INVALID_BLOCK', 'The checksum does not match the data of the block');
  }
  return checksum;
}

function indexIn({ id, description: { VolumeSize = 0 } }: DirectSnapshot, index: number | undefined): number {
  if (index === undefined || index < 0 || index >= VolumeSize * BLOCKS_PER_GIB) {
    throw invalid('INVALID_BLOCK', `The block index ${index} is outside the volume of ${VolumeSize} GiB of ${id}`);
  }
  return index;
}

function readable(id: string | undefined, call: Call): DirectSnapshot {
  const snapshot = snapshotNamed(id ?? '', call);
  if (!isDirect(snapshot)) {
    throw new Error(`The emulator knows the blocks of snapshots written through the EBS direct APIs only, not of ${snapshot.id}`);
  }
  if (snapshot.description.State !== 'completed') {
    throw invalid('INVALID_SNAPSHOT_ID', `The snapshot '${snapshot.id}' is ${snapshot.description.State}, not completed`);
  }
  return snapshot;
}

function tokenOf({ id }: DirectSnapshot, index: number): string {
  return Buffer.from(`${id}/${index}`).toString('base64');
}

function pageStart(token: string): number {
  const start = /^from:([0-9]+)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (start === undefined) {
    throw invalid('INVALID_PAGE_TOKEN', `The page token '${token}' is not valid`);
  }
  return Number(start);
}
