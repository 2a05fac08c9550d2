export type Severity = 'error' | 'warning' | 'info';

/** Pages that the findings rest on. Those under `docs.aws.amazon.com` say what AWS refuses. */
const PAGE = {
  formats: 'https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html',
  requirements: 'https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html#vmimport-operating-systems',
  limits: 'https://docs.aws.amazon.com/vm-import/latest/userguide/limitations-image-importing.html',
  linux: 'https://docs.aws.amazon.com/vm-import/latest/userguide/limitations-image-importing.html#limitations-image-importing-linux',
  failures: 'https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-troubleshooting.html',
  importImage: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html',
  container: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageDiskContainer.html',
  boot: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html',
  ebs: 'https://docs.aws.amazon.com/ebs/latest/userguide/volume_constraints.html',
  qcow2: 'https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt',
  ovf: 'https://www.dmtf.org/standards/ovf',
  gpt: 'https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html',
} as const;

interface Entry {
  readonly severity: Severity;
  /** For VmImportAmi and VmImportSnapshot, which change nothing in the guest. @default severity */
  readonly asItIs?: Severity;
  readonly source: string;
  /** One sentence for docs/preflight.md, in Markdown. */
  readonly cause: string;
  /** One sentence or command for docs/preflight.md, in Markdown. */
  readonly remedy: string;
}

/**
 * Everything that an inspection can find. An error is what AWS documents as refused, data that is not there, or a
 * machine that cannot boot; what AWS may accept is a warning. docs/preflight.md is generated from it (`npm run docs:preflight`).
 */
