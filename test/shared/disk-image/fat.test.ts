import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fatVolume, FatEntry, FatVolume, listFolder, listRoot } from '../../../src/shared/disk-image/boot/fat';
import { Bytes } from '../../../src/shared/disk-image/reading/bytes';
import { runSync } from '../../../src/shared/disk-image/reading/drivers';
import { GuestReader } from '../../../src/shared/disk-image/reading/guest';
import { FatContent, fatFileSystem, FatKind } from '../../disk-images/fat';
import { canMakeImages } from '../../disk-images/qemu';
import { SparseFile } from '../../disk-images/sparse-file';

const KINDS: readonly FatKind[] = ['FAT12', 'FAT16', 'FAT32'];
const SYSTEM: FatContent = {
  files: { 'EFI/BOOT/BOOTX64.EFI': 'a boot loader', 'EFI/DEBIAN/GRUBX64.EFI': 'grub', 'EFI/UBUNTU/SHIMX64.EFI': 'shim' },
  longNames: { 'EFI/DEBIAN': 'debian', 'EFI/UBUNTU': 'ubuntu 24.04 LTS server' },
};

const guestOf = (file: SparseFile): GuestReader => function* (offset, size) {
  return new Bytes(file.read(offset, size));
};

function volumeOf(file: SparseFile, guest = guestOf(file)): FatVolume {
  const volume = fatVolume(guest, 0, new Bytes(file.read(0, 512)));
  if (volume === undefined) throw new Error('There is no FAT file system.');
  return volume;
}

const NO_FILE = { length: 0, read: () => new Uint8Array(0) };
/** Lists the folder that begins in a cluster. */
const listed = (volume: FatVolume, cluster = 0) => runSync(NO_FILE, () => listFolder(volume, cluster));

/** Lists a folder by its path. Returns undefined if it cannot be read. */
function list(volume: FatVolume, folder: string): FatEntry[] | undefined {
  let entries = runSync(NO_FILE, () => listRoot(volume));
  for (const name of folder.split('/').filter(Boolean)) {
    const found = entries?.find(({ shortName }) => shortName === name);
    if (found === undefined) return undefined;
    entries = listed(volume, found.cluster);
  }
  return entries;
}

const namesIn = (volume: FatVolume, folder: string) => list(volume, folder)?.map(({ name, kind }) => `${kind} ${name}`);

