import type { Extent, Layout } from './layout';
import { MetadataCache } from './metadata-cache';
import { VirtualDiskError } from './virtual-disk-error';
import type { VhdxDamage } from '../formats/image';
import { FULLY_PRESENT, isVhdx, readVhdxHeaders, tableIndex, type VhdxMetadata, type VhdxRegion } from '../formats/vhdx';
import { runAsync, type AsyncReader } from '../reading/drivers';
import { Section, type Reading } from '../reading/image-file';

// [MS-VHDX], 2.5.1.1 "Payload BAT Entry States":
// https://learn.microsoft.com/openspecs/windows_protocols/ms-vhdx/83e061f8-f6e2-4de1-91bd-5d518a43d477
const MIB = 1024 * 1024;
/** PAYLOAD_BLOCK_NOT_PRESENT, _UNDEFINED, _ZERO, _UNMAPPED: the file does not hold the block. */
const ABSENT = [0, 1, 2, 3];

const DAMAGE: Record<VhdxDamage, string> = {
  'no-valid-header': 'neither of its two headers is valid',
  'no-valid-region-table': 'neither of its two region tables is valid',
  'no-metadata': 'its metadata is invalid',
};

/**
 * Lays out a VHDX, fixed or dynamic.
 *
 * @throws VirtualDiskError if it is a differencing disk, damaged, or has a log to replay
 */
export async function vhdxLayout(image: AsyncReader): Promise<Layout> {
  const { metadata, table } = await runAsync(image, file => readHeaders(Section.headersOf(file)));
  const { virtualSize: size, blockSize } = metadata;
  const tables = new MetadataCache(image);
  return {
    size,
    async locate(offset): Promise<Extent> {
      const block = Math.floor(offset / blockSize);
      const entry = await tables.read(table.offset + tableIndex(block, metadata) * 8, 8);
      const state = entry.u8(0) % 8;
      const length = blockSize - offset % blockSize;
      if (ABSENT.includes(state)) return { kind: 'hole', length };
      if (state !== FULLY_PRESENT) throw new VirtualDiskError(`The VHDX is damaged: block ${block} has the invalid state ${state}. Export it again.`);
      return { kind: 'stored', length, offset: Math.floor(entry.u64le(0) / MIB) * MIB + offset % blockSize };
    },
  };
}

function* readHeaders(section: Section): Reading<{ readonly metadata: VhdxMetadata; readonly table: VhdxRegion }> {
  if (!isVhdx(yield* section.read(0, 512))) throw new VirtualDiskError('The image is not a VHDX: its signature is missing.');
  const { log, damage: [damage], metadata, table } = yield* readVhdxHeaders(section);
  if (damage !== undefined) throw new VirtualDiskError(`The VHDX is damaged: ${DAMAGE[damage]}. Export it again.`);
  if (log === 'dirty') {
    throw new VirtualDiskError('The VHDX was not closed cleanly: mount it once (Mount-VHD), which replays its log, and upload it again.');
  }
  if (metadata?.subformat === 'differencing') {
    throw new VirtualDiskError('The VHDX holds only the changes since its parent disk: merge it into its parent (Merge-VHD), and export the disk again.');
  }
  if (metadata === undefined || table === undefined || table.length / 8 <= lastIndex(metadata)) {
    throw new VirtualDiskError('The VHDX is damaged: its block table is smaller than the disk. Export it again.');
  }
  return { metadata, table };
}

/** The place in the table of the disk's last block. */
function lastIndex(metadata: VhdxMetadata): number {
  return tableIndex(Math.max(0, Math.ceil(metadata.virtualSize / metadata.blockSize) - 1), metadata);
}
