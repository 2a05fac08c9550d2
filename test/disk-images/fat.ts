import { u32le } from './patch';
import { SparseFile } from './sparse-file';

const SECTOR = 512;
const ENTRY = 32;
const END = 0xfffffff;

export type FatKind = 'FAT12' | 'FAT16' | 'FAT32';

/** Clusters, sectors before the table, and entries of a fixed root folder: what tells one kind from another. */
const SHAPES: Record<FatKind, { readonly clusters: number; readonly reserved: number; readonly rootEntries: number; readonly bits: number }> = {
  FAT12: { clusters: 2_000, reserved: 1, rootEntries: 512, bits: 12 },
  FAT16: { clusters: 6_000, reserved: 1, rootEntries: 512, bits: 16 },
  FAT32: { clusters: 66_000, reserved: 32, rootEntries: 0, bits: 32 },
};

/** What a file system holds. */
export interface FatContent {
  /** Files by their path of names of eight and three capitals, such as `EFI/BOOT/BOOTX64.EFI`. */
  readonly files: Readonly<Record<string, string>>;
  /** Long names of folders and files, by path. */
  readonly longNames?: Readonly<Record<string, string>>;
  /** Deleted entries in each folder before its others: more than 16 fill a cluster. @default 0 */
  readonly deleted?: number;
}

/**
 * A FAT file system with clusters of 512 bytes. The clusters of a folder are never neighbours, so that only the table
 * leads from one to the next.
 */
export function fatFileSystem(kind: FatKind, { files, longNames = {}, deleted = 0 }: FatContent): SparseFile {
  const { clusters, reserved, rootEntries, bits } = SHAPES[kind];
  const tableSectors = Math.ceil((clusters + 2) * bits / 8 / SECTOR);
  const rootAt = reserved + tableSectors;
  const dataAt = rootAt + rootEntries * ENTRY / SECTOR;
  const sectors = dataAt + clusters;
  const volume = new SparseFile(sectors * SECTOR);
  const table = new Map<number, number>([[0, END - 7], [1, END]]);
  let next = 2;

  /** Stores bytes in clusters, and returns the first of them. */
  function store(bytes: Uint8Array): number {
    const chain = Array.from({ length: Math.ceil(bytes.length / SECTOR) }, (_, index) => next + 3 * index);
    next += 3 * chain.length;
    chain.forEach((cluster, index) => {
      volume.write((dataAt + cluster - 2) * SECTOR, bytes.subarray(index * SECTOR, (index + 1) * SECTOR));
      table.set(cluster, chain[index + 1] ?? END);
    });
    return chain[0] ?? 0;
  }

  function folder(path: string): Buffer {
    const inside = Object.keys(files).filter(file => file.startsWith(path)).map(file => file.slice(path.length).split('/'));
    const names = [...new Set(inside.map(([name = '']) => name))];
    const itself = path === '' ? [] : ['.', '..'].map(name => entry(name, { attributes: 0x10, cluster: 0, size: 0 }));
    return Buffer.concat([
      ...itself,
      ...Array.from({ length: deleted }, () => Buffer.concat([Buffer.of(0xe5), Buffer.alloc(ENTRY - 1, 0x41)])),
      ...names.flatMap(name => [...longEntries(name, longNames[path + name] ?? ''), entry(name, child(path + name))]),
    ]);
  }

  function child(path: string): Child {
    const content = files[path];
    return content === undefined ? { attributes: 0x10, cluster: store(folder(`${path}/`)), size: 0 }
      : { attributes: 0x20, cluster: store(Buffer.from(content)), size: content.length };
  }

  const root = Buffer.concat([entry('TESTDISK', { attributes: 0x08, cluster: 0, size: 0 }), folder('')]);
  const rootCluster = rootEntries === 0 ? store(root) : 0;
  if (rootEntries > 0) volume.write(rootAt * SECTOR, root);
  volume.write(0, bootSector(kind, { tableSectors, sectors, rootCluster }));
  return volume.write(reserved * SECTOR, packed(table, bits, tableSectors * SECTOR));
}

