import type { VirtualDiskFormat } from './format';
import type { Decompressors } from './layout';
import { within } from './read-fully';
import { VirtualDiskError } from './virtual-disk-error';
import { identify } from '../formats/identify';
import type { AbsentOvaDisk, DiskImage } from '../formats/image';
import { runAsync, type AsyncReader } from '../reading/drivers';

/** The formats of disks in an archive, by the names that the inspection uses. */
const FORMATS: ReadonlyMap<DiskImage['format'], Exclude<VirtualDiskFormat, 'OVA'>> = new Map([
  ['RAW', 'RAW'], ['VMDK', 'VMDK'], ['VHD', 'VHD'], ['VHDX', 'VHDX'], ['qcow2', 'QCOW2'],
] as const);

const PLACES: Record<AbsentOvaDisk['place'], string> = {
  'chunked': 'is split into chunks',
  'missing': 'is not in the archive',
  'elsewhere': 'is not in the archive',
  'not looked at': 'was not found: the archive has too many members',
  'blank': 'is blank: the descriptor names no file for it',
};

export interface OvaDiskImage {
  readonly image: AsyncReader;
  readonly format: Exclude<VirtualDiskFormat, 'OVA'>;
}

/**
 * Finds a disk of an OVA.
 *
 * @throws VirtualDiskError if there is no such disk, or it is not stored as one uncompressed file
 */
export async function findOvaDisk(archive: AsyncReader, index: number, { zlib }: Decompressors): Promise<OvaDiskImage> {
  const ova = await runAsync(archive, file => identify(file, zlib));
  if (ova.format !== 'OVA' || ova.descriptor.kind !== 'read') {
    throw new VirtualDiskError('The image is not an OVA: a tar archive with an OVF descriptor.');
  }
  const disk = ova.disks[index];
  if (disk === undefined) throw new VirtualDiskError(`The OVA has no disk ${index}: its descriptor names ${ova.disks.length}, counted from 0.`);
  if (disk.place !== 'in archive') throw new VirtualDiskError(`Disk ${index} of the OVA ${PLACES[disk.place]}.`);
  if (disk.compression !== '') throw new VirtualDiskError(`Disk ${index} of the OVA is compressed with ${disk.compression}: export it without compression.`);
  const { member, image } = disk;
  const format = FORMATS.get(image.format);
  if (format === undefined) throw new VirtualDiskError(`Disk ${index} of the OVA is a ${image.format} file, which is not a disk that can be read.`);
  return { image: within(archive, member.offset, member.size), format };
}
