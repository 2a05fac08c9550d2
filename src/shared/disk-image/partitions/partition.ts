/** One partition of a disk. */
export interface Partition {
  /** Where the disk's system calls it: 1 for /dev/sda1. Logical partitions of an MBR begin at 5. */
  readonly number: number;
  /** GUID of the type in a GPT, two hexadecimal digits in an MBR. */
  readonly type: string;
  readonly role: 'efi system' | 'bios boot' | 'other';
  /** Byte at which it begins on the disk. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** Whether a BIOS boots from it: the active flag of an MBR, the attribute "legacy BIOS bootable" of a GPT. */
  readonly active: 'active' | 'inactive';
  /** What its first sectors hold. */
  readonly content: PartitionContent;
  /** Label of the file system or, without one, of the partition in the GPT; empty where there is none. */
  readonly label: string;
}

/** `other`: looked at, and nothing that is known here. */
export type PartitionContent =
  | 'not looked at' | 'zeros' | 'other'
  | 'LUKS' | 'BitLocker' | 'LVM' | 'RAID member' | 'dynamic disk'
  | 'FAT' | 'NTFS' | 'ext' | 'XFS' | 'Btrfs' | 'swap' | 'ISO 9660';
