import type { ImportFormat } from './formats/image';

/** Extensions of disk images, and the formats that they stand for. VM Import/Export does not import QCOW2. */
const FORMATS: Readonly<Record<string, ImportFormat | 'QCOW2'>> = {
  ova: 'OVA', vhd: 'VHD', vhdx: 'VHDX', vmdk: 'VMDK', qcow2: 'QCOW2', raw: 'RAW', img: 'RAW',
};

/** What an error message lists as known. */
export const KNOWN_EXTENSIONS = Object.keys(FORMATS).map(extension => `.${extension}`).join(', ');

/** Returns the format that a file name or a URL stands for by its extension; nothing where it stands for none. */
export function formatOfName(fileName: string): ImportFormat | 'QCOW2' | undefined {
  const extension = /\.([A-Za-z0-9]+)$/.exec(fileName.replace(/^([a-z][a-z0-9+.-]*:\/\/[^?#]*)[?#].*$/is, '$1'))?.[1];
  return extension === undefined ? undefined : FORMATS[extension.toLowerCase()];
}
