import { readdirSync } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSnapshotBlockCommand, ListSnapshotBlocksCommand, PutSnapshotBlockCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { DeleteSnapshotCommand } from '@aws-sdk/client-ec2';
import { FakeClock } from '../clock';
import { Ec2AndImageBuilder } from '../emulator';
import { httpClients, sdkClients } from '../sdk-clients';
import { accountWithSnapshots, block, putBlock, sha256 } from './account-with-snapshot';
import { BLOCK_SIZE, BLOCKS_PER_GIB, FileBlockStore, noise, writeVolume } from './block-store';

async function written(blocks: ReadonlyMap<number, Buffer>, settings: Parameters<typeof accountWithSnapshots>[0] = {}) {
  const account = accountWithSnapshots(settings);
  const id = await account.start();
  for (const [index, data] of blocks) {
    await account.put(id, index, data);
  }
  await account.complete(id, blocks.size);
  account.clock.advance(60_000);
  return { ...account, id };
}

describe('PutSnapshotBlock', () => {
  test('answers the checksum, and the last write of a block wins', async () => {
    const { start, put, complete, clock, ebs } = accountWithSnapshots();
    const id = await start();
    const [first, second] = [block(), block()];
    expect(await put(id, 3, first)).toMatchObject({ Checksum: sha256(first), ChecksumAlgorithm: 'SHA256', $metadata: { httpStatusCode: 201 } });
    await put(id, 3, second);
    await complete(id, 1);
    clock.advance(60_000);
    const { Blocks: [found] = [] } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id }));
    const asked = new GetSnapshotBlockCommand({ SnapshotId: id, BlockIndex: 3, BlockToken: found?.BlockToken });
    const { BlockData, Checksum, DataLength } = await ebs.send(asked);
    expect(Buffer.from(await BlockData?.transformToByteArray() ?? []).equals(second)).toBe(true);
    expect({ Checksum, DataLength }).toEqual({ Checksum: sha256(second), DataLength: BLOCK_SIZE });
  });

  const data = block(7);
  test.each([
    ['a block that is too short', { BlockData: data.subarray(1), DataLength: BLOCK_SIZE - 1, Checksum: sha256(data.subarray(1)) }, 'INVALID_BLOCK'],
    ['a length that is not the body\'s', { BlockData: data.subarray(1), Checksum: sha256(data.subarray(1)) }, 'INVALID_BLOCK'],
    ['a checksum of something else', { Checksum: sha256(Buffer.alloc(1)) }, 'INVALID_BLOCK'],
    ['another checksum algorithm', { ChecksumAlgorithm: 'SHA1' as 'SHA256' }, 'INVALID_PARAMETER_VALUE'],
    ['progress beyond 100 %', { Progress: 101 }, 'INVALID_PARAMETER_VALUE'],
    ['the first block behind the volume', { BlockIndex: BLOCKS_PER_GIB }, 'INVALID_BLOCK'],
    ['a block before the volume', { BlockIndex: -1 }, 'INVALID_BLOCK'],
  ])('refuses %s', async (_, change, reason) => {
    const { start, complete, ebs } = accountWithSnapshots();
    const SnapshotId = await start();
    const request = { SnapshotId, BlockIndex: 0, BlockData: data, DataLength: BLOCK_SIZE, Checksum: sha256(data), ChecksumAlgorithm: 'SHA256' as const, ...change };
    await expect(ebs.send(new PutSnapshotBlockCommand(request))).rejects.toMatchObject({ name: 'ValidationException', Reason: reason });
    await complete(SnapshotId, 0);
  });

  test('takes the last block of the volume', async () => {
    const { start, put } = accountWithSnapshots();
    await put(await start(), BLOCKS_PER_GIB - 1, block(1));
  });

  test('is throttled beyond a thousand a second, for one snapshot and for all of the account', async () => {
    const account = accountWithSnapshots({ snapshotWritesPerSecond: 2, putSnapshotBlocksPerSecond: 4, blocks: 'counted' });
    const [one, other] = [await account.start(), await account.start()];
    await account.put(one, 0, data);
    await account.put(one, 1, data);
    await expect(account.put(one, 2, data)).rejects.toMatchObject({ name: 'RequestThrottledException', Reason: 'RESOURCE_LEVEL_THROTTLE' });
    await account.put(other, 0, data);
    await expect(account.put(other, 1, data)).rejects.toMatchObject({ name: 'ThrottlingException' });
    account.clock.advance(500);
    await account.put(other, 1, data);
  });

  test('refuses a second writer while the first one writes the same block', async () => {
    const emulator = new Ec2AndImageBuilder({ clock: new FakeClock(undefined, 'jump'), settings: { blockWriteMs: 100 } });
    const { ebs } = sdkClients(emulator);
    const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));
    const outcomes = await Promise.allSettled([0, 0, 1].map(async (index) => putBlock(ebs, SnapshotId, index, data)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { name: 'ValidationException', Reason: 'CONFLICTING_BLOCK_UPDATE' } });
    await putBlock(ebs, SnapshotId, 0, data);
  });

  test('does not find a snapshot that was started a moment ago, where the account is so', async () => {
    const { start, put, clock } = accountWithSnapshots({ answers: { ebsVisibility: 'aMinuteLater' } });
    const id = await start();
    await expect(put(id, 0, data)).rejects.toMatchObject({ name: 'ResourceNotFoundException', Reason: 'SNAPSHOT_NOT_FOUND', $metadata: { httpStatusCode: 404 } });
    clock.advance(60_000);
    await put(id, 0, data);
  });

  test('leaves the data out of the record of calls', async () => {
    const { start, put, emulator } = accountWithSnapshots();
    const id = await start();
    await put(id, 4, data);
    expect(emulator.calls({ service: 'ebs', action: 'PutSnapshotBlock' })).toMatchObject([{
      parameters: { SnapshotId: id, BlockIndex: 4, DataLength: BLOCK_SIZE, Checksum: sha256(data), ChecksumAlgorithm: 'SHA256' },
      resources: [id],
      outcome: { kind: 'answered', status: 201 },
    }]);
    expect(Object.keys(emulator.calls({ action: 'PutSnapshotBlock' })[0]?.parameters ?? {})).not.toContain('BlockData');
  });

  test.each([
    ['throttle', { kind: 'throttle' }, 'ThrottlingException', 400],
    ['serverError', { kind: 'serverError' }, 'InternalServerException', 500],
    ['error', { kind: 'error', code: 'RequestThrottledException', message: 'slow' }, 'RequestThrottledException', 400],
  ] as const)('meets the fault %s', async (_, effect, name, httpStatusCode) => {
    const { start, put, emulator } = accountWithSnapshots();
    const id = await start();
    emulator.addRule({ match: { service: 'ebs', action: 'PutSnapshotBlock', id, call: 1 }, effect });
    await expect(put(id, 0, data)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    await put(id, 0, data);
  });

  test('comes over HTTP as well', async () => {
    const emulator = new Ec2AndImageBuilder({ clock: new FakeClock() });
    const { ebs } = httpClients(emulator, await emulator.listen());
    try {
      const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));
      const random = block();
      expect(await putBlock(ebs, SnapshotId, 0, random)).toMatchObject({ Checksum: sha256(random) });
    } finally {
      ebs.destroy();
      await emulator.close();
    }
  });
});

