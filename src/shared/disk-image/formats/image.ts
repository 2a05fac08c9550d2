import { Qcow2Refusal } from './qcow2-header';
import { DiskContent } from '../boot/disk-content';
import { Ovf } from '../ova/ovf';
import { Truncation } from '../reading/image-file';

/** The formats that ImportImage takes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageDiskContainer.html */
export type ImportFormat = 'OVA' | 'VMDK' | 'VHD' | 'VHDX' | 'RAW';

interface Disk extends DiskContent {
  /** Bytes that the guest sees. */
  readonly virtualSize: number;
  readonly truncated?: Truncation;
}

/** `createType` of the descriptor, and what a sparse extent without one is. */
export const VMDK_SUBFORMATS = [
  'streamOptimized', 'monolithicSparse', 'monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat', 'sparseExtent',
  'seSparse', 'vmfs', 'vmfsThin', 'vmfsSparse', 'vmfsRaw', 'vmfsRawDeviceMap', 'vmfsPassthroughRawDeviceMap', 'fullDevice',
  'partitionedDevice', 'custom',
] as const;
export type VmdkSubformat = typeof VMDK_SUBFORMATS[number];

export interface VmdkImage extends Disk {
  readonly format: 'VMDK';
  readonly subformat: VmdkSubformat;
  /** Files that hold the data, as the descriptor names them; a descriptor by itself holds none. */
  readonly extents: readonly string[];
  readonly storage: 'data' | 'descriptor only';
  readonly parent: 'none' | 'named';
  readonly encryption: 'none' | 'encrypted';
  readonly damage: readonly VmdkDamage[];
  /** Byte at which a stream ends, by its footer. */
  readonly streamEnd?: number;
}
/**
 * `text-transfer`: the line ends in the header were changed, as a transfer in text mode does. `no-footer`: the end is missing.
 * `bad-grain`: data that was looked at does not inflate to its length. The others are about streams only.
 */
export type VmdkDamage = 'text-transfer' | 'bad-header' | 'no-footer' | 'no-end-of-stream' | 'data-behind-footer' | 'no-descriptor' | 'bad-grain';

export interface VhdImage extends Disk {
  readonly format: 'VHD';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | 'unknown';
  readonly damage: readonly VhdDamage[];
}
export type VhdDamage = 'no-footer' | 'footers-differ' | 'footer-checksum' | 'header-checksum' | 'bad-header';

export interface VhdxImage extends Disk {
  readonly format: 'VHDX';
  readonly subformat: 'fixed' | 'dynamic' | 'differencing' | 'unknown';
  readonly log: 'clean' | 'dirty';
  readonly damage: readonly VhdxDamage[];
}
export type VhdxDamage = 'no-valid-header' | 'no-valid-region-table' | 'no-metadata';

export interface RawImage extends Disk {
  readonly format: 'RAW';
  readonly subformat: 'flat';
}

/** VM Import/Export does not take it. VmImportAmi and VmImportSnapshot do. */
export interface Qcow2Image extends Disk {
  readonly format: 'qcow2';
  readonly subformat: 'plain' | 'encrypted';
  /** Why it cannot be read by itself. */
  readonly refusal?: Qcow2Refusal;
  /** Data that was needed and could not be unpacked: Node.js 22.15 and newer unpack Zstandard. */
  readonly unseen?: 'zstd';
}

/** What people upload by mistake: it has a name, and no construct takes it. */
export interface ForeignFile {
  readonly format: ForeignFormat;
  /** `hybrid`: an ISO 9660 image with a boot sector for USB sticks. `hybrid with a system`: and with a partition that has a file system of its own. */
  readonly subformat: 'plain' | 'hybrid' | 'hybrid with a system' | 'encrypted';
  readonly virtualSize: number;
  /** What a compressed file holds, as far as its beginning shows it. */
  readonly content?: ImportFormat | 'qcow2' | ForeignFormat;
}
export type ForeignFormat =
  | 'qcow' | 'qed' | 'vdi' | 'parallels' | 'dmg' | 'wim' | 'iso9660'
  | 'gzip' | 'zip' | 'xz' | 'zstd' | 'bzip2' | '7z' | 'tar'
  | 'luks' | 'bitlocker' | 'ovf' | 'git-lfs-pointer' | 'markup' | 'text' | 'empty';

/** One image that is not a package of others. */
export type DiskImage = KnownDisk | ForeignFile;

/** A disk in a container whose data can be found. */
export type KnownDisk = VmdkImage | VhdImage | VhdxImage | RawImage | Qcow2Image;

/** A disk that the OVF descriptor names. */
export type OvaDisk = FoundOvaDisk | AbsentOvaDisk;

interface NamedDisk {
  readonly diskId: string;
  /** The reference in the descriptor; empty for a blank disk. */
  readonly href: string;
  readonly compression: string;
  /** Bytes that the guest sees. Where the file does not say: the capacity in the descriptor, or 0. */
  readonly virtualSize: number;
}

/** A disk whose file was read. */
export interface FoundOvaDisk extends NamedDisk {
  readonly place: 'in archive';
  /** The file as a member of the archive. `offset` and `size` are in bytes. */
  readonly member: { readonly name: string; readonly offset: number; readonly size: number };
  readonly image: DiskImage;
}

/** A disk whose file was not read. */
export interface AbsentOvaDisk extends NamedDisk {
  /** `elsewhere`: at a URL. `not looked at`: behind what was read of the archive, or beyond the limits of a look. */
  readonly place: 'chunked' | 'missing' | 'blank' | 'elsewhere' | 'not looked at';
}

export interface OvaImage {
  readonly format: 'OVA';
  readonly subformat: 'ovf first' | 'ovf later' | 'ovf not found';
  /** All disks together, in bytes. */
  readonly virtualSize: number;
  readonly truncated?: Truncation;
  readonly descriptor: OvfReading;
  readonly disks: readonly OvaDisk[];
  readonly members: readonly string[];
  /** `part`: the archive has more members than the limits let us see. */
  readonly listing: 'whole' | 'part';
}
export type OvfReading =
  | { readonly kind: 'read'; readonly name: string; readonly ovf: Ovf }
  | { readonly kind: 'unreadable'; readonly name: string; readonly why: 'encoding' | 'not well-formed'; readonly encoding: string }
  | { readonly kind: 'not found' };

export type Image = OvaImage | DiskImage;

/** Returns the disk that a machine boots from: the image itself, or the first disk of an OVA. Returns undefined if that disk was not read. */
export function bootDiskOf(image: Image): KnownDisk | undefined {
  if (image.format === 'OVA') {
    const [first] = image.disks;
    return first?.place === 'in archive' ? bootDiskOf(first.image) : undefined;
  }
  return 'partitionTable' in image ? image : undefined;
}
