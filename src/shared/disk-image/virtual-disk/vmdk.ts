import type { Decompressors, Extent, Layout } from './layout';
import { MetadataCache } from './metadata-cache';
import { VirtualDiskError } from './virtual-disk-error';
import type { VmdkImage } from '../formats/image';
import { isVmdk, readVmdk } from '../formats/vmdk';
import { directoryOf, locateFooter, sparseHeader, type SparseHeader } from '../formats/vmdk-sparse';
import { Bytes } from '../reading/bytes';
import { runAsync, type AsyncReader } from '../reading/drivers';
import { Section, type Reading } from '../reading/image-file';

// VMware Virtual Disk Format 5.0, "Hosted Sparse Extents" and "Stream-Optimized Compressed Sparse Extents":
// https://www.vmware.com/support/developer/vddk/vmdk_50_technote.pdf
const SECTOR = 512;
/** The sparse header, and a descriptor file. */
const HEAD = 20 * 1024;
/** The marker of a grain: its sector on the disk (8 bytes), the size of its data (4 bytes). */
const MARKER = 12;
/** Grains have 64 KiB. One that does not compress grows by a few bytes. */
const LARGEST_GRAIN = 2 * 1024 * 1024;
const GROWTH = SECTOR;

/** Damage that leaves no disk to read. Bytes behind the stream, or a stream without its last marker, do not. */
const DAMAGE = {
  'text-transfer': 'a transfer in text mode changed its line ends',
  'no-footer': 'its end is missing',
  'bad-header': 'its header is invalid',
} as const;
const FATAL = Object.keys(DAMAGE) as (keyof typeof DAMAGE)[];

interface Headers {
  readonly image: VmdkImage;
  readonly header: SparseHeader;
  readonly directory: number;
}

/**
 * Lays out a VMDK of one file: monolithicSparse or streamOptimized.
 *
 * @throws VirtualDiskError if it is of another kind, damaged, encrypted, or has a parent
 */
export async function vmdkLayout(image: AsyncReader, { zlib }: Decompressors): Promise<Layout> {
  const { header, directory, image: { virtualSize: size } } = await runAsync(image, file => readHeaders(Section.headersOf(file), zlib));
  const { grainSize, entriesPerTable, grains } = header;
  const tables = new MetadataCache(image);
  const tableSpan = grainSize * entriesPerTable;
  return {
    size,
    async locate(offset): Promise<Extent> {
      const table = (await tables.read(directory + Math.floor(offset / tableSpan) * 4, 4)).u32le(0);
      if (table === 0) return { kind: 'hole', length: tableSpan - offset % tableSpan };
      const grain = Math.floor(offset % tableSpan / grainSize);
      const sector = (await tables.read(table * SECTOR + grain * 4, 4)).u32le(0);
      const from = offset % grainSize;
      const length = grainSize - from;
      // 1 stands for a grain of zeros, 0 for one that was never written.
      if (sector <= 1) return { kind: 'hole', length };
      if (grains === 'plain') return { kind: 'stored', length, offset: sector * SECTOR + from };
      return {
        kind: 'compressed',
        length,
        from,
        unit: { offset: sector * SECTOR, size: MARKER + grainSize + GROWTH, unpack: packed => unpackGrain(new Bytes(packed)) },
      };
    },
  };

  function unpackGrain(packed: Bytes): Uint8Array | undefined {
    const dataSize = packed.u32le(8);
    return dataSize === 0 || MARKER + dataSize > packed.length ? undefined : zlib(packed.slice(MARKER, dataSize).data, grainSize);
  }
}

function* readHeaders(section: Section, zlib: Decompressors['zlib']): Reading<Headers> {
  const head = yield* section.read(0, HEAD);
  if (!isVmdk(head)) throw new VirtualDiskError('The image is not a VMDK: its header is missing.');
  const image = yield* readVmdk(section, head, zlib);
  if (image.parent === 'named') {
    throw new VirtualDiskError('The VMDK holds only the changes since its parent disk: consolidate its snapshots, and export the disk again.');
  }
  if (image.encryption === 'encrypted') throw new VirtualDiskError('The VMDK is encrypted: decrypt the virtual machine, and export the disk again.');
  if (image.subformat !== 'monolithicSparse' && image.subformat !== 'streamOptimized') {
    throw new VirtualDiskError(`The VMDK is of the kind ${image.subformat}, which does not hold a whole disk in one file: convert it with qemu-img convert -O vmdk -o subformat=streamOptimized.`);
  }
  const header = sparseHeader(head);
  const directory = directoryOf(header, yield* locateFooter(section));
  const damage = FATAL.find(one => image.damage.includes(one));
  if (directory === undefined) throw damaged('no-footer');
  if (damage !== undefined) throw damaged(damage);
  if (header.grains === 'deflated' && header.grainSize > LARGEST_GRAIN) {
    throw new VirtualDiskError(`The VMDK has compressed grains of ${header.grainSize} bytes, and at most ${LARGEST_GRAIN} can be read.`);
  }
  return { image, header, directory };
}

function damaged(how: keyof typeof DAMAGE): VirtualDiskError {
  return new VirtualDiskError(`The VMDK is damaged: ${DAMAGE[how]}. Export it again.`);
}
