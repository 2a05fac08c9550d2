import { Token } from 'aws-cdk-lib';
import { DiskFormat } from '../../disk-format';

const BY_EXTENSION: Record<string, DiskFormat> = {
  ova: DiskFormat.OVA,
  vhd: DiskFormat.VHD,
  vhdx: DiskFormat.VHDX,
  vmdk: DiskFormat.VMDK,
  qcow2: DiskFormat.QCOW2,
  raw: DiskFormat.RAW,
  img: DiskFormat.RAW,
};

/** What an error message lists as known. */
export const KNOWN_EXTENSIONS = Object.keys(BY_EXTENSION).map((extension) => `.${extension}`).join(', ');

/**
 * The format that a file name stands for. A name that only partly consists of tokens, such as
 * `exports/${parameter}.ova`, still has its extension.
 */
export function formatOf(fileName: string): DiskFormat | undefined {
  const lastPart = Token.isUnresolved(fileName) ? fileName.replace(/\$\{Token\[[^\]]*\]\}/g, '') : fileName;
  const extension = /\.([A-Za-z0-9]+)$/.exec(lastPart)?.[1];
  return extension === undefined ? undefined : BY_EXTENSION[extension.toLowerCase()];
}