interface Child {
  readonly attributes: number;
  readonly cluster: number;
  readonly size: number;
}

function shortName(name: string): Buffer {
  const [stem = '', extension = ''] = name.startsWith('.') ? [name] : name.split('.');
  return Buffer.from(stem.padEnd(8) + extension.padEnd(3));
}

function entry(name: string, { attributes, cluster, size }: Child): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  bytes.set(shortName(name));
  bytes.writeUInt8(attributes, 11);
  bytes.writeUInt16LE(Math.floor(cluster / 65_536), 20);
  bytes.writeUInt16LE(cluster % 65_536, 26);
  bytes.writeUInt32LE(size, 28);
  return bytes;
}

/** The entries of a long name, last part first: they precede the entry of the short name. */
function longEntries(name: string, longName: string): Buffer[] {
  const checksum = shortName(name).reduce((sum, byte) => ((sum % 2) * 128 + Math.floor(sum / 2) + byte) % 256, 0);
  const parts = Math.ceil(longName.length / 13);
  return Array.from({ length: parts }, (_, index) => parts - index).map((order) => {
    const bytes = Buffer.alloc(ENTRY);
    const text = Buffer.alloc(26, 0xff);
    text.write(`${longName.slice(order * 13 - 13, order * 13)}\0`, 'utf16le');
    bytes.set([order + (order === parts ? 0x40 : 0)], 0);
    bytes.set(text.subarray(0, 10), 1);
    bytes.set([0x0f, 0, checksum], 11);
    bytes.set(text.subarray(10, 22), 14);
    bytes.set(text.subarray(22, 26), 28);
    return bytes;
  });
}

function bootSector(kind: FatKind, { tableSectors, sectors, rootCluster }: { tableSectors: number; sectors: number; rootCluster: number }): Buffer {
  const { reserved, rootEntries } = SHAPES[kind];
  const sector = Buffer.alloc(SECTOR);
  sector.set(Buffer.from('\xeb\x3c\x90MSWIN4.1', 'latin1'));
  sector.writeUInt16LE(SECTOR, 11);
  sector.writeUInt8(1, 13);
  sector.writeUInt16LE(reserved, 14);
  sector.writeUInt8(1, 16);
  sector.writeUInt16LE(rootEntries, 17);
  sector.writeUInt8(0xf8, 21);
  // Sectors of a track and heads: nobody needs them, and mtools refuses zeros.
  sector.writeUInt16LE(32, 24);
  sector.writeUInt16LE(64, 26);
  if (kind === 'FAT32') {
    sector.set(u32le(sectors), 32);
    sector.set(u32le(tableSectors), 36);
    sector.set(u32le(rootCluster), 44);
    sector.set(Buffer.from('\x29\x01\x02\x03\x04TESTDISK   FAT32   ', 'latin1'), 66);
  } else {
    sector.writeUInt16LE(sectors, 19);
    sector.writeUInt16LE(tableSectors, 22);
    sector.set(Buffer.from(`\x29\x01\x02\x03\x04TESTDISK   ${kind}   `, 'latin1'), 38);
  }
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** The table: one number of so many bits for each cluster. Two numbers of FAT12 share three bytes. */
function packed(table: ReadonlyMap<number, number>, bits: number, size: number): Buffer {
  const bytes = Buffer.alloc(size + 1);
  for (const [cluster, next] of table) {
    const value = next % 2 ** Math.min(bits, 28);
    const at = Math.floor(cluster * bits / 8);
    if (bits === 12) bytes.writeUInt16LE(bytes.readUInt16LE(at) + value * (cluster % 2 === 0 ? 1 : 16), at);
    else if (bits === 16) bytes.writeUInt16LE(value, at);
    else bytes.writeUInt32LE(value, at);
  }
  return bytes.subarray(0, size);
}
