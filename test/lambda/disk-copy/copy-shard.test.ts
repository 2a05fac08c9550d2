import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { CompleteSnapshotCommand } from '@aws-sdk/client-ebs';
import { MemoryS3 } from './memory-s3';
import { copyShard } from '../../../lambda/disk-copy/copy-shard';
import { Pace } from '../../../lambda/disk-copy/pace';
import { blocksOfShard, planDiskCopy } from '../../../lambda/disk-copy/plan';
import { BLOCK_SIZE, MOST_HASHED_BLOCKS, type DiskCopy, type ShardResult } from '../../../src/shared/contract/disk-copy';
import { streamVmdk } from '../../disk-images/stream-vmdk';
import { accountWithSnapshots } from '../../local-cloud/emulator/ebs/account-with-snapshot';

type Account = ReturnType<typeof accountWithSnapshots>;

/** A disk of 5 blocks and a bit: data in the blocks 0, 2 and 5. */
function guestDisk(): Buffer {
  const disk = Buffer.alloc(5 * BLOCK_SIZE + 1536);
  disk.write('boot sector', 0);
  disk.fill('data ', 2 * BLOCK_SIZE + 4096, 2 * BLOCK_SIZE + 300_000);
  disk.write('the end', disk.length - 512);
  return disk;
}

function runtimeOf(account: Account, s3: MemoryS3) {
  const clock = { now: () => account.clock.now(), pause: async (ms: number) => account.clock.advance(ms) };
  return { s3: s3.client(), ebs: account.ebs, pace: new Pace(clock), random: () => 0.5, ...clock };
}

interface Given {
  readonly image: Uint8Array;
  readonly format: DiskCopy['format'];
  readonly unallocatedBlocks?: DiskCopy['unallocatedBlocks'];
  readonly blocksPerShard?: number;
  readonly virtualSize?: number;
  readonly settings?: Parameters<typeof accountWithSnapshots>[0];
  /** What Amazon S3 answers with a range of the image. */
  readonly answer?: (bytes: Uint8Array, account: Account) => Readable;
}

/** Copies all shards of a disk one after the other. */
async function copied({ image, format, unallocatedBlocks = 'write', blocksPerShard = 2, virtualSize = guestDisk().length, settings = {}, answer = bytes => Readable.from([bytes]) }: Given) {
  const account = accountWithSnapshots(settings);
  const s3 = new MemoryS3(image, bytes => answer(bytes, account));
  const snapshotId = await account.start();
  const { copy } = planDiskCopy({ source: s3.source(), format, snapshotId, unallocatedBlocks, virtualSize });
  const divided = { ...copy, blocksPerShard };
  const results: ShardResult[] = [];
  for (let shard = 0; blocksOfShard(divided, shard).first < copy.blocks; shard++) {
    results.push(await copyShard({ copy: divided, shard }, runtimeOf(account, s3)));
  }
  return { account, snapshotId, results, s3 };
}

