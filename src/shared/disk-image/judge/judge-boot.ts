import { Expectation, Finding, finding } from './finding';
import { Subject } from './subject';
import { BootMode, BootObstacle, BootWay } from '../boot/boot-verdict';
import { DiskContent } from '../boot/disk-content';

const EXPORT_WHOLE = 'Check that this is the disk that the machine boots from, and that it was exported whole.';

/** Judges whether the machine boots on EC2, and whether it does so as it is declared. One finding at most: they all have one cause. */
export function judgeBoot(content: DiskContent, expectation: Expectation, subject: Subject): Finding[] {
  const { boot } = content;
  switch (boot.kind) {
    case 'unknown': return judgeUnknown(content, expectation, subject);
    case 'does not boot': return judgeObstacle(boot.obstacle, content, subject);
    case 'boots': return judgeWays(boot.ways, content, expectation, subject);
  }
}

/** GRUB can boot from a GPT without a BIOS boot partition, from a list of blocks: nothing to rely on. */
function judgeUnknown({ partitionTable: table }: DiskContent, { bootMode }: Expectation, { label }: Subject): Finding[] {
  if (bootMode !== 'legacy-bios' || table.kind !== 'gpt' || table.bootCode === 'none' || table.partitions.some(({ role }) => role === 'bios boot')) return [];
  return [finding('boot-mode-legacy-on-gpt', `${label} is declared to boot in legacy-bios mode, but its GPT has no BIOS boot partition.`,
    'Declare the boot mode in which the machine was installed.')];
}

function judgeObstacle(obstacle: BootObstacle, content: DiskContent, subject: Subject): Finding[] {
  const { label } = subject;
  switch (obstacle) {
    case 'no partition table': {
      const zeros = content.partitionTable.kind === 'none' && content.partitionTable.content === 'zeros';
      const seen = zeros ? 'its first sectors are zeros' : 'its first sectors hold neither MBR nor GPT';
      return [finding('partition-table-missing', `${label} has no partition table (${seen}): an import that finds no bootable partition fails.`, EXPORT_WHOLE)];
    }
    case 'no partition': return [finding('boot-partition-missing', `${label} has a partition table without a partition.`, EXPORT_WHOLE)];
    case 'nothing to boot from':
      return [finding('boot-partition-missing', `${label} has nothing to boot from: its GPT has neither an EFI system partition nor a BIOS boot partition.`, EXPORT_WHOLE)];
    case 'no active partition': return [notActive(subject)];
    case 'no boot code':
      return [finding('boot-code-missing', `${label} has no boot code for BIOS in its first sector, and no EFI system partition.`,
        'In the guest, install the boot loader (grub-install on Linux, bootrec /fixmbr on Windows), then export the disk again.')];
    case 'no removable path': return [noLoader(content, subject)];
    case 'no EFI file system': return [noFileSystem(subject)];
    case 'sectors of 4,096 bytes':
      return [finding('partition-table-sector-size', `The GPT of ${label} is laid out for sectors of 4,096 bytes: EBS volumes have sectors of 512 bytes, on which firmware does not find it.`,
        'Install the machine on a disk with sectors of 512 bytes, or copy its partitions to one.')];
    // Said of the partition table already.
    case 'no protective MBR':
    case 'damaged partition table': return [];
  }
}

function notActive({ label }: Subject): Finding {
  return finding('partition-not-active', `No partition of ${label} is marked active (bootable): an import that finds no bootable partition fails.`,
    'In the guest, mark the partition with the boot loader as active (sfdisk --activate on Linux, diskpart on Windows), then export the disk again.');
}

function noFileSystem({ label }: Subject): Finding {
  return finding('efi-partition-unreadable', `The EFI system partition of ${label} holds no FAT file system: UEFI finds no boot loader there.`,
    'In the guest, format it and install the boot loader anew, then export the disk again.');
}

function noLoader({ efi }: DiskContent, { label }: Subject): Finding {
  const vendors = efi.kind === 'read' && efi.vendors.length > 0 ? `; it has ${efi.vendors.map(vendor => `EFI/${vendor}`).slice(0, 3).join(', ')}` : '';
  return finding('efi-loader-missing', `The EFI system partition of ${label} has no boot loader where EC2 looks for it (EFI/BOOT/BOOTX64.EFI, or BOOTAA64.EFI for arm64)${vendors}.`,
    'In the guest, install it there (grub-install --removable on Linux; on Windows, copy EFI\\Microsoft\\Boot\\bootmgfw.efi to EFI\\Boot\\bootx64.efi), then export the disk again.');
}

function judgeWays(ways: readonly BootWay[], content: DiskContent, expectation: Expectation, subject: Subject): Finding[] {
  const { label } = subject;
  const { importer = 'VmImportImage', architecture } = expectation;
  const wanted = architecture === 'i386' ? 'x86_64' : architecture;
  const way = wanted === undefined ? ways[0] : ways.find(one => one.architecture === wanted);
  if (importer === 'VmImportImage' && ways.every(one => one.architecture === 'arm64')) {
    return [finding('architecture-not-importable', `${label} boots on arm64 only, which VM Import/Export does not import.`, 'Use the construct VmImportAmi, which writes the disk as it is.')];
  }
  if (way === undefined) {
    const found = ways.map(one => one.architecture).join(' and ');
    return [finding('architecture-differs', `${label} is declared as ${architecture}, but its boot loader is for ${found}.`, `Declare the architecture ${ways[0]?.architecture}.`)];
  }
  return judgeMode(way.bootMode, content, expectation, subject);
}

function judgeMode(found: BootMode, content: DiskContent, { bootMode, importer = 'VmImportImage' }: Expectation, subject: Subject): Finding[] {
  const { label } = subject;
  if (found !== 'uefi' && bootMode !== 'uefi' && importer === 'VmImportImage' && lacksActive(content)) return [notActive(subject)];
  if (found === 'uefi-preferred' || bootMode === found) return [];
  switch (bootMode) {
    case 'uefi': return declaredUefi(content, subject);
    case 'legacy-bios': return [finding('boot-mode-legacy-on-gpt', `${label} is declared to boot in legacy-bios mode, but boots by UEFI only.`, 'Declare the boot mode uefi.')];
    case 'uefi-preferred': return [];
    case undefined: return found === 'uefi' && importer === 'VmImportImage'
      ? [finding('boot-mode-undeclared', `${label} boots by UEFI only.`, 'Declare the boot mode uefi, so that the image does not depend on what EC2 makes of it.')] : [];
  }
}

/** A loader such as GRUB boots all the same; VM Import/Export looks for a bootable partition. */
function lacksActive({ partitionTable: table, efi }: DiskContent): boolean {
  return table.kind === 'mbr' && efi.kind !== 'read' && table.partitions.every(({ active }) => active === 'inactive');
}

function declaredUefi(content: DiskContent, subject: Subject): Finding[] {
  switch (content.efi.kind) {
    case 'read': return [noLoader(content, subject)];
    case 'no file system': return [noFileSystem(subject)];
    case 'not read': return [];
    case 'none': return [finding('boot-mode-needs-efi-partition', `${subject.label} is declared to boot in uefi mode, but has no EFI system partition.`,
      'Declare the boot mode legacy-bios, or check that this is the disk that the machine boots from.')];
  }
}
