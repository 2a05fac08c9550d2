import { snapshotExists, snapshotsOfImport } from '../../../lambda/aws/snapshots';

type Asked = Parameters<typeof snapshotExists>[0];
const answering = (send: () => Promise<object>) => ({ ec2: { send }, signal: AbortSignal.timeout(60_000) }) as unknown as Asked;
const refusing = (name: string) => answering(async () => {
  throw Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
});

test('a snapshot exists if EC2 describes it by its id', async () => {
  expect(await snapshotExists(answering(async () => ({ Snapshots: [{}] })), 'snap-1')).toBe(true);
  expect(await snapshotExists(refusing('InvalidSnapshot.NotFound'), 'snap-1')).toBe(false);
  await expect(snapshotExists(refusing('RequestLimitExceeded'), 'snap-1')).rejects.toThrow('RequestLimitExceeded');
});

test('a snapshot is encrypted if EC2 says so', async () => {
  const Snapshots = [{ SnapshotId: 'snap-1', Encrypted: true }, { SnapshotId: 'snap-2', Encrypted: false }, { SnapshotId: 'snap-3' }]
    .map((snapshot) => ({ ...snapshot, Tags: [{ Key: 'cdk-vm-import:id', Value: 'vm-import-1' }] }));
  const found = await snapshotsOfImport(answering(async () => ({ Snapshots })), 'vm-import-1');
  expect(found.map(({ id, encryption }) => [id, encryption])).toEqual([['snap-1', 'encrypted'], ['snap-2', 'none'], ['snap-3', 'none']]);
});
