/**
 * The formats that a virtual disk is read from by offset. `OVA` holds one or more disks in the other formats.
 *
 * VMDK covers monolithicSparse and streamOptimized, VHD fixed and dynamic, VHDX fixed and dynamic, QCOW2 the versions 2 and 3.
 */
export const VIRTUAL_DISK_FORMATS = ['RAW', 'VMDK', 'VHD', 'VHDX', 'QCOW2', 'OVA'] as const;
export type VirtualDiskFormat = typeof VIRTUAL_DISK_FORMATS[number];
