/**
 * Remedies for messages of VM Import/Export and EC2.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-troubleshooting.html
 */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/unsupported vmdk file format/i, 'the VMDK is not stream-optimized: export the VM again as OVF or OVA, or convert it with "qemu-img convert -O vmdk -o subformat=streamOptimized"'],
  [/ova with chunked disk files/i, 'export the VM again with its disks in one file each'],
  [/footers not identical/i, 'the VHD is differencing or damaged: merge it into its parent, or convert it with "qemu-img convert -O vpc"'],
  [/uncompressed data has (an )?invalid length/i, 'the VMDK is damaged or was cut off on upload: compare its size and checksum, and upload it again'],
  [/unsupported compression algorithm/i, 'the VMDK is not compressed as a stream-optimized one is: export the VM again as OVF instead of OVA, or convert the VMDK with "qemu-img convert -O vmdk -o subformat=streamOptimized"'],
  [/unsupported ova format/i, 'check that the file is an OVA, and that the service role may decrypt it (kms:Decrypt) if a KMS key encrypts the bucket'],
  [/do not have access to the given resource\. reason 403/i, 'the service role may not read the object: check s3:GetObject on it, and kms:Decrypt if a KMS key encrypts the bucket'],
  [/unknown os|missing os files/i, 'VM Import/Export found no operating system that it supports: check the list of supported systems and that the boot disk is the first disk container'],
  [/unsupported kernel version|unable to determine kernel version/i, 'boot the VM with a kernel that VM Import/Export supports before exporting it'],
  [/no bootable partition|no valid partitions|not a valid volume/i, 'the first disk container must be the boot disk with its partition table'],
  [/multiple different grub\/menu\.lst|multiple different .*menu\.lst/i, 'keep one GRUB configuration (grub.cfg, grub.conf or menu.lst) in the VM: dual boot cannot be imported'],
  [/could not read fstab/i, 'the disks must hold one Linux with one /etc: dual boot cannot be imported; also check that /etc/fstab in the VM can be read'],
  [/fstab/i, 'check /etc/fstab in the VM: it must name existing devices, by UUID or label'],
  [/blsc-style grub/i, 'set GRUB_DEFAULT=saved in the VM, name the default kernel with grub2-set-default so that grubenv has it, and regenerate grub.cfg with grub2-mkconfig'],
  [/initramfs|initrd/i, 'check the initramfs in the VM with lsinitramfs or lsinitrd, and rebuild it, with the ena, nvme and xen drivers in it'],
  [/logical volume group activation failed/i, 'a disk may be damaged or missing: compare size and checksum of what was uploaded, and import every disk that the volume groups span'],
  [/multiple directories found|multiple .*directories/i, 'the disks hold more than one installation of an operating system, or more than one /etc: dual boot cannot be imported'],
  [/firstbootfailure|first boot/i, 'Windows did not answer after its first boot: before exporting, turn off firewall, anti-virus software and hardening, enable DHCP, remove the Hyper-V role, and install .NET Framework 4.5 or later; a copy of a physical machine cannot be imported'],
  [/booter networking/i, 'the VM did not come up on the network: before exporting, install .NET Framework 3.5 SP1 or later, and enable DHCP'],
  [/disk-image-size=0/i, 'the format of the disk image is not supported: convert it to VHD, VHDX, stream-optimized VMDK or RAW'],
  [/architecture=arm64/i, 'VM Import/Export does not import ARM64: use VmImportAmi'],
  [/(kms key|key id) is not accessible/i, 'set encryptionKey to the key that the message or the account\'s default for EBS encryption names, and check that its key policy allows IAM policies'],
  [/DEPENDENCY_ACCESS_DENIED/, 'if the account encrypts new snapshots by default with a customer managed key, set encryptionKey to that key'],
  [/invalid s3 source location/i, 'check that bucket and key exist and that the service role may read them'],
  [/bucket is not local to the region|bucket \S+ is not in the \S+ region/i, 'the bucket must be in the Region of the stack'],
  [/deregistration protection|cooldown/i, 'lift the protection with "aws ec2 disable-image-deregistration-protection", wait 24 hours where it was enabled with a cooldown, and delete again'],
  [/block public access/i, 'switch block public access for AMIs off in this account and Region, or remove publicAccess'],
];

/** Returns the remedy for a message, if one is known. */
export function hintOf(message: string): string | undefined {
  return HINTS.find(([pattern]) => pattern.test(message))?.[1];
}

/** Returns the remedy for a message as a clause to append, or an empty string. */
export function hintFor(message: string): string {
  const hint = hintOf(message);
  return hint === undefined ? '' : ` (hint: ${hint})`;
}
