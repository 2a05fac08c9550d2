import type { VirtualDiskFormat } from './format';
import type { Decompressors, Layout } from './layout';
import { findOvaDisk } from './ova-disk';
import { qcow2Layout } from './qcow2';
import { fixedLayout, vhdLayout } from './vhd';
import { vhdxLayout } from './vhdx';
import { LaidOutDisk, type VirtualDisk } from './virtual-disk';
import { VirtualDiskError } from './virtual-disk-error';
import { vmdkLayout } from './vmdk';
import type { AsyncReader } from '../reading/drivers';

/** An image, and how to read it. */
export interface VirtualDiskSource {
  readonly image: AsyncReader;
  readonly format: VirtualDiskFormat;
  /** Which disk of an OVA, counted from 0 in the order of its OVF descriptor. Default: 0. */
  readonly ovaDisk?: number;
  readonly decompressors: Decompressors;
}

/**
 * Opens the virtual disk that an image holds. Reads only headers; tables are read when they are needed.
 *
 * @throws VirtualDiskError if the image is of another format, damaged, encrypted, or needs another file
 */
export async function openVirtualDisk({ image, format, ovaDisk = 0, decompressors }: VirtualDiskSource): Promise<VirtualDisk> {
  if (format === 'OVA') {
    return openVirtualDisk({ ...await findOvaDisk(image, ovaDisk, decompressors), decompressors });
  }
  const layout = await layoutOf(image, format, decompressors);
  if (!Number.isSafeInteger(layout.size)) throw new VirtualDiskError(`The ${format} image is damaged: its header gives the disk ${layout.size} bytes. Upload it again.`);
  return new LaidOutDisk(image, layout);
}

async function layoutOf(image: AsyncReader, format: Exclude<VirtualDiskFormat, 'OVA'>, decompressors: Decompressors): Promise<Layout> {
  switch (format) {
    case 'RAW': return fixedLayout(image.length);
    case 'VMDK': return vmdkLayout(image, decompressors);
    case 'VHD': return vhdLayout(image);
    case 'VHDX': return vhdxLayout(image);
    case 'QCOW2': return qcow2Layout(image, decompressors);
  }
}
