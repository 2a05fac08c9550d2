import { quoted, Subject } from './subject';
import { ForeignFormat, ImportFormat } from '../formats/image';
import { formatOfName } from '../import-format';

/** Names what a command makes: never as its source. */
export function resultName(fileName: string, extension: string): string {
  return `${fileName.replace(/\.[^./]*$/, '')}-importable.${extension}`;
}

/** Returns the command that makes a stream-optimized VMDK of an image, whatever it is now. */
export function convertCommand({ unpack, fileName }: Subject, from: string): string {
  const to = quoted(resultName(fileName, 'vmdk'));
  return `${unpack}qemu-img convert -p -f ${from} -O vmdk -o subformat=streamOptimized ${quoted(fileName)} ${to}`;
}

/** Returns the command that makes an importable copy of a disk whose GPT has one damaged copy, and leaves the disk itself alone. */
export function repairCommand({ unpack, fileName }: Subject, format: string): string {
  const copy = quoted(resultName(fileName, 'raw'));
  const make = format === 'RAW' ? 'cp' : 'qemu-img convert -p -O raw';
  return `${unpack}${make} ${quoted(fileName)} ${copy} && sgdisk -e ${copy}`;
}

/** Extensions that name a format, where they are not the format's own name. */
const EXTENSIONS: Readonly<Partial<Record<string, string>>> = { iso9660: 'iso', parallels: 'hdd' };
/** Commands that unpack beside the file and leave it as it is. */
const UNPACK = { 'gzip': 'gzip -dc', 'zip': 'unzip -p', 'xz': 'xz -dc', 'zstd': 'zstd -dc', 'bzip2': 'bzip2 -dc', '7z': '7z x -so' } as const;
export type Compression = keyof typeof UNPACK;

/** Returns the command that unpacks a compressed file, to a name that stands for what is in it. */
export function unpackCommand({ unpack, fileName }: Subject, compression: Compression, content: ImportFormat | ForeignFormat | undefined): string {
  return `${unpack}${UNPACK[compression]} ${quoted(fileName)} > ${quoted(unpackedName(fileName, content))}`;
}

function unpackedName(fileName: string, content: ImportFormat | ForeignFormat | undefined): string {
  const inner = fileName.replace(/\.(gz|tgz|zip|xz|zst|bz2|7z)$/i, '');
  const named = formatOfName(inner);
  // A fixed VHD begins as the disk in it does.
  const fits = content === undefined || named === content || (named === 'VHD' && content === 'RAW');
  if (inner !== fileName && fits) return inner;
  return content === undefined ? `${inner.replace(/\.[^./]*$/, '')}-unpacked` : resultName(inner, EXTENSIONS[content] ?? content.toLowerCase());
}

/** Returns the commands that pack an archive anew from some of its members, in this order. */
export function repackCommand({ fileName }: Subject, members: readonly string[], edit?: (folder: string) => string): string {
  const folder = quoted(fileName.replace(/^.*\//, '').replace(/\.[^./]*$/, '') + '-unpacked');
  const words = members.map(quoted).join(' ');
  return `mkdir ${folder} && tar -xf ${quoted(fileName)} -C ${folder} && ${edit === undefined ? '' : `${edit(folder)} && `}tar -cf ${quoted(resultName(fileName, 'ova'))} -C ${folder} ${words}`;
}