export const CATALOGUE = {
  'format-mismatch': {
    severity: 'error',
    source: PAGE.container,
    cause: 'The declared format is not the format of the file. Without a declared format, the extension of the file name declares it.',
    remedy: 'Declare the format that the message names, or export the disk again in the declared format.',
  },
  'format-close': {
    severity: 'warning',
    source: PAGE.container,
    cause: 'A VHD is declared as VHDX or the reverse, or a fixed VHD is declared as RAW.',
    remedy: 'Declare the format that the message names.',
  },
  'format-not-importable': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The file is a disk image of a format that VM Import/Export does not import (qcow2, VDI, ISO, …).',
    remedy: '`qemu-img convert -p -f qcow2 -O vmdk -o subformat=streamOptimized disk.qcow2 disk-importable.vmdk`',
  },
  'format-compressed': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The file is compressed.',
    remedy: '`gzip -dc disk.raw.gz > disk.raw`, and likewise for other compressions',
  },
  'format-doubtful': {
    severity: 'warning',
    source: PAGE.formats,
    cause: 'The file is an ISO 9660 image that also has a partition with a file system.',
    remedy: 'Install from it on a virtual machine and export that machine.',
  },
  'file-not-an-image': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The file is empty, a Git LFS pointer, an error page, or an OVF descriptor without its disks.',
    remedy: 'Fetch, download or pack the disk itself.',
  },
  'vmdk-not-stream-optimized': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The VMDK is a sparse one, as hypervisors run it (`Unsupported VMDK File Format`).',
    remedy: '`qemu-img convert -p -f vmdk -O vmdk -o subformat=streamOptimized disk.vmdk disk-importable.vmdk`',
  },
  'vmdk-descriptor-only': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The file is the text that names the files with the data.',
    remedy: 'Convert it as above, with those files beside it.',
  },
  'vmdk-sesparse': {
    severity: 'error',
    source: PAGE.limits,
    cause: 'The VMDK is the delta of a snapshot (SEsparse, VMFS sparse).',
    remedy: 'Consolidate the snapshots, then export the machine as OVF or OVA.',
  },
  'vmdk-raw-device': {
    severity: 'error',
    source: PAGE.limits,
    cause: 'The VMDK is a raw device mapping.',
    remedy: 'Migrate it to a virtual disk (`vmkfstools -i`), then export the machine.',
  },
  'vmdk-parent': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.formats,
    cause: 'The VMDK is the delta of another disk.',
    remedy: 'Convert it with its parent beside it.',
  },
  'vmdk-text-transfer': {
    severity: 'warning',
    source: PAGE.failures,
    cause: 'A transfer in text mode changed line ends in the VMDK.',
    remedy: 'Transfer the file again in binary mode.',
  },
  'vmdk-no-descriptor': {
    severity: 'warning',
    asItIs: 'info',
    source: PAGE.failures,
    cause: 'The stream-optimized VMDK has no embedded descriptor.',
    remedy: 'Export the disk again: `qemu-img` does not open it either.',
  },
  'vmdk-no-end-of-stream': {
    severity: 'warning',
    asItIs: 'info',
    source: PAGE.failures,
    cause: 'The stream-optimized VMDK ends without the marker that ends the stream.',
    remedy: 'Append 512 bytes of zeros to a copy, as the message shows.',
  },
  'vmdk-data-behind-footer': {
    severity: 'warning',
    asItIs: 'info',
    source: PAGE.failures,
    cause: 'Bytes follow the end of the stream-optimized VMDK.',
    remedy: '`head -c BYTES disk.vmdk > disk-importable.vmdk`, with the number that the message names',
  },
  'qcow2-not-readable': {
    severity: 'error',
    source: PAGE.qcow2,
    cause: 'The qcow2 needs another file (a backing file, an external data file), is damaged, or uses features that are not known here.',
    remedy: '`qemu-img convert -O qcow2 disk.qcow2 disk-alone.qcow2`, with the files that it needs beside it',
  },
  'vhd-differencing': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The VHD needs its parent.',
    remedy: '`Merge-VHD`, or `Convert-VHD -Path disk.vhd -DestinationPath disk-importable.vhd -VHDType Dynamic`',
  },
  'vhd-footers-differ': {
    severity: 'error',
    asItIs: 'warning',
    source: PAGE.failures,
    cause: 'The footer of the VHD and its copy differ (`Footers not identical`).',
    remedy: 'Export the disk again or, where it still opens: `qemu-img convert -p -f vpc -O vmdk -o subformat=streamOptimized disk.vhd disk-importable.vmdk`',
  },
  'vhd-checksum': {
    severity: 'warning',
    source: PAGE.failures,
    cause: 'The footer or the header of the VHD has a wrong checksum.',
    remedy: 'Export the disk again, or convert it as above.',
  },
  'vhdx-differencing': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The VHDX needs its parent.',
    remedy: '`Merge-VHD`, or `Convert-VHD -Path disk.vhdx -DestinationPath disk-importable.vhdx -VHDType Dynamic`',
  },
  'vhdx-dirty-log': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.formats,
    cause: 'The VHDX was copied while the machine ran: its log has changes that the disk does not have yet.',
    remedy: 'Shut the machine down and export the disk again, or replay the log on a copy (`qemu-img check -r all disk-replayed.vhdx`) and convert that, as the message shows.',
  },
  'image-damaged': {
    severity: 'error',
    source: PAGE.failures,
    cause: 'A header, a table or the first data of the image is damaged (`Uncompressed data has invalid length`).',
    remedy: 'Export or upload the disk again.',
  },
  'image-truncated': {
    severity: 'error',
    source: PAGE.failures,
    cause: 'The file ends before something that its headers or its partition table name.',
    remedy: 'Export or upload the disk again.',
  },
  'image-encrypted': {
    severity: 'error',
    source: PAGE.limits,
    cause: 'The image is encrypted as a whole.',
    remedy: 'Decrypt it in the guest or the hypervisor, then export the disk again.',
  },
  'volume-encrypted': {
    severity: 'error',
    asItIs: 'warning',
    source: PAGE.limits,
    cause: 'A partition is encrypted with LUKS or BitLocker.',
    remedy: '`manage-bde -off C:`, or move the system to an unencrypted volume; encrypt the imported image instead.',
  },
  'volume-spans-disks': {
    severity: 'info',
    source: PAGE.failures,
    cause: 'A partition is an LVM physical volume, a member of a Linux software RAID, or part of a Windows dynamic disk.',
    remedy: 'Import all disks that it spans as disk containers of one image.',
  },
  'disk-empty': {
    severity: 'error',
    source: PAGE.failures,
    cause: 'The disk has 0 bytes.',
    remedy: 'Export the disk again.',
  },
  'disk-too-large': {
    severity: 'error',
    source: PAGE.formats,
    cause: 'The disk has 16 TiB or more.',
    remedy: 'Shrink the disk, or move data to further disks.',
  },
  'disk-over-8-tib': {
    severity: 'warning',
    source: PAGE.formats,
    cause: 'The disk has more than 8 TiB: VM Import/Export asks for a manifest file.',
    remedy: 'Shrink the disk, or move data to further disks.',
  },
  'ova-no-descriptor': {
    severity: 'error',
    source: PAGE.ovf,
    cause: 'The tar archive has no OVF descriptor.',
    remedy: 'Unpack it and import the disk in it.',
  },
  'ova-descriptor-unreadable': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.ovf,
    cause: 'The OVF descriptor is not well-formed XML, or its encoding is not known.',
    remedy: 'Export the virtual machine again.',
  },
  'ova-descriptor-not-first': {
    severity: 'warning',
    asItIs: 'info',
    source: PAGE.ovf,
    cause: 'The archive does not begin with its descriptor.',
    remedy: 'Pack it again in the order that the message shows.',
  },
  'ova-several-descriptors': {
    severity: 'warning',
    source: PAGE.ovf,
    cause: 'The archive has more than one OVF descriptor.',
    remedy: 'Pack every virtual machine into an OVA of its own.',
  },
  'ova-chunked': {
    severity: 'error',
    source: PAGE.failures,
    cause: 'The disk files are in chunks (`OVA with chunked disk files is not supported`).',
    remedy: '`ovftool export.ova export-importable.ova`',
  },
  'ova-too-many-disks': {
    severity: 'error',
    source: PAGE.limits,
    cause: 'The virtual machine has more than 21 disks.',
    remedy: 'Import the others as EBS snapshots.',
  },
  'ova-no-disk': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.ovf,
    cause: 'The descriptor names no disk.',
    remedy: 'Export the virtual machine again, with its disks.',
  },
  'ova-disk-missing': {
    severity: 'error',
    source: PAGE.ovf,
    cause: 'The archive lacks the file of a disk that its descriptor names.',
    remedy: 'Export the virtual machine again, or pack all its files into the archive.',
  },
  'ova-disk-compressed': {
    severity: 'warning',
    source: PAGE.ovf,
    cause: 'A disk file is compressed by gzip on top of its own format.',
    remedy: '`gzip -dc disk1.vmdk > disk1-importable.vmdk`, and import that disk',
  },
  'ova-compression-differs': {
    severity: 'warning',
    source: PAGE.ovf,
    cause: 'The descriptor declares a compression that the disk file does not have.',
    remedy: 'Remove `ovf:compression` from a copy of the descriptor, and pack the archive again.',
  },
  'ova-several-systems': {
    severity: 'warning',
    source: PAGE.limits,
    cause: 'The descriptor describes more than one virtual machine.',
    remedy: 'Export every machine to an OVA of its own.',
  },
  'partition-table-missing': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.failures,
    cause: 'The disk to boot from has neither MBR nor GPT (`No bootable partition found`, `No valid partitions`).',
    remedy: 'Check that it is the disk that boots, exported whole.',
  },
  'partition-table-damaged': {
    severity: 'warning',
    source: PAGE.gpt,
    cause: 'The primary GPT is missing or damaged, and its backup is whole.',
    remedy: '`sgdisk -e` on a copy of the disk, as the message shows',
  },
  'partition-table-unusable': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.gpt,
    cause: 'Both copies of the GPT are missing or damaged, or the protective MBR is missing.',
    remedy: 'Export or upload the disk again, or `sgdisk -e` on a copy of the disk where the message shows it',
  },
  'partition-table-backup-damaged': {
    severity: 'info',
    source: PAGE.gpt,
    cause: 'The backup GPT is missing, damaged, or not at the end of the disk.',
    remedy: '`sgdisk -e` on a copy of the disk, as the message shows',
  },
  'partition-table-sector-size': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.ebs,
    cause: 'The GPT is laid out for sectors of 4,096 bytes; EBS volumes have 512-byte sectors.',
    remedy: 'Install the machine on a disk with 512-byte sectors, or copy its partitions to one.',
  },
  'partition-beyond-disk': {
    severity: 'warning',
    source: PAGE.gpt,
    cause: 'A partition ends behind the disk.',
    remedy: 'Check that the disk was exported and uploaded whole.',
  },
  'partition-not-active': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.failures,
    cause: 'No partition of the MBR is marked active, and no boot loader does without.',
    remedy: '`sfdisk --activate` in the guest, or `active` in diskpart',
  },
  'boot-partition-missing': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.failures,
    cause: 'The partition table has nothing to boot from: no partition, or neither an EFI system partition nor a BIOS boot partition.',
    remedy: 'Check that it is the disk that boots, exported whole.',
  },
  'boot-code-missing': {
    severity: 'info',
    asItIs: 'error',
    source: PAGE.boot,
    cause: 'The MBR has no boot code, and the disk no EFI system partition.',
    remedy: 'Install the boot loader in the guest (`grub-install`, `bootrec /fixmbr`).',
  },
  'efi-loader-missing': {
    severity: 'error',
    source: PAGE.linux,
    cause: 'The EFI system partition has no boot loader at EFI/BOOT/BOOTX64.EFI (BOOTAA64.EFI for arm64): EC2 has no boot entries of the old machine.',
    remedy: '`grub-install --removable` in the guest; on Windows, copy `EFI\\Microsoft\\Boot\\bootmgfw.efi` to `EFI\\Boot\\bootx64.efi`',
  },
  'efi-partition-unreadable': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.boot,
    cause: 'The EFI system partition holds no FAT file system.',
    remedy: 'Format it in the guest and install the boot loader anew.',
  },
  'architecture-not-importable': {
    severity: 'error',
    source: PAGE.requirements,
    cause: 'The disk boots on arm64 only, which VM Import/Export does not import.',
    remedy: 'Use `VmImportAmi`.',
  },
  'architecture-differs': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.boot,
    cause: 'The declared architecture is not the one of the boot loader.',
    remedy: 'Declare the architecture that the message names.',
  },
  'boot-mode-needs-efi-partition': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.limits,
    cause: 'The boot mode is declared as `uefi`, and the disk has no EFI system partition.',
    remedy: 'Declare `legacy-bios`, or check that it is the disk that boots.',
  },
  'boot-mode-legacy-on-gpt': {
    severity: 'warning',
    asItIs: 'error',
    source: PAGE.importImage,
    cause: 'The boot mode is declared as `legacy-bios`, and the disk boots by UEFI only.',
    remedy: 'Declare `uefi`.',
  },
  'boot-mode-undeclared': {
    severity: 'info',
    source: PAGE.importImage,
    cause: 'No boot mode is declared, and the disk boots by UEFI only.',
    remedy: 'Declare `uefi`.',
  },
  'boot-mode-differs-from-ovf': {
    severity: 'warning',
    asItIs: 'info',
    source: PAGE.importImage,
    cause: 'The OVF descriptor says another firmware than the declared boot mode.',
    remedy: 'Declare the boot mode of the descriptor.',
  },
  'platform-differs-from-ovf': {
    severity: 'warning',
    asItIs: 'info',
    source: PAGE.importImage,
    cause: 'The OVF descriptor says another guest than the declared platform.',
    remedy: 'Declare the platform of the descriptor.',
  },
  'inspection-incomplete': {
    severity: 'info',
    source: PAGE.failures,
    cause: 'Some parts could not be read or unpacked, or were too many. The message names them.',
    remedy: 'Nothing, or look again when the file is no longer being written, or with the version of Node.js that the message names.',
  },
} as const satisfies Record<string, Entry>;

export type FindingCode = keyof typeof CATALOGUE;

/** Returns how grave a finding is for a disk that VM Import/Export converts, or one that is written as it is. */
export function severityOf(code: FindingCode, treatment: 'converted' | 'as it is'): Severity {
  const entry: Entry = CATALOGUE[code];
  return treatment === 'as it is' ? entry.asItIs ?? entry.severity : entry.severity;
}