describe.each(KINDS)('%s', (kind) => {
  test('lists folders and files by their long names, without the label of the volume', () => {
    const volume = volumeOf(fatFileSystem(kind, SYSTEM));
    expect(volume.kind).toBe(kind);
    expect(namesIn(volume, '')).toEqual(['folder EFI']);
    expect(namesIn(volume, 'EFI')).toEqual(['folder .', 'folder ..', 'folder BOOT', 'folder debian', 'folder ubuntu 24.04 LTS server']);
    expect(list(volume, 'EFI/BOOT')?.[2]).toEqual({ shortName: 'BOOTX64.EFI', name: 'BOOTX64.EFI', kind: 'file', cluster: expect.any(Number), size: 13 });
  });

  test('follows a folder from cluster to cluster through its table, and passes over deleted entries', () => {
    const volume = volumeOf(fatFileSystem(kind, { ...SYSTEM, deleted: 50 }));
    expect(namesIn(volume, 'EFI/BOOT')).toEqual(['folder .', 'folder ..', 'file BOOTX64.EFI']);
    expect(namesIn(volume, 'EFI/UBUNTU')).toEqual(['folder .', 'folder ..', 'file SHIMX64.EFI']);
  });

  test('lists a folder as far as its table can be read', () => {
    const file = fatFileSystem(kind, { ...SYSTEM, deleted: 20 });
    const { table } = volumeOf(file);
    const volume = volumeOf(file, function* (offset, size) {
      return offset >= table && size <= 4 ? undefined : new Bytes(file.read(offset, size));
    });
    const [efi] = list(volumeOf(file), '')?.filter(({ kind: of }) => of === 'folder') ?? [];
    expect(listed(volume, efi?.cluster)?.map(({ name }) => name)).toEqual(['.', '..']);
  });

  test('lists nothing of a folder whose cluster cannot be read', () => {
    const file = fatFileSystem(kind, SYSTEM);
    const { clusters } = volumeOf(file);
    const volume = volumeOf(file, function* (offset, size) {
      return offset >= clusters ? undefined : new Bytes(file.read(offset, size));
    });
    expect(listed(volume, 2)).toBeUndefined();
  });

  (canMakeImages() === 'yes' ? test : test.skip)('of the tests is one that mtools reads too', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fat-'));
    try {
      const disk = path.join(folder, 'fat.img');
      fs.writeFileSync(disk, fatFileSystem(kind, { ...SYSTEM, deleted: 20 }).bytes());
      expect(execFileSync('mdir', ['-b', '-/', '-i', disk, '::'], { encoding: 'utf8' }).split('\n').sort().filter(Boolean)).toEqual([
        '::/EFI/', '::/EFI/BOOT/', '::/EFI/BOOT/BOOTX64.EFI', '::/EFI/debian/', '::/EFI/debian/GRUBX64.EFI',
        '::/EFI/ubuntu 24.04 LTS server/', '::/EFI/ubuntu 24.04 LTS server/SHIMX64.EFI',
      ]);
      expect(execFileSync('mtype', ['-i', disk, '::/EFI/BOOT/BOOTX64.EFI'], { encoding: 'utf8' })).toBe('a boot loader');
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

test('the long name of a deleted entry is not the name of the next one', () => {
  const file = fatFileSystem('FAT12', SYSTEM);
  const at = Buffer.from(file.bytes()).indexOf('DEBIAN     ');
  expect(namesIn(volumeOf(file.write(at, Buffer.of(0xe5))), 'EFI')).toEqual(['folder .', 'folder ..', 'folder BOOT', 'folder ubuntu 24.04 LTS server']);
});

test.each(KINDS)('a cluster of %s that is marked bad ends its folder', (kind) => {
  const file = fatFileSystem(kind, { ...SYSTEM, deleted: 20 });
  const bad = Uint8Array.from({ FAT12: [0x77, 0xff], FAT16: [0xf7, 0xff], FAT32: [0xf7, 0xff, 0xff, 0xff] }[kind]);
  const volume = volumeOf(file, function* (offset, size) {
    return new Bytes(size <= 4 ? bad : file.read(offset, size));
  });
  const folder = list(volumeOf(file), '')?.find(({ kind: of }) => of === 'folder');
  // Without the second cluster there are no entries but the first two and the deleted ones.
  expect(listed(volume, folder?.cluster)?.map(({ name }) => name)).toEqual(['.', '..']);
});

test('a folder whose chain has no end is read up to 32 KiB', () => {
  const file = fatFileSystem('FAT16', { ...SYSTEM, deleted: 20 });
  const first = list(volumeOf(file), '')?.find(({ kind }) => kind === 'folder')?.cluster ?? 0;
  let read = 0;
  const volume = volumeOf(file, function* (offset, size) {
    if (size === 2) return new Bytes(Uint8Array.of(first, 0));
    read += size;
    return new Bytes(file.read(offset, size));
  });
  expect(listed(volume, first)).toHaveLength(2 * 64);
  expect(read).toBe(32 * 1024);
});

test.each([[4084, 'FAT12'], [4085, 'FAT16']] as const)('a file system of %i clusters is %s', (clusters, kind) => {
  const boot = Buffer.from(fatFileSystem('FAT16', SYSTEM).read(0, 512));
  const data = boot.readUInt16LE(14) + boot.readUInt8(16) * boot.readUInt16LE(22) + boot.readUInt16LE(17) * 32 / 512;
  boot.writeUInt16LE(data + clusters * boot.readUInt8(13), 19);
  expect(fatVolume(guestOf(fatFileSystem('FAT16', SYSTEM)), 0, new Bytes(boot))).toMatchObject({ kind });
});

test('a boot sector without its signature describes no file system', () => {
  const file = fatFileSystem('FAT16', SYSTEM);
  expect(fatVolume(guestOf(file), 0, new Bytes(file.write(510, Buffer.of(0)).read(0, 512)))).toBeUndefined();
});
