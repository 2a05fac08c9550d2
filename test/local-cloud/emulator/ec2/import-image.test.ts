import { DescribeImagesCommand, DescribeImportImageTasksCommand, DescribeSnapshotsCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import type { ImportImageCommandInput } from '@aws-sdk/client-ec2';
import { accountWithDisk, DISK } from '../sdk-clients';

const MINUTE = 60_000;

describe('ImportImage refuses', () => {
  const refused: [string, ImportImageCommandInput, string][] = [
    ['no disks', {}, 'MissingParameter'],
    ['22 disks', { DiskContainers: Array.from({ length: 22 }, () => DISK) }, 'InvalidParameter'],
    ['a disk without a source', { DiskContainers: [{ Format: 'VMDK' }] }, 'InvalidParameter'],
    ['a disk with two sources', { DiskContainers: [{ ...DISK, SnapshotId: 'snap-00000000' }] }, 'InvalidParameter'],
    ['a bucket without a key', { DiskContainers: [{ UserBucket: { S3Bucket: 'bucket' } }] }, 'InvalidParameter'],
    ['a format it does not know', { DiskContainers: [{ ...DISK, Format: 'QCOW2' }] }, 'InvalidParameterValue'],
    ['a URL that is neither https nor s3', { DiskContainers: [{ Url: 'ftp://host/disk.vmdk' }] }, 'InvalidParameter'],
    ['a snapshot that is not there', { DiskContainers: [{ SnapshotId: 'snap-0123456789abcdef0' }] }, 'InvalidSnapshot.NotFound'],
    ['a snapshot id that is none', { DiskContainers: [{ SnapshotId: 'vol-1' }] }, 'InvalidSnapshotID.Malformed'],
    ['a platform it does not know', { DiskContainers: [DISK], Platform: 'Solaris' }, 'InvalidParameterValue'],
    ['an architecture it does not know', { DiskContainers: [DISK], Architecture: 'sparc' }, 'InvalidParameterValue'],
    ['a hypervisor other than xen', { DiskContainers: [DISK], Hypervisor: 'kvm' }, 'InvalidParameterValue'],
    ['a licence type it does not know', { DiskContainers: [DISK], LicenseType: 'GPL' }, 'InvalidParameterValue'],
    ['uefi-preferred', { DiskContainers: [DISK], BootMode: 'uefi-preferred' }, 'InvalidParameterValue'],
    ['a key without encryption', { DiskContainers: [DISK], KmsKeyId: 'alias/key' }, 'InvalidParameterDependency'],
    ['a licence type beside a usage operation', { DiskContainers: [DISK], LicenseType: 'BYOL', UsageOperation: 'RunInstances' }, 'InvalidParameterCombination'],
    ['a client token over 64 characters', { DiskContainers: [DISK], ClientToken: 'x'.repeat(65) }, 'InvalidParameterValue'],
    ['tags for another resource type', { DiskContainers: [DISK], TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'a' }] }] }, 'InvalidParameterValue'],
    ['a dry run, with the error that means yes', { DiskContainers: [DISK], DryRun: true }, 'DryRunOperation'],
    ['a dry run of what would fail on the role, with the same error', { DiskContainers: [DISK], DryRun: true, RoleName: 'nobody' }, 'DryRunOperation'],
  ];
  test.each(refused)('%s', async (_, input, code) => {
    const { ec2, emulator } = accountWithDisk();
    await expect(ec2.send(new ImportImageCommand(input))).rejects.toMatchObject({ name: code });
    expect((await emulator.remaining()).tasks).toEqual([]);
  });

  test('a role that is not there, in the words of EC2', async () => {
    const { ec2, disks } = accountWithDisk();
    const input = { DiskContainers: [DISK], RoleName: 'importer' };
    await expect(ec2.send(new ImportImageCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameter',
      message: 'The service role importer provided does not exist or does not have sufficient permissions',
      $metadata: { httpStatusCode: 400 },
    });
    disks.putRole('importer');
    await expect(ec2.send(new ImportImageCommand(input))).resolves.toMatchObject({ Status: 'active' });
    disks.deleteRole('importer');
    await expect(ec2.send(new ImportImageCommand(input))).rejects.toMatchObject({ name: 'InvalidParameter' });
  });

  test('more than its quota of active tasks, until one ends', async () => {
    const { ec2, clock } = accountWithDisk();
    const start = async () => ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }));
    for (let started = 0; started < 20; started++) {
      await start();
    }
    await expect(start()).rejects.toMatchObject({ name: 'ResourceLimitExceeded', $metadata: { httpStatusCode: 400 } });
    clock.advance(20 * MINUTE);
    await expect(start()).resolves.toMatchObject({ Status: 'active' });
  });
});

