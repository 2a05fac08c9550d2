import { quoted, Subject } from './subject';
import { ForeignFile } from '../formats/image';
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

/** The protective entry of an MBR, three unused ones, and the signature. `sgdisk` sets its exact size. */
const PROTECTIVE = "{ printf '\\0\\0\\2\\0\\356\\377\\377\\377\\1\\0\\0\\0\\377\\377\\377\\377'; head -c 48 /dev/zero; printf '\\125\\252'; }";

/** Returns the command that makes an importable copy of a disk whose GPT lacks one copy or the protective MBR. It does not change the disk itself. */
export function repairCommand({ unpack, fileName }: Subject, format: string, damaged: 'a copy of the GPT' | 'the protective MBR'): string {
  const copy = quoted(resultName(fileName, 'raw'));
  const make = format === 'RAW' ? 'cp' : 'qemu-img convert -p -O raw';
  // Without the protective entry sgdisk would ask which table to use.
  const protect = damaged === 'the protective MBR' ? `${PROTECTIVE} | dd of=${copy} bs=1 seek=446 conv=notrunc && ` : '';
  return `${unpack}${make} ${quoted(fileName)} ${copy} && ${protect}sgdisk -e ${copy}`;
}

/** Returns the command that replays the log of a copy, and makes a stream-optimized VMDK of it. qemu-img reads no image whose log is not replayed. */
export function replayCommand(subject: Subject): string {
  const copy = subject.fileName.replace(/\.[^./]*$/, '') + '-replayed.vhdx';
  const convert = `qemu-img convert -p -f vhdx -O vmdk -o subformat=streamOptimized ${quoted(copy)} ${quoted(resultName(subject.fileName, 'vmdk'))}`;
  return `${subject.unpack}cp ${quoted(subject.fileName)} ${quoted(copy)} && qemu-img check -r all ${quoted(copy)} && ${convert}`;
}

/** Extensions that name a format, where they are not the format's own name. */
const EXTENSIONS: Readonly<Partial<Record<string, string>>> = { iso9660: 'iso', parallels: 'hdd' };
/** Commands that unpack beside the file and leave it as it is. */
const UNPACK = { 'gzip': 'gzip -dc', 'zip': 'unzip -p', 'xz': 'xz -dc', 'zstd': 'zstd -dc', 'bzip2': 'bzip2 -dc', '7z': '7z x -so' } as const;
export type Compression = keyof typeof UNPACK;

/** Returns the command that unpacks a compressed file, to a name that stands for what is in it. */
export function unpackCommand({ unpack, fileName }: Subject, compression: Compression, content: ForeignFile['content']): string {
  return `${unpack}${UNPACK[compression]} ${quoted(fileName)} > ${quoted(unpackedName(fileName, content))}`;
}

function unpackedName(fileName: string, content: ForeignFile['content']): string {
  const inner = fileName.replace(/\.(gz|tgz|zip|xz|zst|bz2|7z)$/i, '');
  const named = formatOfName(inner);
  // A fixed VHD begins as the disk in it does.
  const fits = content === undefined || named === content.toUpperCase() || (named === 'VHD' && content === 'RAW');
  if (inner !== fileName && fits) return inner;
  return content === undefined ? `${inner.replace(/\.[^./]*$/, '')}-unpacked` : resultName(inner, EXTENSIONS[content] ?? content.toLowerCase());
}

/** Returns the commands that pack an archive anew from some of its members, in this order. */
export function repackCommand({ fileName }: Subject, members: readonly string[], edit?: (folder: string) => string): string {
  const folder = quoted(fileName.replace(/^.*\//, '').replace(/\.[^./]*$/, '') + '-unpacked');
  const words = members.map(quoted).join(' ');
  return `mkdir ${folder} && tar -xf ${quoted(fileName)} -C ${folder} && ${edit === undefined ? '' : `${edit(folder)} && `}tar -cf ${quoted(resultName(fileName, 'ova'))} -C ${folder} ${words}`;
}
