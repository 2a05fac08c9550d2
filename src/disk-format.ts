/**
 * The format of a disk image.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html#vmimport-image-formats
 */
export enum DiskFormat {
  /** Open Virtual Appliance: a whole machine with all its disks. EC2 does not import an OVA with chunked disk files. */
  OVA = 'OVA',

  /**
   * QEMU's copy-on-write format, versions 2 and 3, without a backing file. `VmImportSnapshot` and `VmImportAmi` read it;
   * `VmImportImage` does not, because VM Import/Export does not.
   */
  QCOW2 = 'QCOW2',

  /** Raw disk image, as `dd` and `qemu-img convert -O raw` write it. */
  RAW = 'RAW',

  /** Fixed or dynamic Virtual Hard Disk. Differencing disks are not supported. */
  VHD = 'VHD',

  /** Hyper-V's newer virtual hard disk. */
  VHDX = 'VHDX',

  /** VMware's Virtual Machine Disk. `VmImportImage` requires stream-optimized disks. */
  VMDK = 'VMDK',
}
