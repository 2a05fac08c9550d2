import { repairCommand } from './commands';
import { Finding, finding } from './finding';
import { Subject } from './subject';
import { KnownDisk } from '../formats/image';
import { Gpt, GptCopy } from '../partitions/gpt';
import { Mbr } from '../partitions/mbr';
import { Partition, PartitionContent } from '../partitions/partition';
import { endOf } from '../partitions/partition-table';

const EXPORT_AGAIN = 'Export or upload the disk again.';

/** Judges the partition table and what the partitions hold, whatever the disk is for. One finding for each cause, however many partitions show it. */
export function judgePartitions({ partitionTable: table, virtualSize, format, truncated }: KnownDisk, subject: Subject): Finding[] {
  switch (table.kind) {
    case 'unknown':
    case 'none': return [];
    case 'mbr':
    case 'gpt': return [
      // What was cut off is said already.
      ...(truncated === undefined ? [...(table.kind === 'gpt' ? judgeGpt(table, format, subject) : []), ...judgeEnd(table, virtualSize, subject)] : []),
      ...judgeVolumes(table.partitions, subject),
    ];
  }
}

function judgeEnd(table: Mbr | Gpt, virtualSize: number, { label }: Subject): Finding[] {
  const end = endOf(table);
  if (end <= virtualSize) return [];
  const beyond = table.partitions.filter(({ offset, length }) => offset + length > virtualSize);
  // Only the partition that encloses the logical ones may be left.
  const which = beyond.length === 0 ? 'The extended partition' : named(beyond);
  return [finding('partition-beyond-disk', `${which} of ${label} ${beyond.length > 1 ? 'end' : 'ends'} behind the disk: at byte ${end}, the disk at byte ${virtualSize}.`,
    'Check that the disk was exported and uploaded whole.')];
}

function judgeVolumes(partitions: readonly Partition[], { label }: Subject): Finding[] {
  const findings: Finding[] = [];
  const encrypted = (content: 'LUKS' | 'BitLocker', remedy: string) => {
    const found = partitions.filter(partition => partition.content === content);
    if (found.length === 0) return;
    findings.push(finding('volume-encrypted', `${named(found)} of ${label} ${found.length > 1 ? 'are' : 'is'} encrypted with ${content}: VM Import/Export does not import encrypted volumes.`, remedy));
  };
  encrypted('LUKS', 'Move the system to an unencrypted volume, then export the disk again; encrypt the imported image with encrypted and encryptionKey.');
  encrypted('BitLocker', 'Turn BitLocker off in the guest (manage-bde -off C:), wait until it is done, and export the disk again.');
  const managed = partitions.filter(({ content }) => MANAGED.has(content));
  if (managed.length > 0) {
    const kinds = [...new Set(managed.map(({ content }) => MANAGED.get(content)))].join(' and ');
    findings.push(finding('volume-spans-disks', `${named(managed)} of ${label} belong${managed.length > 1 ? '' : 's'} to ${kinds}: the system needs every disk that this spans.`,
      'Import all disks that it spans as disk containers of one image.'));
  }
  return findings;
}

const MANAGED: ReadonlyMap<PartitionContent, string> = new Map([
  ['LVM', 'an LVM volume group'], ['RAID member', 'a Linux software RAID'], ['dynamic disk', 'a Windows dynamic disk'],
]);

/** Returns "Partition 2" or "Partitions 2, 3 and 5". */
function named(partitions: readonly Partition[]): string {
  const numbers = partitions.map(({ number }) => number);
  return numbers.length === 1 ? `Partition ${numbers[0]}` : `Partitions ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

const STATES: Record<Exclude<GptCopy, 'valid' | 'not read'>, string> = {
  'missing': 'is missing', 'damaged': 'has a damaged header', 'entries damaged': 'has damaged entries',
};

function judgeGpt({ primary, backup, protectiveMbr, sectorSize }: Gpt, format: KnownDisk['format'], subject: Subject): Finding[] {
  const { label } = subject;
  // sgdisk takes every file for a disk with sectors of 512 bytes.
  const repair = sectorSize === 512
    ? `Repair it on a copy of the disk: ${repairCommand(subject, format, protectiveMbr === 'absent' ? 'the protective MBR' : 'a copy of the GPT')}` : EXPORT_AGAIN;
  if (primary !== 'valid' && primary !== 'not read') {
    if (backup === 'valid') {
      return [finding('partition-table-damaged', `The primary GPT of ${label} ${STATES[primary]}; its backup at the end of the disk is whole.`, repair)];
    }
    const both = backup === 'not read' || backup === 'elsewhere' ? '' : `, and its backup at the end of the disk ${STATES[backup]}`;
    return [finding('partition-table-unusable', `The primary GPT of ${label} ${STATES[primary]}${both}.`, EXPORT_AGAIN)];
  }
  if (protectiveMbr === 'absent') {
    return [finding('partition-table-unusable', `The GPT of ${label} has no protective MBR: UEFI does not see its partitions.`, repair)];
  }
  switch (backup) {
    case 'valid':
    case 'not read': return [];
    case 'elsewhere': return [finding('partition-table-backup-damaged', `The backup GPT of ${label} is not at the end of the disk, as after the disk was enlarged.`, repair)];
    case 'missing':
    case 'damaged':
    case 'entries damaged': return [finding('partition-table-backup-damaged', `The backup GPT at the end of ${label} ${STATES[backup]}.`, repair)];
  }
}
