import { Partition, PartitionContent } from './partition';
import { Bytes } from '../reading/bytes';

/** Reaches the superblock of ext at 1,024, of an MD RAID member at 4,096, and the magic of a swap area at the end of its first page. */
export const VOLUME_HEAD = 8 * 1024;

/** What stands at the beginning of a partition. */
export interface Volume {
  readonly content: PartitionContent;
  readonly label: string;
}

/**
 * Signatures in the first sectors of a partition. What encloses another file system comes before it.
 * LUKS: https://gitlab.com/cryptsetup/LUKS2-docs · BitLocker: [MS-FVE], `-FVE-FS-` where NTFS has its name
 * LVM: a label in one of the first four sectors, https://gitlab.com/lvmteam/lvm2/-/blob/main/lib/label/label.h
 * RAID: https://raid.wiki.kernel.org/index.php/RAID_superblock_formats
 * ext: https://docs.kernel.org/filesystems/ext4/super.html · XFS: https://docs.kernel.org/filesystems/xfs/xfs-self-describing-metadata.html
 */
const SIGNATURES: readonly (readonly [PartitionContent, number, string])[] = [
  ['LUKS', 0, 'LUKS\xba\xbe'],
  ['BitLocker', 3, '-FVE-FS-'],
  ['LVM', 0, 'LABELONE'],
  ['LVM', 512, 'LABELONE'],
  ['LVM', 1024, 'LABELONE'],
  ['LVM', 1536, 'LABELONE'],
  ['RAID member', 0, '\xfc\x4e\x2b\xa9'],
  ['RAID member', 4096, '\xfc\x4e\x2b\xa9'],
  ['NTFS', 3, 'NTFS    '],
  ['XFS', 0, 'XFSB'],
  ['ext', 1080, '\x53\xef'],
  ['swap', 4086, 'SWAPSPACE2'],
  ['FAT', 54, 'FAT1'],
  ['FAT', 82, 'FAT32'],
];

/** Where Btrfs keeps its superblock. The sectors before it are zeros. https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html */
export const BTRFS_SUPERBLOCK = { at: 64 * 1024, length: 1024 } as const;
/** Bytes: `mkfs.btrfs` makes no smaller file system. */
export const SMALLEST_BTRFS = 16 * 1024 * 1024;

/** Returns the Btrfs file system of a superblock. Returns undefined if the bytes are not a superblock of Btrfs. */
export function btrfsOf(superblock: Bytes): Volume | undefined {
  return superblock.has(64, '_BHRfS_M') ? { content: 'Btrfs', label: superblock.text(299, 256) } : undefined;
}

/** Types of partitions that name their content, for what the first sectors do not show. */
const BY_TYPE: ReadonlyMap<string, PartitionContent> = new Map([
  ['8e', 'LVM'],
  ['E6D6D379-F507-44C2-A23C-238F2A3DF928', 'LVM'],
  ['fd', 'RAID member'],
  ['A19D880F-05FC-4D3B-A006-743F0F84911E', 'RAID member'],
  ['42', 'dynamic disk'],
  ['5808C8AA-7E8F-42E0-85D2-E1E90434CFB3', 'dynamic disk'],
  ['AF9B60A0-1431-4F62-BC68-3311714A69AD', 'dynamic disk'],
]);

/** Says what a partition's type tells by itself. */
export function contentByType(type: string): PartitionContent {
  return BY_TYPE.get(type) ?? 'not looked at';
}

/** Says what a partition holds, by its first sectors and its type. */
export function volumeOf(head: Bytes, { type, label }: Pick<Partition, 'type' | 'label'>): Volume {
  const found = contentOf(head);
  const content = found === 'other' || found === 'zeros' ? BY_TYPE.get(type) ?? found : found;
  return { content, label: labelOf(content, head) || label };
}

/** Says what the first sectors of a file or a partition hold. */
export function contentOf(head: Bytes): PartitionContent {
  const named = SIGNATURES.find(([, at, text]) => head.has(at, text))?.[0];
  return named ?? (head.isZero() ? 'zeros' : 'other');
}

function labelOf(content: PartitionContent, head: Bytes): string {
  switch (content) {
    case 'ext': return head.text(1024 + 120, 16);
    case 'XFS': return head.text(108, 12);
    case 'FAT': return head.text(head.has(82, 'FAT32') ? 71 : 43, 11).trim().replace(/^NO NAME$/, '');
    default: return '';
  }
}
