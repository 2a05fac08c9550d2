import {
  DeleteSnapshotCommand, DeregisterImageCommand, DescribeImagesCommand, DescribeSnapshotsCommand, ImportImageCommand, paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import { accountWithDisk, DISK } from '../sdk-clients';

async function imported() {
  const account = accountWithDisk();
  await account.ec2.send(new ImportImageCommand({ DiskContainers: [DISK, DISK], Platform: 'Linux' }));
  account.clock.advance(20 * 60_000);
  const { amis: [ami = ''], snapshots: [one = '', two = ''] } = await account.emulator.remaining();
  return { ...account, ami, one, two };
}

describe('An AMI', () => {
  test.each([
    ['image-id', '$ami', 1], ['state', 'available', 1], ['state', 'pending', 0], ['architecture', 'x86_64', 1], ['name', 'import-ami-*', 1],
    ['owner-id', '000000000000', 1], ['block-device-mapping.snapshot-id', '$one', 1], ['platform', 'windows', 0],
  ])('is found by the filter %s=%s: %i', async (Name, value, count) => {
    const { ec2, ami, one } = await imported();
    const Values = [value.replace('$ami', ami).replace('$one', one)];
    expect((await ec2.send(new DescribeImagesCommand({ Filters: [{ Name, Values }] }))).Images).toHaveLength(count);
  });

  test('belongs to its account only', async () => {
    const { ec2 } = await imported();
    expect((await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images).toHaveLength(1);
    expect((await ec2.send(new DescribeImagesCommand({ Owners: ['000000000000'] }))).Images).toHaveLength(1);
    expect((await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }))).Images).toHaveLength(0);
  });

  test('once deregistered is unavailable, and leaves its snapshots', async () => {
    const { ec2, ami, emulator } = await imported();
    await ec2.send(new DeregisterImageCommand({ ImageId: ami }));
    await expect(ec2.send(new DeregisterImageCommand({ ImageId: ami }))).rejects.toMatchObject({ name: 'InvalidAMIID.Unavailable' });
    expect(await emulator.remaining()).toMatchObject({ amis: [], snapshots: [expect.any(String), expect.any(String)] });
  });

  test('takes its snapshots with it when asked to', async () => {
    const { ec2, ami, one, two, emulator } = await imported();
    const { DeleteSnapshotResults } = await ec2.send(new DeregisterImageCommand({ ImageId: ami, DeleteAssociatedSnapshots: true }));
    expect(DeleteSnapshotResults).toEqual([{ SnapshotId: one, ReturnCode: 'success' }, { SnapshotId: two, ReturnCode: 'success' }]);
    expect((await emulator.remaining()).snapshots).toEqual([]);
  });

  test.each([
    ['that never was', 'ami-0123456789abcdef0', 'InvalidAMIID.NotFound'],
    ['whose id is none', 'i-1', 'InvalidAMIID.Malformed'],
  ])('%s cannot be described or deregistered', async (_, ImageId, code) => {
    const { ec2 } = accountWithDisk();
    await expect(ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }))).rejects.toMatchObject({ name: code });
    await expect(ec2.send(new DeregisterImageCommand({ ImageId }))).rejects.toMatchObject({ name: code });
  });
});

describe('A snapshot', () => {
  test('cannot be deleted while an AMI uses it, then can, once', async () => {
    const { ec2, ami, one, emulator } = await imported();
    const remove = async () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: one }));
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidSnapshot.InUse', message: expect.stringContaining(ami) });
    await ec2.send(new DeregisterImageCommand({ ImageId: ami }));
    await remove();
    expect((await emulator.remaining()).snapshots).not.toContain(one);
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
  });

  test('is described by id and by filter, and not at all when unknown', async () => {
    const { ec2, one } = await imported();
    expect((await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [one] }))).Snapshots).toMatchObject([{ SnapshotId: one, VolumeSize: 1 }]);
    expect((await ec2.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'snapshot-id', Values: [one] }] }))).Snapshots).toHaveLength(1);
    await expect(ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: ['snap-0123456789abcdef0'] }))).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    await expect(ec2.send(new DescribeSnapshotsCommand({ MaxResults: 4 }))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('is shown once over all pages, even if others go in between', async () => {
    const { ec2, emulator } = accountWithDisk();
    const given = Array.from({ length: 12 }, () => emulator.giveSnapshot());
    const seen: (string | undefined)[] = [];
    for await (const page of paginateDescribeSnapshots({ client: ec2, pageSize: 5 }, { OwnerIds: ['self'] })) {
      seen.push(...(page.Snapshots ?? []).map(({ SnapshotId }) => SnapshotId));
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId: seen.at(-1) }));
    }
    expect(seen).toEqual(given);
  });
});