describe('A completed snapshot', () => {
  test('lists the blocks that were written, in the order of indices, in pages', async () => {
    const blocks = new Map(Array.from({ length: 101 }, (_, index) => [(index * 7) % 1_000, block(1)]));
    const { ebs, id } = await written(blocks, { blocks: 'counted' });
    const first = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id, MaxResults: 100 }));
    const second = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id, MaxResults: 100, NextToken: first.NextToken }));
    const seen = [...first.Blocks ?? [], ...second.Blocks ?? []].map(({ BlockIndex }) => BlockIndex);
    expect(seen).toEqual([...blocks.keys()].sort((a, b) => a - b));
    expect(first).toMatchObject({ BlockSize: BLOCK_SIZE, VolumeSize: 1, ExpiryTime: expect.any(Date) });
    expect(second.NextToken).toBeUndefined();
    const rest = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id, StartingBlockIndex: seen[99] }));
    expect(rest.Blocks).toHaveLength(2);
    await expect(ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id, MaxResults: 99 }))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id, NextToken: 'x' }))).rejects.toMatchObject({ Reason: 'INVALID_PAGE_TOKEN' });
  });

  test('gives a block for its own token only', async () => {
    const { ebs, id } = await written(new Map([[0, block(1)], [1, block(2)]]));
    const { Blocks: [zero] = [] } = await ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: id }));
    await expect(ebs.send(new GetSnapshotBlockCommand({ SnapshotId: id, BlockIndex: 1, BlockToken: zero?.BlockToken }))).rejects.toMatchObject({ Reason: 'INVALID_BLOCK_TOKEN' });
  });

  test('is not read before it is completed', async () => {
    const { start, ebs } = accountWithSnapshots();
    await expect(ebs.send(new ListSnapshotBlocksCommand({ SnapshotId: await start() }))).rejects.toMatchObject({ Reason: 'INVALID_SNAPSHOT_ID' });
  });
});