describe('A client token of ImportImage', () => {
  const input = { DiskContainers: [DISK], ClientToken: 'token', TagSpecifications: [{ ResourceType: 'import-image-task' as const, Tags: [{ Key: 'a', Value: 'b' }] }] };

  test('answers the same again, even when the task has ended', async () => {
    const { ec2, clock, emulator } = accountWithDisk();
    const { $metadata: _, ...first } = await ec2.send(new ImportImageCommand(input));
    clock.advance(30 * MINUTE);
    const { $metadata: __, ...second } = await ec2.send(new ImportImageCommand(input));
    expect(second).toEqual(first);
    expect((await emulator.state()).tasks).toHaveLength(1);
  });

  test('with other parameters is a mismatch', async () => {
    const { ec2 } = accountWithDisk();
    await ec2.send(new ImportImageCommand(input));
    await expect(ec2.send(new ImportImageCommand({ ...input, Description: 'other' }))).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
  });

  test('used by two calls at once makes one task', async () => {
    const { ec2, emulator } = accountWithDisk();
    const [one, two] = await Promise.all([ec2.send(new ImportImageCommand(input)), ec2.send(new ImportImageCommand(input))]);
    expect(one.ImportTaskId).toBe(two.ImportTaskId);
    expect((await emulator.remaining()).tasks).toHaveLength(1);
  });
});

describe('A disk of an import', () => {
  test.each([
    ['by bucket and key', DISK],
    ['by s3 URL', { Url: 's3://bucket/disk.vmdk' }],
    ['by virtual-hosted https URL', { Url: 'https://bucket.s3.amazonaws.com/disk.vmdk' }],
    ['by regional https URL', { Url: 'https://bucket.s3.eu-west-1.amazonaws.com/disk.vmdk' }],
    ['by path-style https URL', { Url: 'https://s3.eu-west-1.amazonaws.com/bucket/disk.vmdk' }],
  ])('is read to its end, %s', async (_, container) => {
    const { ec2, emulator } = accountWithDisk();
    const { ImportTaskId } = await ec2.send(new ImportImageCommand({ DiskContainers: [container] }));
    expect(await emulator.disksRead(ImportTaskId ?? '')).toEqual([{
      bucket: 'bucket', key: 'disk.vmdk', size: 19, sha256: 'b07fae6139103e4664c5da8fb8906f6c3e80187f2bce00cb289a3919eec31ba5',
    }]);
  });

  test.each([
    ['whose object is not there', { UserBucket: { S3Bucket: 'bucket', S3Key: 'nothing.vmdk' } }],
    ['whose bucket is not there', { UserBucket: { S3Bucket: 'nowhere', S3Key: 'disk.vmdk' } }],
    ['at a URL that is not S3', { Url: 'https://example.com/disk.vmdk' }],
  ])('%s fails the task while it validates', async (_, container) => {
    const { ec2, clock } = accountWithDisk();
    const { ImportTaskId } = await ec2.send(new ImportImageCommand({ DiskContainers: [container] }));
    const task = async () => (await ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [ImportTaskId ?? ''] }))).ImportImageTasks?.[0];
    expect(await task()).toMatchObject({ Status: 'active' });
    clock.advance(1.5 * MINUTE);
    expect(await task()).toMatchObject({ Status: 'deleting', StatusMessage: expect.stringMatching(/^ClientError: .*Invalid S3 source location/) });
    clock.advance(MINUTE);
    expect(await task()).toMatchObject({ Status: 'deleted', StatusMessage: expect.stringMatching(/^ClientError: /) });
  });

  test('that vanishes while it is read fails the task', async () => {
    const { ec2, clock, disks, emulator } = accountWithDisk();
    jest.spyOn(disks, 'read').mockImplementation(() => {
      throw new Error('NoSuchKey');
    });
    await ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }));
    clock.advance(30 * MINUTE);
    expect((await emulator.state()).tasks).toMatchObject([{ Status: 'deleted' }]);
  });

  test('that is a snapshot becomes a new snapshot', async () => {
    const { ec2, clock, emulator } = accountWithDisk();
    const source = emulator.giveSnapshot({ VolumeSize: 50, Encrypted: true });
    await ec2.send(new ImportImageCommand({ DiskContainers: [{ SnapshotId: source }] }));
    clock.advance(20 * MINUTE);
    const { snapshots } = await emulator.remaining();
    expect(snapshots).toHaveLength(1);
    expect(snapshots).not.toContain(source);
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [...snapshots] }));
    expect(Snapshots).toMatchObject([{ VolumeSize: 50, Encrypted: true, State: 'completed' }]);
  });
});

