import { DeleteSnapshotCommand, DeregisterImageCommand, DescribeImagesCommand, RegisterImageCommand, type RegisterImageRequest } from '@aws-sdk/client-ec2';
import { accountWithSnapshots } from '../ebs/account-with-snapshot';

function account() {
  const base = accountWithSnapshots();
  const snapshot = base.emulator.giveSnapshot({ VolumeSize: 8 });
  const request: RegisterImageRequest = {
    Name: 'golden',
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    RootDeviceName: '/dev/xvda',
    BootMode: 'uefi',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot } }],
  };
  return {
    ...base,
    snapshot,
    register: async (change: Partial<RegisterImageRequest> = {}) =>
      (await base.ec2.send(new RegisterImageCommand({ ...request, ...change }))).ImageId ?? '',
    image: async (id: string) => (await base.ec2.send(new DescribeImagesCommand({ ImageIds: [id] }))).Images?.[0],
  };
}

describe('RegisterImage', () => {
  test('makes an AMI of the snapshots, pending for a moment', async () => {
    const { register, image, clock, snapshot, emulator } = account();
    const id = await register({
      EnaSupport: true,
      SriovNetSupport: 'simple',
      ImdsSupport: 'v2.0',
      TpmSupport: 'v2.0',
      UefiData: 'AAAA',
      Description: 'as it is',
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'a', Value: '1' }] }],
    });
    expect(await image(id)).toMatchObject({
      Name: 'golden',
      State: 'pending',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      BootMode: 'uefi',
      EnaSupport: true,
      SriovNetSupport: 'simple',
      ImdsSupport: 'v2.0',
      TpmSupport: 'v2.0',
      Description: 'as it is',
      RootDeviceName: '/dev/xvda',
      RootDeviceType: 'ebs',
      Public: false,
      Tags: [{ Key: 'a', Value: '1' }],
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot, VolumeSize: 8, VolumeType: 'gp2', DeleteOnTermination: true, Encrypted: false } }],
    });
    clock.advance(5_000);
    expect(await image(id)).toMatchObject({ State: 'available' });
    expect(await emulator.remaining()).toMatchObject({ amis: [id] });
  });

  test('takes i386 and paravirtual where nothing else is said', async () => {
    const { register, image } = account();
    const id = await register({ Architecture: undefined, VirtualizationType: undefined, BootMode: undefined });
    expect(await image(id)).toMatchObject({ Architecture: 'i386', VirtualizationType: 'paravirtual' });
  });

  test.each<[string, Partial<RegisterImageRequest>, string]>([
    ['a name of two characters', { Name: 'ab' }, 'InvalidAMIName.Malformed'],
    ['a name of 129 characters', { Name: 'x'.repeat(129) }, 'InvalidAMIName.Malformed'],
    ['a name with a colon', { Name: 'a:b:c' }, 'InvalidAMIName.Malformed'],
    ['an unknown architecture', { Architecture: 'riscv64' as 'arm64' }, 'InvalidParameterValue'],
    ['an unknown boot mode', { BootMode: 'bios' as 'uefi' }, 'InvalidParameterValue'],
    ['IMDSv1', { ImdsSupport: 'v1.0' as 'v2.0' }, 'InvalidParameterValue'],
    ['TPM 1.2', { TpmSupport: 'v1.2' as 'v2.0' }, 'InvalidParameterValue'],
    ['a description of 256 characters', { Description: 'x'.repeat(256) }, 'InvalidParameterValue'],
    ['arm64 without hvm', { Architecture: 'arm64', VirtualizationType: undefined }, 'InvalidParameterCombination'],
    ['arm64 that boots by BIOS', { Architecture: 'arm64', BootMode: 'legacy-bios' }, 'InvalidParameterCombination'],
    ['arm64 with a TPM', { Architecture: 'arm64', TpmSupport: 'v2.0' }, 'InvalidParameterValue'],
    ['a TPM with uefi-preferred', { TpmSupport: 'v2.0', BootMode: 'uefi-preferred' }, 'InvalidParameterCombination'],
    ['UEFI data without UEFI', { UefiData: 'AAAA', BootMode: 'legacy-bios' }, 'InvalidParameterCombination'],
    ['UEFI data that is not Base64', { UefiData: '-' }, 'InvalidParameterValue'],
    ['UEFI data of more than 64 KiB', { UefiData: Buffer.alloc(65_537).toString('base64') }, 'InvalidParameterValue'],
    ['a missing root device name', { RootDeviceName: undefined }, 'MissingParameter'],
    ['a root device that is not mapped', { RootDeviceName: '/dev/sda1' }, 'InvalidBlockDeviceMapping'],
    ['no mappings', { BlockDeviceMappings: undefined }, 'InvalidBlockDeviceMapping'],
    ['a mapping without a device', { BlockDeviceMappings: [{ Ebs: { VolumeSize: 1 } }] }, 'MissingParameter'],
    ['a root device without a snapshot', { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 1 } }] }, 'InvalidBlockDeviceMapping'],
    ['an unknown snapshot', { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }] }, 'InvalidSnapshot.NotFound'],
    ['tags for snapshots', { TagSpecifications: [{ ResourceType: 'snapshot', Tags: [] }] }, 'InvalidParameterValue'],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('refuses %s', async (_, change, code) => {
    const { register, emulator } = account();
    await expect(register(change)).rejects.toMatchObject({ name: code });
    expect((await emulator.remaining()).amis).toEqual([]);
  });

  test.each([
    ['an encryption state beside its snapshot', { Encrypted: false }, 'InvalidBlockDeviceMapping'],
    ['less space than its snapshot', { VolumeSize: 7 }, 'InvalidBlockDeviceMapping'],
    ['an unknown type', { VolumeType: 'gp9' as 'gp3' }, 'InvalidParameterValue'],
  ])('refuses a volume with %s', async (_, ebs, code) => {
    const { register, snapshot } = account();
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot, ...ebs } }];
    await expect(register({ BlockDeviceMappings })).rejects.toMatchObject({ name: code });
  });

  test('refuses a device that is mapped twice', async () => {
    const { register, snapshot } = account();
    const mapping = { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshot } };
    await expect(register({ BlockDeviceMappings: [mapping, mapping] })).rejects.toMatchObject({ name: 'InvalidBlockDeviceMapping' });
  });

  test('refuses a name that is in use, until its AMI is deregistered', async () => {
    const { register, ec2 } = account();
    const first = await register();
    await expect(register()).rejects.toMatchObject({ name: 'InvalidAMIName.Duplicate', message: expect.stringContaining(first) });
    await ec2.send(new DeregisterImageCommand({ ImageId: first }));
    await register();
  });

  test('refuses a snapshot that is not completed, and holds one that is', async () => {
    const { register, start, complete, clock, ec2 } = account();
    const SnapshotId = await start();
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }];
    await expect(register({ BlockDeviceMappings })).rejects.toMatchObject({ name: 'IncorrectState', message: expect.stringContaining('pending') });
    await complete(SnapshotId, 0);
    clock.advance(10_000);
    await register({ BlockDeviceMappings });
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({ name: 'InvalidSnapshot.InUse' });
  });
});
