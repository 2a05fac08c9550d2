import { formatOfName } from './import-format';
import { Expectation } from './judge/finding';

const FORMATS = ['OVA', 'VMDK', 'VHD', 'VHDX', 'RAW', 'QCOW2'] as const;
const BOOT_MODES = ['legacy-bios', 'uefi', 'uefi-preferred'] as const;
const ARCHITECTURES = ['x86_64', 'arm64', 'i386'] as const;
const PLATFORMS = ['Linux', 'Windows'] as const;

/** What is said of a disk, in the words of ImportImage. */
export interface DeclaredDisk {
  /** Path, URL or `s3://bucket/key`. */
  readonly fileName: string;
  /** @default - the format that the extension of the file name stands for */
  readonly format?: string;
  readonly bootMode?: string;
  readonly platform?: string;
  readonly architecture?: string;
  /** @default 'VmImportImage' */
  readonly importer?: Expectation['importer'];
  readonly role: Expectation['role'];
}

/** What an inspection compares a disk with. A word that it does not know, such as a token, it leaves alone. */
export function expectationOf({ fileName, format, bootMode, platform, architecture, importer, role }: DeclaredDisk): Expectation {
  return {
    fileName,
    format: FORMATS.find((known) => known === (format ?? formatOfName(fileName))),
    bootMode: BOOT_MODES.find((known) => known === bootMode),
    platform: PLATFORMS.find((known) => known === platform),
    architecture: ARCHITECTURES.find((known) => known === architecture),
    importer,
    role,
  };
}
