import { CATALOGUE, FindingCode, Severity } from './catalogue';
import { Architecture, BootMode } from '../boot/boot-verdict';
import { ImportFormat } from '../formats/image';

/** One thing to know before an import, with what to do about it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence: what is wrong, with the value. */
  readonly message: string;
  /** What to do: the command, where one helps. */
  readonly remedy: string;
  /** The page that says so. */
  readonly source: string;
}

/** What the user said about the file: findings compare it with what the file is. */
export interface Expectation {
  /** Path, URL or `s3://bucket/key`: names the file in messages and commands. */
  readonly fileName: string;
  /** @default - the format is not compared */
  readonly format?: ImportFormat;
  /** @default - the boot mode is not compared */
  readonly bootMode?: BootMode;
  /** @default - the architecture is not compared */
  readonly architecture?: Architecture | 'i386';
  /** @default - the platform is not compared */
  readonly platform?: 'Linux' | 'Windows';
  /** Whether the machine boots from it, or it is one more disk beside. */
  readonly role: 'image' | 'data disk';
  /**
   * The construct that imports it. VmImportAmi and VmImportSnapshot write the disk as it is: they take more formats, and
   * change nothing in a guest that does not boot.
   *
   * @default 'VmImportImage'
   */
  readonly importer?: 'VmImportImage' | 'VmImportAmi' | 'VmImportSnapshot';
}

/** A disk under judgement: the file itself, or a disk inside an OVA. */
export interface Subject {
  /** How messages call it. */
  readonly label: string;
  /** How commands call it. */
  readonly fileName: string;
  /** A command that makes that file first, with its `&&`; empty where it is there already. */
  readonly unpack: string;
}

export function finding(code: FindingCode, message: string, remedy: string): Finding {
  const { severity, source } = CATALOGUE[code];
  return { code, severity, message, remedy, source };
}

export function subjectOf(fileName: string): Subject {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(fileName)) return { label: fileName, fileName, unpack: '' };
  // A presigned URL carries its signature: findings reach logs and CloudFormation events.
  const label = fileName.replace(/[?#].*$/, '').replace(/\/\/[^/]*@/, '//');
  // What a URL names is downloaded under its last part.
  const local = label.replace(/^.*\//, '');
  return { label, fileName: local === '' ? 'disk' : local, unpack: '' };
}

export function memberSubject(archive: Subject, member: string): Subject {
  return { label: `${member} in ${archive.label}`, fileName: member, unpack: `tar -xf ${quoted(archive.fileName)} ${quoted(member)} && ` };
}

/** A word of a POSIX shell command. */
export function quoted(word: string): string {
  const safe = word.startsWith('-') ? `./${word}` : word;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replace(/'/g, "'\\''")}'`;
}

/** The name of what a command makes: never that of its source. */
export function resultName(fileName: string, extension: string): string {
  return `${fileName.replace(/\.[^./]*$/, '')}-importable.${extension}`;
}

/** The command that makes a stream-optimized VMDK of an image, whatever it is now. */
export function convertCommand({ unpack, fileName }: Subject, from: string): string {
  const to = quoted(resultName(fileName, 'vmdk'));
  return `${unpack}qemu-img convert -p -f ${from} -O vmdk -o subformat=streamOptimized ${quoted(fileName)} ${to}`;
}

/** The command that makes an importable copy of a disk whose GPT is damaged in one of its copies, and leaves the disk itself alone. */
export function repairCommand(subject: Subject, format: string): string {
  const { unpack, fileName } = subject;
  if (format === 'RAW') {
    const copy = quoted(resultName(fileName, 'raw'));
    return `${unpack}cp ${quoted(fileName)} ${copy} && sgdisk -e ${copy}`;
  }
  const copy = resultName(fileName, 'raw');
  return `${unpack}qemu-img convert -p -O raw ${quoted(fileName)} ${quoted(copy)} && sgdisk -e ${quoted(copy)}`;
}

export function inTiB(bytes: number): string {
  return `${(bytes / 2 ** 40).toFixed(2)} TiB`;
}
