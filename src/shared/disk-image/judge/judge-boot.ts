import { Expectation, Finding, finding, Subject } from './finding';
import { Gpt } from '../partitions/gpt';
import { Mbr } from '../partitions/mbr';
import { Partition } from '../partitions/partition';
import { PartitionTable } from '../partitions/partition-table';

/** What holds for the partitions on a disk. */
export function judgePartitions(table: PartitionTable, virtualSize: number, expectation: Expectation, subject: Subject): Finding[] {
  switch (table.kind) {
    case 'unknown': return [];
    case 'none': return expectation.role === 'image' ? [tableMissing(table.content, subject)] : [];
    case 'mbr': return [...judgeVolumes(table.partitions, virtualSize, subject), ...onBootDisk(judgeMbrBoot(table, expectation, subject), expectation)];
    case 'gpt': return [
      ...judgeGpt(table, subject),
      ...judgeVolumes(table.partitions, virtualSize, subject),
      ...onBootDisk(judgeGptBoot(table, expectation, subject), expectation),
    ];
  }
}

function onBootDisk(findings: Finding[], { role }: Expectation): Finding[] {
  return role === 'image' ? findings : [];
}

function tableMissing(content: 'zeros' | 'data', { label }: Subject): Finding {
  const seen = content === 'zeros' ? 'its first sectors are zeros' : 'its first sectors hold neither MBR nor GPT';
  return finding('partition-table-missing', `${label} has no partition table (${seen}): an import that finds no bootable partition fails.`,
    'Check that this is the disk that the machine boots from, and that it was exported whole.');
}

function judgeVolumes(partitions: readonly Partition[], virtualSize: number, { label }: Subject): Finding[] {
  const findings: Finding[] = [];
  partitions.forEach(({ encryption, offset, length }, index) => {
    const partition = `partition ${index + 1} of ${label}`;
    if (encryption === 'LUKS') {
      findings.push(finding('volume-encrypted', `The ${partition} is encrypted with LUKS: VM Import/Export does not import encrypted volumes.`,
        'Move the system to an unencrypted volume, then export the disk again; encrypt the imported image with encrypted and encryptionKey.'));
    }
    if (encryption === 'BitLocker') {
      findings.push(finding('volume-encrypted', `The ${partition} is encrypted with BitLocker: VM Import/Export does not import encrypted volumes.`,
        'Turn BitLocker off in the guest (manage-bde -off C:), wait until it is done, and export the disk again.'));
    }
    if (offset + length > virtualSize) {
      findings.push(finding('partition-beyond-disk', `The ${partition} ends at byte ${offset + length}, the disk at byte ${virtualSize}.`,
        'Check that the disk was exported and uploaded whole.'));
    }
  });
  return findings;
}

function judgeGpt({ header, entries, backup, protectiveMbr }: Gpt, { label }: Subject): Finding[] {
  const repair = 'Repair it in the guest, or on a RAW copy of the disk: sgdisk --verify, then sgdisk -e.';
  if (header === 'damaged' || entries === 'damaged') {
    const rescue = backup === 'valid' ? '; its backup at the end is intact' : '';
    return [finding('partition-table-damaged', `The GPT of ${label} has a wrong ${header === 'damaged' ? 'header' : 'partition entry'} checksum${rescue}.`, repair)];
  }
  if (protectiveMbr === 'absent') {
    return [finding('partition-table-damaged', `The GPT of ${label} has no protective MBR: firmware and tools may not see it.`, repair)];
  }
  if (backup === 'damaged') {
    return [finding('partition-table-backup-damaged', `The backup GPT at the end of ${label} is missing or damaged.`, repair)];
  }
  return [];
}

function has(partitions: readonly Partition[], role: Partition['role']): boolean {
  return partitions.some(partition => partition.role === role);
}

function judgeMbrBoot({ partitions }: Mbr, { bootMode }: Expectation, subject: Subject): Finding[] {
  if (bootMode === 'uefi') return has(partitions, 'efi system') ? [] : [noEfiPartition(subject)];
  if (partitions.some(({ active }) => active === 'active')) return [];
  if (bootMode === undefined && has(partitions, 'efi system')) return [];
  return [finding('partition-not-active', `No partition of ${subject.label} is marked active (bootable): an import that finds no bootable partition fails.`,
    'Mark the boot partition in the guest: sfdisk --activate /dev/sda 1 on Linux, diskpart with "active" on Windows.')];
}

function judgeGptBoot({ partitions }: Gpt, { bootMode }: Expectation, subject: Subject): Finding[] {
  const efi = has(partitions, 'efi system');
  const bios = has(partitions, 'bios boot');
  switch (bootMode) {
    case 'uefi': return efi ? [] : [noEfiPartition(subject)];
    case 'legacy-bios': return bios ? [] : [finding('boot-mode-legacy-on-gpt',
      `${subject.label} is declared to boot in legacy-bios mode, but its GPT has no BIOS boot partition.`,
      efi ? 'Declare the boot mode uefi: the disk has an EFI system partition.' : 'Declare the boot mode in which the machine was installed.')];
    case undefined: return efi && !bios ? [finding('boot-mode-undeclared', `${subject.label} boots by UEFI only: its GPT has an EFI system partition and no BIOS boot partition.`,
      'Declare the boot mode uefi, so that the image does not depend on what EC2 makes of it.')] : [];
  }
}

function noEfiPartition({ label }: Subject): Finding {
  return finding('boot-mode-needs-efi-partition', `${label} is declared to boot in uefi mode, but has no EFI system partition.`,
    'Declare the boot mode legacy-bios, or check that this is the disk that the machine boots from.');
}