describe('The AMI of a completed import', () => {
  const cases: [string, Partial<ImportImageCommandInput>, object][] = [
    ['Linux by default', {}, { Architecture: 'x86_64', PlatformDetails: 'Linux/UNIX', UsageOperation: 'RunInstances' }],
    ['Windows, in small letters too', { Platform: 'windows' }, { PlatformDetails: 'Windows', UsageOperation: 'RunInstances:0002' }],
    ['Windows with the licence', { Platform: 'Windows' }, { PlatformDetails: 'Windows', UsageOperation: 'RunInstances:0002' }],
    ['Windows with a licence of one\'s own', { Platform: 'Windows', LicenseType: 'BYOL' }, { UsageOperation: 'RunInstances:0800' }],
    ['a usage operation', { UsageOperation: 'RunInstances:0006' }, { UsageOperation: 'RunInstances:0006' }],
    ['i386', { Architecture: 'i386' }, { Architecture: 'i386' }],
    ['UEFI', { BootMode: 'uefi' }, { Architecture: 'x86_64', BootMode: 'uefi' }],
  ];
  test.each(cases)('is as asked for: %s', async (_, input, expected) => {
    const { ec2, clock } = accountWithDisk();
    const { ImportTaskId } = await ec2.send(new ImportImageCommand({ DiskContainers: [DISK], ...input }));
    clock.advance(20 * MINUTE);
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(Images).toMatchObject([{ Name: ImportTaskId, State: 'available', ...expected }]);
  });

  test('has one encrypted snapshot per disk, and none of the task\'s tags', async () => {
    const { ec2, clock } = accountWithDisk();
    await ec2.send(new ImportImageCommand({
      DiskContainers: [DISK, { ...DISK, DeviceName: '/dev/xvdz' }],
      Encrypted: true,
      KmsKeyId: 'alias/key',
      TagSpecifications: [{ ResourceType: 'import-image-task', Tags: [{ Key: 'a', Value: 'b' }] }],
    }));
    clock.advance(20 * MINUTE);
    const { Images } = await ec2.send(new DescribeImagesCommand({}));
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Images?.[0]?.Tags).toEqual([]);
    expect(Images?.[0]?.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/sda1', '/dev/xvdz']);
    expect(Images?.[0]?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.SnapshotId)).toEqual(Snapshots?.map(({ SnapshotId }) => SnapshotId));
    expect(Snapshots).toMatchObject([{ Encrypted: true, KmsKeyId: 'alias/key', Tags: [] }, { Encrypted: true, Tags: [] }]);
  });
});
