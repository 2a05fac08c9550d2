export { VIRTUAL_DISK_FORMATS, type VirtualDiskFormat } from './format';
export type { Decompressors } from './layout';
export { openVirtualDisk, type VirtualDiskSource } from './open';
export type { VirtualDisk } from './virtual-disk';
export { VirtualDiskError } from './virtual-disk-error';