describe('The volume of a snapshot', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'volumes-'));
  });

  afterAll(async () => rm(folder, { recursive: true }));

  async function read(path: string, index: number): Promise<Buffer> {
    const file = await open(path);
    try {
      return (await file.read(Buffer.alloc(BLOCK_SIZE), 0, BLOCK_SIZE, index * BLOCK_SIZE)).buffer;
    } finally {
      await file.close();
    }
  }

  test('has what was written, and zeros where nothing was', async () => {
    const data = block();
    const { emulator, id } = await written(new Map([[2_047, data]]));
    const path = join(folder, 'plain.raw');
    await emulator.writeVolume(id, path);
    expect((await stat(path)).size).toBe(1024 ** 3);
    expect((await read(path, 2_047)).equals(data)).toBe(true);
    expect((await read(path, 0)).equals(block(0))).toBe(true);
    await emulator.close();
  });

  test('has noise where nothing was written to an encrypted snapshot', async () => {
    const store = new FileBlockStore();
    const data = block();
    store.put(1, [data.subarray(0, 1_000), data.subarray(1_000)]);
    const path = join(folder, 'encrypted.raw');
    writeVolume({ snapshotId: 'snap-1', blocks: 3, encrypted: true, written: [1], store }, path);
    store.delete();
    expect((await stat(path)).size).toBe(3 * BLOCK_SIZE);
    expect((await read(path, 1)).equals(data)).toBe(true);
    expect((await read(path, 0)).equals(noise('snap-1', 0))).toBe(true);
    expect((await read(path, 0)).equals(await read(path, 2))).toBe(false);
    expect(noise('snap-2', 0).equals(noise('snap-1', 0))).toBe(false);
  });

  test('is not there before the snapshot is completed, or where no block was stored', async () => {
    const { start, emulator } = accountWithSnapshots();
    await expect(emulator.writeVolume(await start(), join(folder, 'pending.raw'))).rejects.toThrow('is not a completed snapshot');
    const counted = await written(new Map([[0, block(1)]]), { blocks: 'counted' });
    await expect(counted.emulator.writeVolume(counted.id, join(folder, 'counted.raw'))).rejects.toThrow('store no blocks');
  });

  test('takes no space once the snapshot is deleted, or the emulator closed', async () => {
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const { emulator, ec2, start, put } = accountWithSnapshots();
    const before = openFiles();
    const [one, other] = [await start(), await start()];
    await put(one, 0, block(1));
    await put(other, 0, block(1));
    expect(openFiles()).toBe(before + 2);
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: one }));
    expect(openFiles()).toBe(before + 1);
    await emulator.close();
    expect(openFiles()).toBe(before);
  });
});
