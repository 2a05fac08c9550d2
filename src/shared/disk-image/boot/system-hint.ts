import { EfiSystem } from './efi-system-partition';
import { PartitionTable } from '../partitions/partition-table';

/** Folders of the EFI system partition that name the system. */
const VENDORS: ReadonlyMap<string, string> = new Map([
  ['almalinux', 'AlmaLinux'], ['amzn', 'Amazon Linux'], ['centos', 'CentOS'], ['debian', 'Debian'], ['fedora', 'Fedora'], ['microsoft', 'Windows'],
  ['opensuse', 'openSUSE'], ['redhat', 'Red Hat Enterprise Linux'], ['rocky', 'Rocky Linux'], ['sles', 'SUSE Linux Enterprise'], ['ubuntu', 'Ubuntu'],
]);

/** Types of partitions that only one system uses. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['E3C9E316-0B5C-4DB8-817D-F92DF00215AE', 'Windows'],
  ['DE94BBA4-06D1-4D40-A16A-BFD50179D6AC', 'Windows'],
  ['83BD6B9D-7F41-11DC-BE0B-001560B84F0F', 'FreeBSD'],
  ['516E7CB6-6ECF-11D6-8FF8-00022D09712B', 'FreeBSD'],
  ['5DFBF5F4-2848-4BAC-AA5E-0D9A20B745A6', 'Flatcar Container Linux'],
  ['a5', 'FreeBSD'],
  ['a6', 'OpenBSD'],
  ['a9', 'NetBSD'],
]);

const LABELS: readonly (readonly [RegExp, string])[] = [[/^cloudimg-rootfs$/, 'Ubuntu'], [/^BOTTLEROCKET/, 'Bottlerocket'], [/^nixos$/i, 'NixOS']];

/** Names the operating system that a disk seems to hold, for people to read; empty where nothing names it. */
export function systemHint(table: PartitionTable, efi: EfiSystem): string {
  if (table.kind !== 'mbr' && table.kind !== 'gpt') return '';
  const vendors = efi.kind === 'read' ? efi.vendors : [];
  const byVendor = vendors.map(vendor => VENDORS.get(vendor.toLowerCase()));
  const byType = table.partitions.map(({ type }) => TYPES.get(type));
  const byLabel = table.partitions.map(({ label }) => LABELS.find(([pattern]) => pattern.test(label))?.[1]);
  return [...byVendor, ...byType, ...byLabel].find(name => name !== undefined) ?? byContent(table);
}

function byContent({ partitions }: Extract<PartitionTable, { kind: 'mbr' | 'gpt' }>): string {
  const contents = partitions.map(({ content }) => content);
  if (contents.some(content => ['ext', 'XFS', 'Btrfs', 'LVM', 'LUKS', 'RAID member', 'swap'].includes(content))) return 'Linux';
  return contents.some(content => content === 'NTFS' || content === 'BitLocker' || content === 'dynamic disk') ? 'Windows' : '';
}
