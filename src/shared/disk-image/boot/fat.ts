import { Bytes } from '../reading/bytes';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

// Microsoft FAT specification (fatgen103): https://download.microsoft.com/download/1/6/1/161ba512-40e2-4cc9-843a-923143f3456c/fatgen103.doc
const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];
const ENTRY = 32;
const LONG_NAME = 0x0f;
const VOLUME_LABEL = 0x08;
const DIRECTORY = 0x10;
const FREE = 0xe5;
/** Bytes of one directory that are read at most: 1,024 entries. */
const LARGEST_DIRECTORY = 32 * 1024;
/** Characters of a long name that stand in one entry: byte and length of each part. */
const LONG_PARTS = [[1, 10], [14, 12], [28, 4]] as const;

/** A FAT12, FAT16 or FAT32 file system inside of a disk. */
export interface FatVolume {
  readonly guest: GuestReader;
  readonly kind: 'FAT12' | 'FAT16' | 'FAT32';
  readonly table: number;
  readonly clusterSize: number;
  /** Byte on the disk at which cluster 2 begins. */
  readonly clusters: number;
  readonly root: Root;
}
type Root = { readonly kind: 'area'; readonly offset: number; readonly size: number } | { readonly kind: 'cluster'; readonly cluster: number };

/** A file or a folder. */
export interface FatEntry {
  /** Eight characters, a dot and three, in capitals: `BOOTX64.EFI`. */
  readonly shortName: string;
  /** The long name or, without one, the short name. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly cluster: number;
  readonly size: number;
}

/** Returns the FAT file system that begins at a byte of the disk with a boot sector; nothing where that describes none. */
export function fatVolume(guest: GuestReader, offset: number, boot: Bytes): FatVolume | undefined {
  if (!boot.has(510, '\x55\xaa')) return undefined;
  const sectorSize = boot.u16le(11);
  const clusterSize = boot.u8(13) * sectorSize;
  const tableSectors = boot.u16le(22) || boot.u32le(36);
  const sectors = boot.u16le(19) || boot.u32le(32);
  if (!SECTOR_SIZES.includes(sectorSize) || clusterSize === 0 || boot.u8(16) === 0 || tableSectors === 0) return undefined;
  const table = boot.u16le(14);
  const root = table + boot.u8(16) * tableSectors;
  const rootSize = boot.u16le(17) * ENTRY;
  const data = root + Math.ceil(rootSize / sectorSize);
  const count = Math.floor((sectors - data) * sectorSize / clusterSize);
  return {
    guest,
    // Firmware and Linux take a file system for FAT32 by its fields, also one with fewer clusters than the specification asks for.
    kind: boot.u16le(22) === 0 ? 'FAT32' : count < 4085 ? 'FAT12' : 'FAT16',
    table: offset + table * sectorSize,
    clusterSize,
    clusters: offset + data * sectorSize,
    root: rootSize === 0 ? { kind: 'cluster', cluster: boot.u32le(44) } : { kind: 'area', offset: offset + root * sectorSize, size: rootSize },
  };
}

/** Lists the root folder; nothing where it cannot be read. */
export function* listRoot(volume: FatVolume): Reading<FatEntry[] | undefined> {
  const { guest, root } = volume;
  if (root.kind === 'cluster') return yield* listFolder(volume, root.cluster);
  const area = yield* guest(root.offset, Math.min(root.size, LARGEST_DIRECTORY));
  return area && entriesOf(area);
}

/** Lists the folder that begins in a cluster, as far as it is read; nothing where it cannot be read. */
export function* listFolder(volume: FatVolume, first: number): Reading<FatEntry[] | undefined> {
  const { guest, clusterSize, clusters } = volume;
  const parts: Bytes[] = [];
  let left = LARGEST_DIRECTORY;
  for (let cluster = first; cluster >= 2 && left > 0;) {
    const part = yield* guest(clusters + (cluster - 2) * clusterSize, Math.min(clusterSize, left));
    if (part === undefined) return undefined;
    parts.push(part);
    left -= part.length;
    // A folder ends with a free entry: most have one in their first cluster, and no need of the table.
    if (hasEnd(part)) break;
    cluster = yield* nextCluster(volume, cluster);
  }
  return entriesOf(Bytes.concat(parts));
}

function hasEnd(part: Bytes): boolean {
  return Array.from({ length: Math.floor(part.length / ENTRY) }, (_, index) => part.u8(index * ENTRY)).includes(0);
}

/** Returns the cluster that follows in the chain; 0 at its end. */
function* nextCluster({ guest, kind, table }: FatVolume, cluster: number): Reading<number> {
  switch (kind) {
    case 'FAT12': {
      const pair = (yield* guest(table + Math.floor(cluster * 1.5), 2))?.u16le(0) ?? 0;
      const next = cluster % 2 === 0 ? pair % 4096 : Math.floor(pair / 16);
      return next < 0xff7 ? next : 0;
    }
    case 'FAT16': {
      const next = (yield* guest(table + cluster * 2, 2))?.u16le(0) ?? 0;
      return next < 0xfff7 ? next : 0;
    }
    case 'FAT32': {
      const next = ((yield* guest(table + cluster * 4, 4))?.u32le(0) ?? 0) % 2 ** 28;
      return next < 0xffffff7 ? next : 0;
    }
  }
}

function entriesOf(bytes: Bytes): FatEntry[] {
  const entries: FatEntry[] = [];
  let longName = '';
  for (let at = 0; at < bytes.length && bytes.u8(at) !== 0; at += ENTRY) {
    const entry = bytes.slice(at, ENTRY);
    const attributes = entry.u8(11);
    if (entry.u8(0) === FREE) {
      longName = '';
    } else if (attributes % 64 === LONG_NAME) {
      longName = LONG_PARTS.map(([part, length]) => entry.utf16(part, length)).join('').replace(/\uffff+$/, '') + longName;
    } else {
      if (Math.floor(attributes / VOLUME_LABEL) % 2 === 0) entries.push(entryOf(entry, longName));
      longName = '';
    }
  }
  return entries;
}

function entryOf(entry: Bytes, longName: string): FatEntry {
  const [stem, extension] = [entry.latin1(0, 8).trimEnd(), entry.latin1(8, 3).trimEnd()];
  const shortName = extension === '' ? stem : `${stem}.${extension}`;
  return {
    shortName,
    name: longName || shortName,
    kind: Math.floor(entry.u8(11) / DIRECTORY) % 2 === 1 ? 'folder' : 'file',
    cluster: entry.u16le(20) * 65_536 + entry.u16le(26),
    size: entry.u32le(28),
  };
}
