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
  readonly format?: ImportFormat | 'QCOW2';
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
  readonly importer?: Importer;
}

/** The constructs of this library that import a disk. */
export const IMPORTERS = ['VmImportImage', 'VmImportAmi', 'VmImportSnapshot'] as const;
export type Importer = typeof IMPORTERS[number];

export function finding(code: FindingCode, message: string, remedy: string): Finding {
  const { severity, source } = CATALOGUE[code];
  return { code, severity, message, remedy, source };
}

/** Whether the disk becomes a snapshot as it is, and not an import that VM Import/Export converts. */
export function isWrittenAsItIs({ importer = 'VmImportImage' }: Expectation): boolean {
  return importer !== 'VmImportImage';
}

export function inTiB(bytes: number): string {
  return `${(bytes / 2 ** 40).toFixed(2)} TiB`;
}
