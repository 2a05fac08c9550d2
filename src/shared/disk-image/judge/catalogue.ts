export type Severity = 'error' | 'warning' | 'info';

/**
 * Pages that the findings rest on. Those under `docs.aws.amazon.com` say what VM Import/Export refuses.
 */
const PAGE = {
  formats: 'https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html',
  limits: 'https://docs.aws.amazon.com/vm-import/latest/userguide/limitations-image-importing.html',
  failures: 'https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-troubleshooting.html',
  importImage: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html',
  container: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageDiskContainer.html',
  ovf: 'https://www.dmtf.org/standards/ovf',
  gpt: 'https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html',
} as const;

interface Entry {
  readonly severity: Severity;
  readonly source: string;
}

/**
 * Everything that an inspection can find. An error is what AWS documents as refused, or data that is not there;
 * what AWS may accept is a warning. docs/preflight.md explains each.
 */
export const CATALOGUE = {
  'format-mismatch': { severity: 'error', source: PAGE.container },
  'format-close': { severity: 'warning', source: PAGE.container },
  'format-not-importable': { severity: 'error', source: PAGE.formats },
  'format-compressed': { severity: 'error', source: PAGE.formats },
  'format-doubtful': { severity: 'warning', source: PAGE.formats },
  'file-not-an-image': { severity: 'error', source: PAGE.formats },
  'vmdk-not-stream-optimized': { severity: 'error', source: PAGE.formats },
  'vmdk-descriptor-only': { severity: 'error', source: PAGE.formats },
  'vmdk-sesparse': { severity: 'error', source: PAGE.limits },
  'vmdk-raw-device': { severity: 'error', source: PAGE.limits },
  'vmdk-parent': { severity: 'warning', source: PAGE.formats },
  'vmdk-text-transfer': { severity: 'warning', source: PAGE.failures },
  'vhd-differencing': { severity: 'error', source: PAGE.formats },
  'vhd-footers-differ': { severity: 'error', source: PAGE.failures },
  'vhd-checksum': { severity: 'warning', source: PAGE.failures },
  'vhdx-differencing': { severity: 'error', source: PAGE.formats },
  'vhdx-dirty-log': { severity: 'warning', source: PAGE.formats },
  'image-damaged': { severity: 'error', source: PAGE.failures },
  'image-truncated': { severity: 'error', source: PAGE.failures },
  'image-encrypted': { severity: 'error', source: PAGE.limits },
  'volume-encrypted': { severity: 'error', source: PAGE.limits },
  'disk-empty': { severity: 'error', source: PAGE.failures },
  'disk-too-large': { severity: 'error', source: PAGE.formats },
  'disk-over-8-tib': { severity: 'warning', source: PAGE.formats },
  'ova-no-descriptor': { severity: 'error', source: PAGE.ovf },
  'ova-descriptor-unreadable': { severity: 'warning', source: PAGE.ovf },
  'ova-descriptor-not-first': { severity: 'warning', source: PAGE.ovf },
  'ova-chunked': { severity: 'error', source: PAGE.failures },
  'ova-too-many-disks': { severity: 'error', source: PAGE.limits },
  'ova-no-disk': { severity: 'warning', source: PAGE.ovf },
  'ova-disk-missing': { severity: 'error', source: PAGE.ovf },
  'ova-disk-compressed': { severity: 'warning', source: PAGE.ovf },
  'ova-several-systems': { severity: 'warning', source: PAGE.limits },
  'partition-table-missing': { severity: 'warning', source: PAGE.failures },
  'partition-table-damaged': { severity: 'warning', source: PAGE.gpt },
  'partition-table-backup-damaged': { severity: 'info', source: PAGE.gpt },
  'partition-beyond-disk': { severity: 'warning', source: PAGE.gpt },
  'partition-not-active': { severity: 'warning', source: PAGE.failures },
  'boot-mode-needs-efi-partition': { severity: 'warning', source: PAGE.limits },
  'boot-mode-legacy-on-gpt': { severity: 'warning', source: PAGE.importImage },
  'boot-mode-undeclared': { severity: 'info', source: PAGE.importImage },
  'boot-mode-differs-from-ovf': { severity: 'warning', source: PAGE.importImage },
  'platform-differs-from-ovf': { severity: 'warning', source: PAGE.importImage },
  'inspection-incomplete': { severity: 'info', source: PAGE.failures },
} as const satisfies Record<string, Entry>;

export type FindingCode = keyof typeof CATALOGUE;
