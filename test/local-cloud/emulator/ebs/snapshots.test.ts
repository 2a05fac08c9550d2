import { CompleteSnapshotCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { CreateTagsCommand, DeleteSnapshotCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { accountWithSnapshots, block, sha256 } from './account-with-snapshot';

const MINUTE = 60_000;

async function describe1({ ec2 }: ReturnType<typeof accountWithSnapshots>, id: string) {
  return (await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots?.[0];
}

describe('StartSnapshot', () => {
  test('answers a pending snapshot, which EC2 describes, tags and deletes', async () => {
    const account = accountWithSnapshots();
    const { ebs, ec2, emulator, clock } = account;
    const started = await ebs.send(new StartSnapshotCommand({ VolumeSize: 3, Description: 'root disk', Tags: [{ Key: 'a', Value: '1' }] }));
    expect(started).toMatchObject({
      BlockSize: 524_288,
      Description: 'root disk',
      OwnerId: '000000000000',
      Status: 'pending',
      VolumeSize: 3,
      Tags: [{ Key: 'a', Value: '1' }],
      StartTime: new Date(clock.now()),
      SnapshotId: expect.stringMatching(/^snap-[0-9a-f]{17}$/),
    });
    const id = started.SnapshotId ?? '';
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'b', Value: '2' }] }));
    expect(await describe1(account, id)).toMatchObject({
      State: 'pending', Progress: '0%', Encrypted: false, VolumeSize: 3, Description: 'root disk', Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }],
    });
    expect((await emulator.remaining()).snapshots).toEqual([id]);
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
    expect((await emulator.remaining()).snapshots).toEqual([]);
  });

  test.each([
    ['a volume of 0 GiB', { VolumeSize: 0 }, 'INVALID_VOLUME_SIZE'],
    ['a volume of more than 64 TiB', { VolumeSize: 65_537 }, 'INVALID_VOLUME_SIZE'],
    ['a volume of half a GiB', { VolumeSize: 1.5 }, 'INVALID_VOLUME_SIZE'],
    ['a timeout of 9 minutes', { Timeout: 9 }, 'INVALID_PARAMETER_VALUE'],
    ['a timeout of more than three days', { Timeout: 4_321 }, 'INVALID_PARAMETER_VALUE'],
    ['a long description', { Description: 'x'.repeat(256) }, 'INVALID_PARAMETER_VALUE'],
    ['a long client token', { ClientToken: 'x'.repeat(65) }, 'INVALID_PARAMETER_VALUE'],
    ['a parent together with encryption', { ParentSnapshotId: 'snap-0123456789abcdef0', Encrypted: true }, 'INVALID_PARAMETER_VALUE'],
    ['a key id instead of its ARN', { Encrypted: true, KmsKeyArn: '0123' }, 'INVALID_CUSTOMER_KEY'],
    ['a key without encryption', { KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/0123' }, 'INVALID_PARAMETER_VALUE'],
    ['a reserved tag key', { Tags: [{ Key: 'aws:x', Value: '' }] }, 'INVALID_TAG'],
  ])('refuses %s', async (_, request, reason) => {
    const { start, emulator } = accountWithSnapshots();
    await expect(start(request)).rejects.toMatchObject({ name: 'ValidationException', Reason: reason });
    expect((await emulator.remaining()).snapshots).toEqual([]);
  });

  test('answers the same snapshot to the same token, and refuses it with other parameters', async () => {
    const { start, emulator } = accountWithSnapshots();
    const first = await start({ ClientToken: 'token' });
    expect(await start({ ClientToken: 'token' })).toBe(first);
    await expect(start({ ClientToken: 'token', VolumeSize: 2 })).rejects.toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
    expect((await emulator.remaining()).snapshots).toEqual([first]);
  });

  test.each([
    ['not, unless asked', {}, {}, false, undefined],
    ['by the key that AWS manages', {}, { Encrypted: true }, true, undefined],
    ['by the given key', {}, { Encrypted: true, KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1' }, true, 'arn:aws:kms:us-east-1:000000000000:key/1'],
    ['by default where the account says so', { encryptionByDefault: true }, {}, true, undefined],
    ['by the default key of the account', { encryptionByDefault: true, defaultKmsKeyId: 'arn:k', defaultKeyGrantedTo: 'everybody' as const }, {}, true, 'arn:k'],
  ])('encrypts %s', async (_, settings, request, encrypted, key) => {
    const account = accountWithSnapshots(settings);
    const id = await account.start(request);
    expect(await describe1(account, id)).toMatchObject({ Encrypted: encrypted });
    expect((await describe1(account, id))?.KmsKeyId).toBe(key);
  });

  test('is denied to a caller who may not use the default key of the account', async () => {
    const { start } = accountWithSnapshots({ encryptionByDefault: true, defaultKmsKeyId: 'arn:k' });
    await expect(start()).rejects.toMatchObject({ name: 'AccessDeniedException', Reason: 'DEPENDENCY_ACCESS_DENIED' });
  });

  test('makes no unencrypted snapshot in an account that encrypts by default', async () => {
    const { start } = accountWithSnapshots({ encryptionByDefault: true });
    await expect(start({ Encrypted: false })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('is throttled beyond ten a second', async () => {
    const { start, clock } = accountWithSnapshots();
    await Promise.all(Array.from({ length: 10 }, async () => start()));
    await expect(start()).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
    clock.advance(100);
    await start();
  });

  test('allows only so many pending snapshots', async () => {
    const { start, ec2 } = accountWithSnapshots({ pendingSnapshotQuota: 2 });
    const first = await start();
    await start();
    await expect(start()).rejects.toMatchObject({ name: 'ConcurrentLimitExceededException' });
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: first }));
    await start();
  });
});

describe('A snapshot that nobody goes on with', () => {
  test.each([['an hour', {}, 60], ['its timeout', { Timeout: 10 }, 10]])('is in error after %s, and takes no more', async (_, request, minutes) => {
    const account = accountWithSnapshots();
    const id = await account.start(request);
    account.clock.advance(minutes * MINUTE - 1);
    expect(await describe1(account, id)).toMatchObject({ State: 'pending' });
    account.clock.advance(1);
    expect(await describe1(account, id)).toMatchObject({ State: 'error' });
    await expect(account.put(id, 0, block(1))).rejects.toMatchObject({ name: 'ValidationException', Reason: 'INVALID_SNAPSHOT_ID' });
    await expect(account.complete(id, 0)).rejects.toMatchObject({ name: 'ValidationException', Reason: 'INVALID_SNAPSHOT_ID' });
  });

  test('has its timeout again after each block', async () => {
    const account = accountWithSnapshots();
    const id = await account.start({ Timeout: 10 });
    account.clock.advance(9 * MINUTE);
    await account.put(id, 0, block(1));
    account.clock.advance(9 * MINUTE);
    expect(await describe1(account, id)).toMatchObject({ State: 'pending' });
    account.clock.advance(MINUTE);
    expect(await describe1(account, id)).toMatchObject({ State: 'error' });
  });
});

describe('CompleteSnapshot', () => {
  test('completes after a while, and leaves nothing to write', async () => {
    const account = accountWithSnapshots();
    const id = await account.start();
    await account.put(id, 0, block(1));
    expect(await account.complete(id, 1)).toMatchObject({ Status: 'pending', $metadata: { httpStatusCode: 202 } });
    await expect(account.put(id, 1, block(1))).rejects.toMatchObject({ name: 'ValidationException', Reason: 'INVALID_SNAPSHOT_ID' });
    expect(await describe1(account, id)).toMatchObject({ State: 'pending' });
    account.clock.advance(10_000);
    expect(await describe1(account, id)).toMatchObject({ State: 'completed', Progress: '100%' });
    expect(await account.complete(id, 1)).toMatchObject({ Status: 'completed' });
  });

  test('counts blocks, not writes', async () => {
    const { start, put, complete } = accountWithSnapshots();
    const id = await start();
    await put(id, 5, block(1));
    await put(id, 5, block(2));
    await put(id, 7, block(3));
    await expect(complete(id, 3)).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('2 blocks') });
    await complete(id, 2);
  });

  test('verifies the linear checksum: SHA-256 over the checksums in the order of indices', async () => {
    const { start, put, ebs } = accountWithSnapshots();
    const id = await start();
    const [low, high] = [block(), block()];
    await put(id, 9, high);
    await put(id, 2, low);
    const send = async (Checksum: string, more: object = {}) => ebs.send(new CompleteSnapshotCommand({
      SnapshotId: id, ChangedBlocksCount: 2, Checksum, ChecksumAlgorithm: 'SHA256', ChecksumAggregationMethod: 'LINEAR', ...more,
    }));
    const over = (...blocks: readonly Buffer[]) => sha256(...blocks.map((one) => Buffer.from(sha256(one), 'base64')));
    await expect(send(over(high, low))).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('checksum') });
    await expect(send(over(low, high), { ChecksumAggregationMethod: undefined })).rejects.toMatchObject({ name: 'ValidationException' });
    await send(over(low, high));
  });

  test('is throttled beyond ten a second', async () => {
    const { start, complete } = accountWithSnapshots();
    const id = await start();
    await Promise.all(Array.from({ length: 10 }, async () => complete(id, 0)));
    await expect(complete(id, 0)).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  test.each([['that never was', 'snap-0123456789abcdef0', 'ResourceNotFoundException'], ['whose id is not one', 'vol-1', 'ValidationException']])(
    'knows no snapshot %s', async (_, id, name) => {
      await expect(accountWithSnapshots().complete(id, 0)).rejects.toMatchObject({ name });
    });
});