/** Completes the snapshot with the count and the checksum of the results, and reads the volume. */
async function volumeOf({ account, snapshotId, results }: Awaited<ReturnType<typeof copied>>): Promise<Buffer> {
  const hashes = createHash('sha256');
  results.forEach(result => hashes.update(result.hashes ?? '', 'base64'));
  await account.ebs.send(new CompleteSnapshotCommand({
    SnapshotId: snapshotId,
    ChangedBlocksCount: results.reduce((sum, { blocksWritten }) => sum + blocksWritten, 0),
    Checksum: hashes.digest('base64'),
    ChecksumAlgorithm: 'SHA256',
    ChecksumAggregationMethod: 'LINEAR',
  }));
  account.clock.advance(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'volume-'));
  try {
    await account.emulator.writeVolume(snapshotId, join(folder, 'volume'));
    return beginningOf(join(folder, 'volume'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The blocks of a volume that the disk reaches: the rest of its GiB is a hole. */
function beginningOf(path: string): Buffer {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(6 * BLOCK_SIZE);
  readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  return bytes;
}

/** The disk as a volume has it: filled up to a whole block. */
const wholeBlocks = Buffer.concat([guestDisk()], 6 * BLOCK_SIZE);
const stream = streamVmdk(guestDisk());
const blocksPut = ({ emulator }: Account) => emulator.calls({ action: 'PutSnapshotBlock' }).length;

describe('the copy of a shard', () => {
  test.each([['RAW', guestDisk()], ['VMDK', stream]] as const)('writes every block of a %s disk with one call, and EBS confirms count and checksum', async (format, image) => {
    const copy = await copied({ image, format });
    expect(copy.results.map(({ shard, blocksWritten }) => [shard, blocksWritten])).toEqual([[0, 2], [1, 2], [2, 2]]);
    expect(blocksPut(copy.account)).toBe(6);
    expect((await volumeOf(copy)).equals(wholeBlocks)).toBe(true);
  });

  test.each([['RAW', guestDisk()], ['VMDK', stream]] as const)('writes nothing of an earlier disk into the holes and behind the end of a %s disk', async (format, image) => {
    await copied({ image: Buffer.alloc(wholeBlocks.length, 0xff), format: 'RAW', blocksPerShard: 6, virtualSize: wholeBlocks.length });
    const copy = await copied({ image, format, blocksPerShard: 6 });
    expect((await volumeOf(copy)).equals(wholeBlocks)).toBe(true);
  });

  test('leaves out on request what the format does not allocate, but never the first block', async () => {
    const data = guestDisk().fill(0, 0, BLOCK_SIZE);
    const copy = await copied({ image: streamVmdk(data), format: 'VMDK', unallocatedBlocks: 'omit' });
    expect(copy.results.map(({ blocksWritten }) => blocksWritten)).toEqual([1, 1, 1]);
    expect((await volumeOf(copy)).equals(Buffer.concat([data], 6 * BLOCK_SIZE))).toBe(true);
  });

  test('writes zeros of a RAW disk even if unallocated blocks are left out: RAW allocates everything', async () => {
    const { results } = await copied({ image: guestDisk(), format: 'RAW', unallocatedBlocks: 'omit' });
    expect(results.map(({ blocksWritten }) => blocksWritten)).toEqual([2, 2, 2]);
  });

  test('gives the same result when it runs again', async () => {
    const first = await copied({ image: stream, format: 'VMDK', blocksPerShard: 6 });
    const { copy } = planDiskCopy({ source: first.s3.source(), format: 'VMDK', snapshotId: first.snapshotId, unallocatedBlocks: 'write', virtualSize: guestDisk().length });
    expect(await copyShard({ copy: { ...copy, blocksPerShard: 6 }, shard: 0 }, runtimeOf(first.account, first.s3))).toEqual(first.results[0]);
    expect((await volumeOf(first)).equals(wholeBlocks)).toBe(true);
  });

  test('sums up the blocks in their order, whichever of them were written first', async () => {
    const image = Buffer.alloc(17 * BLOCK_SIZE, 'data');
    image.write('the last block', 16 * BLOCK_SIZE);
    const slow = async function* (bytes: Uint8Array, account: Account) {
      while (blocksPut(account) === 0) await turn();
      yield bytes;
    };
    const copy = await copied({
      image,
      format: 'RAW',
      blocksPerShard: 17,
      virtualSize: image.length,
      answer: (bytes, account) => Readable.from(bytes.length > BLOCK_SIZE ? slow(bytes, account) : [bytes]),
    });
    const first = copy.account.emulator.calls({ action: 'PutSnapshotBlock' })[0];
    expect(first?.parameters).toMatchObject({ BlockIndex: 16 });
    expect((await volumeOf(copy)).equals(image.subarray(0, wholeBlocks.length))).toBe(true);
  });

  test('returns no hashes if they would not fit a result', async () => {
    const { results } = await copied({ image: guestDisk(), format: 'RAW', blocksPerShard: MOST_HASHED_BLOCKS + 1 });
    expect(results).toEqual([{ shard: 0, blocksWritten: 6 }]);
  });

  test('waits while EBS does not find the new snapshot, and while it throttles', async () => {
    const copy = await copied({ image: guestDisk(), format: 'RAW', settings: { answers: { ebsVisibility: 'aMinuteLater' }, snapshotWritesPerSecond: 3 } });
    expect((await volumeOf(copy)).equals(wholeBlocks)).toBe(true);
  });

  test('reads a large window with one request', async () => {
    const { s3 } = await copied({ image: guestDisk(), format: 'RAW', blocksPerShard: 6 });
    expect(s3.ranges).toEqual([`bytes=0-${guestDisk().length - 1}`]);
  });

  test('fails with a sentence if the object is overwritten meanwhile, and writes nothing more', async () => {
    const account = accountWithSnapshots();
    const s3 = new MemoryS3(guestDisk());
    const { copy } = planDiskCopy({ source: s3.source(), format: 'RAW', snapshotId: await account.start(), unallocatedBlocks: 'write', virtualSize: guestDisk().length });
    s3.eTag = '"2"';
    await expect(copyShard({ copy, shard: 0 }, runtimeOf(account, s3))).rejects.toMatchObject({
      name: 'SourceChanged', message: 's3://images/disk was overwritten while it was copied: deploy again to copy the new object.',
    });
    expect(blocksPut(account)).toBe(0);
  });
});
