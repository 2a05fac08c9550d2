import { Architecture } from './boot-verdict';
import { FatEntry, FatVolume, fatVolume, listFolder, listRoot } from './fat';
import { Partition } from '../partitions/partition';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

/**
 * What UEFI finds on a disk that it has no boot entry for, as on EC2.
 *
 * @see https://uefi.org/specs/UEFI/2.10/03_Boot_Manager.html#removable-media-boot-behavior
 */
export type EfiSystem =
  | { readonly kind: 'none' }
  /** There is an EFI system partition. Its bytes could not be read, or hold no FAT file system. */
  | { readonly kind: 'not read' | 'no file system'; readonly partition: number }
  | {
    readonly kind: 'read';
    readonly partition: number;
    /** Architectures whose boot loader is on the removable-media path. */
    readonly loaders: readonly Architecture[];
    /** Folders beside EFI/BOOT, such as `ubuntu`: where systems keep their own loaders. */
    readonly vendors: readonly string[];
  };

const LOADERS: readonly (readonly [string, Architecture])[] = [['BOOTX64.EFI', 'x86_64'], ['BOOTAA64.EFI', 'arm64']];
/** Partitions that are searched for a loader. */
const MOST_PARTITIONS = 2;

/** Reads the EFI system partition or, where a disk has none, its FAT partitions: firmware takes either. */
export function* readEfiSystem(partitions: readonly Partition[], guest: GuestReader): Reading<EfiSystem> {
  const marked = partitions.filter(({ role }) => role === 'efi system');
  const candidates = marked.length > 0 ? marked : partitions.filter(({ content }) => content === 'FAT');
  const seen: EfiSystem[] = [];
  for (const partition of candidates.slice(0, MOST_PARTITIONS)) {
    const system = yield* readPartition(partition, guest);
    if (system.kind === 'read' && system.loaders.length > 0) return system;
    seen.push(system);
  }
  const [first] = seen;
  return first !== undefined && marked.length > 0 ? first : { kind: 'none' };
}

function* readPartition({ number, offset }: Partition, guest: GuestReader): Reading<EfiSystem> {
  const head = yield* guest(offset, 512);
  const volume = head && fatVolume(guest, offset, head);
  if (head !== undefined && volume === undefined) return { kind: 'no file system', partition: number };
  const root = volume && (yield* listRoot(volume));
  const efi = root && (yield* folderIn(volume, root, 'EFI'));
  const boot = efi && (yield* folderIn(volume, efi, 'BOOT'));
  if (efi === undefined || boot === undefined) return { kind: 'not read', partition: number };
  return {
    kind: 'read',
    partition: number,
    loaders: LOADERS.filter(([name]) => boot.some(({ shortName, kind, size }) => kind === 'file' && shortName === name && size > 0)).map(([, architecture]) => architecture),
    vendors: efi.filter(({ shortName, kind }) => kind === 'folder' && !/^(\.\.?|BOOT)$/.test(shortName)).map(({ name }) => name),
  };
}

/** Lists a folder by its name; one that is not there is empty. */
function* folderIn(volume: FatVolume, entries: readonly FatEntry[], name: string): Reading<FatEntry[] | undefined> {
  const folder = entries.find(({ shortName, kind }) => kind === 'folder' && shortName === name);
  return folder === undefined ? [] : yield* listFolder(volume, folder.cluster);
}
