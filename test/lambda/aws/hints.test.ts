import { hintFor } from '../../../lambda/aws/hints';

describe('a status message of VM Import/Export', () => {
  test.each([
    ['ClientError: Disk validation failed [Unsupported VMDK File Format]', 'streamOptimized'],
    ['ClientError: OVA with chunked disk files is not supported', 'one file each'],
    ['ClientError: Footers not identical', 'differencing'],
    ['ClientError: Uncompressed data has an invalid length', 'upload it again'],
    ['ClientError: Uncompressed data has invalid length.', 'upload it again'],
    ['ClientError: unsupported compression algorithm 0', 'OVF instead of OVA'],
    ['ClientError: Disk validation failed [Unsupported OVA format]', 'kms:Decrypt'],
    ['ClientError: Disk validation failed [We do not have access to the given resource. Reason 403 Forbidden]', 's3:GetObject'],
    ['ClientError: No valid partitions. Not a valid volume.', 'boot disk'],
    ['ClientError: Unable to determine kernel version', 'kernel'],
    ['InvalidParameter: architecture=arm64 has an invalid format', 'VmImportAmi'],
    ['ClientError: The specified KMS key is not accessible', 'encryptionKey'],
    ['AccessDeniedException: No. (DEPENDENCY_ACCESS_DENIED)', 'encryptionKey'],
    ['ClientError: Unknown OS / Missing OS files.', 'operating system'],
    ['ClientError: Unsupported kernel version 6.9', 'kernel'],
    ['ClientError: No bootable partition found.', 'boot disk'],
    ['ClientError: Multiple different grub/menu.lst files found.', 'one GRUB configuration'],
    ['ClientError: We were unable to read your fstab: Could not read fstab', 'one Linux with one /etc'],
    ['ClientError: An entry of fstab names no device', 'by UUID or label'],
    ['ClientError: BLSC-style GRUB found, but unable to detect default kernel', 'GRUB_DEFAULT=saved'],
    ["ClientError: unable to read your import's initramfs/initrd", 'lsinitramfs'],
    ['ClientError: Logical volume group activation failed.', 'size and checksum'],
    ['ClientError: Multiple directories found.', 'dual boot'],
    ['ClientError: FirstBootFailure: This import request failed', 'Hyper-V'],
    ['ClientError: Booter Networking failure/instance not reachable', '.NET Framework 3.5 SP1'],
    ['ClientError: disk-image-size=0 has an invalid format', 'VHDX, stream-optimized VMDK or RAW'],
    ['ClientError: Invalid S3 source location.', 'bucket and key exist'],
    ['The given S3 bucket is not local to the Region.', 'Region of the stack'],
    ['ERROR: Bucket exports is not in the eu-west-1 Region, it is in us-east-1', 'Region of the stack'],
  ])('%p comes with what to do about it', (message, what) => {
    const hint = hintFor(message);
    expect(hint).toMatch(/^ \(hint: .+\)$/);
    expect(hint).toContain(what);
  });

  test('that is not known comes alone', () => {
    expect(hintFor('ServerError: an internal error has occurred')).toBe('');
  });
});
