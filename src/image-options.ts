/**
 * The operating system platform of an imported virtual machine.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html
 */
export enum Platform {
  /** A 64-bit Linux distribution. */
  LINUX = 'Linux',

  /** Windows Server or a Windows client. */
  WINDOWS = 'Windows',

  /**
   * macOS. Requires `importTaskId`: Image Builder can adopt an existing macOS import task, but EC2 cannot import macOS disks.
   */
  MACOS = 'macOS',
}

/**
 * The processor architecture of an imported virtual machine.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 */
export enum Architecture {
  /** 32-bit x86. EC2 imports only old versions of Windows as 32-bit machines. */
  I386 = 'i386',

  /** 64-bit x86. */
  X86_64 = 'x86_64',

  /**
   * 64-bit ARM. The API reference does not list it; EC2 boots ARM machines by UEFI only, so also set
   * `bootMode: BootMode.UEFI`.
   */
  ARM64 = 'arm64',
}

/**
 * The boot mode of an imported virtual machine.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html#vmimport-boot-modes
 */
export enum BootMode {
  /** BIOS. */
  LEGACY_BIOS = 'legacy-bios',

  /** UEFI. EC2 documents neither encryption nor license configurations for UEFI imports. */
  UEFI = 'uefi',

  /**
   * UEFI on instance types that support it, BIOS on all others. EC2 supports it for AMIs, but not for imports: `VmImportImage`
   * rejects it.
   */
  UEFI_PREFERRED = 'uefi-preferred',
}

/**
 * The license of the operating system after the import.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/vmie_prereqs.html#prerequisites
 */
export enum LicenseType {
  /** AWS provides the license and bills for it. It replaces the license of the source. */
  AWS = 'AWS',

  /** Bring your own license: the license of the source is kept. It must allow use in a third party's cloud. */
  BYOL = 'BYOL',
}

/**
 * The target hypervisor platform of an import.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 */
export enum Hypervisor {
  /** Xen, the only value that EC2 documents. */
  XEN = 'xen',
}

/**
 * Information about the upload of the disks. EC2 stores it with the import task.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ClientData.html
 */
export interface ClientData {
  /**
   * A comment about the upload.
   *
   * @default - no comment
   */
  readonly comment?: string;

  /**
   * The time at which the upload ended, as an ISO 8601 date and time, such as `2025-01-31T09:30:00Z`.
   *
   * @default - not given
   */
  readonly uploadEnd?: string;

  /**
   * The size of the uploaded disk image in GiB, greater than 0. Fractions are allowed.
   *
   * @default - not given
   */
  readonly uploadSize?: number;

  /**
   * The time at which the upload started, as an ISO 8601 date and time, such as `2025-01-31T09:00:00Z`.
   *
   * @default - not given
   */
  readonly uploadStart?: string;
}
