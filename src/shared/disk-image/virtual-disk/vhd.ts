import type { Extent, Layout } from './layout';
import { MetadataCache } from './metadata-cache';
import { VirtualDiskError } from './virtual-disk-error';
import type { VhdDamage } from '../formats/image';
import { isVhdHead, readDynamicHeader, readVhd, vhdFooter, VHD_UNALLOCATED, type DynamicHeader } from '../formats/vhd';
import { runAsync, type AsyncReader } from '../reading/drivers';
import { Section, type Reading } from '../reading/image-file';

// Virtual Hard Disk Image Format Specification, version 1.0, "Block Allocation Table and Data Blocks":
// https://learn.microsoft.com/windows/win32/vstor/about-vhd and the document it links to.
const SECTOR = 512;

const DAMAGE: Record<VhdDamage, string> = {
  'no-footer': 'its end is missing',
  'footers-differ': 'its two footers differ',
  'footer-checksum': 'the checksum of its footer is wrong',
  'header-checksum': 'the checksum of its header is wrong',
  'bad-header': 'its header is invalid',
};

/**
 * Lays out a VHD, fixed or dynamic.
 *
 * @throws VirtualDiskError if it is a differencing disk, or damaged
 */
export async function vhdLayout(image: AsyncReader): Promise<Layout> {
  const { size, header } = await runAsync(image, file => readHeaders(Section.headersOf(file)));
  return header === undefined ? fixedLayout(size) : dynamicLayout(image, size, header);
}

/** Lays out a disk that is stored byte for byte from the beginning of the image. */
export function fixedLayout(size: number): Layout {
  return { size, locate: async offset => ({ kind: 'stored', length: size - offset, offset }) };
}

function* readHeaders(section: Section): Reading<{ readonly size: number; readonly header?: DynamicHeader }> {
  const head = yield* section.read(0, SECTOR);
  const footer = yield* vhdFooter(section);
  if (footer === undefined && !isVhdHead(head)) throw new VirtualDiskError('The image is not a VHD: its footer is missing.');
  const { subformat, damage: [damage], virtualSize: size } = yield* readVhd(section, head);
  if (subformat === 'differencing') {
    throw new VirtualDiskError('The VHD holds only the changes since its parent disk: merge it into its parent (Merge-VHD), and export the disk again.');
  }
  if (footer === undefined) throw damaged('no-footer');
  const header = subformat === 'dynamic' ? yield* readDynamicHeader(section, footer) : undefined;
  if (damage !== undefined) throw damaged(damage);
  if (subformat === 'unknown') throw new VirtualDiskError(`The VHD is of the unknown type ${footer.u32be(60)}: it is neither fixed nor dynamic.`);
  if (header && (header.tableEntries * header.blockSize < size || header.blockSize % SECTOR !== 0)) {
    throw new VirtualDiskError('The VHD is damaged: its block table is smaller than the disk. Export it again.');
  }
  return { size, header };
}

function damaged(how: VhdDamage): VirtualDiskError {
  return new VirtualDiskError(`The VHD is damaged: ${DAMAGE[how]}. Export it again.`);
}

function dynamicLayout(image: AsyncReader, size: number, { blockSize, bitmapSize, tableOffset }: DynamicHeader): Layout {
  const tables = new MetadataCache(image);
  return {
    size,
    async locate(offset): Promise<Extent> {
      const entry = (await tables.read(tableOffset + Math.floor(offset / blockSize) * 4, 4)).u32be(0);
      const from = offset % blockSize;
      const length = blockSize - from;
      if (entry === VHD_UNALLOCATED) return { kind: 'hole', length };
      // The bitmap is right before the block: it costs no request of its own.
      const bitmap = entry * SECTOR;
      return { kind: 'stored', length, offset: bitmap + bitmapSize + from, written: { offset: bitmap, from } };
    },
  };
}
