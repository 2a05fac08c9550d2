import { BootObstacle, BootVerdict, BootWay } from './boot-verdict';
import { EfiSystem } from './efi-system-partition';
import { Gpt } from '../partitions/gpt';
import { Mbr } from '../partitions/mbr';
import { PartitionTable } from '../partitions/partition-table';

/**
 * Derives whether and how a machine on EC2 boots from a disk. A pure function of what was read.
 *
 * EC2 has none of the boot entries of the machine that the disk comes from: UEFI takes the removable-media path, and
 * BIOS the code in the first sector.
 */
export function deriveBoot(table: PartitionTable, efi: EfiSystem): BootVerdict {
  switch (table.kind) {
    case 'unknown': return { kind: 'unknown' };
    case 'none': return { kind: 'does not boot', obstacle: 'no partition table' };
    case 'mbr': return verdictOf(biosOnMbr(table), efi, table);
    case 'gpt': return onGpt(table, efi);
  }
}

type Bios = 'boots' | 'unknown' | BootObstacle;

function onGpt(table: Gpt, efi: EfiSystem): BootVerdict {
  const { primary, backup, protectiveMbr, sectorSize } = table;
  if (primary !== 'valid' && backup !== 'valid') {
    return primary === 'not read' || backup === 'not read' ? { kind: 'unknown' } : { kind: 'does not boot', obstacle: 'damaged partition table' };
  }
  if (sectorSize !== 512) return { kind: 'does not boot', obstacle: 'sectors of 4,096 bytes' };
  if (protectiveMbr === 'absent') return { kind: 'does not boot', obstacle: 'no protective MBR' };
  return verdictOf(biosOnGpt(table), efi, table);
}

function verdictOf(bios: Bios, efi: EfiSystem, { partitions }: Mbr | Gpt): BootVerdict {
  const loaders = efi.kind === 'read' ? efi.loaders : [];
  const ways: BootWay[] = loaders.map(architecture => ({ architecture, bootMode: architecture === 'x86_64' && bios === 'boots' ? 'uefi-preferred' : 'uefi' }));
  if (bios === 'boots' && !loaders.includes('x86_64')) ways.unshift({ architecture: 'x86_64', bootMode: 'legacy-bios' });
  if (ways.length > 0) return { kind: 'boots', ways };
  if (partitions.length === 0) return { kind: 'does not boot', obstacle: 'no partition' };
  if (bios === 'boots' || bios === 'unknown' || efi.kind === 'not read') return { kind: 'unknown' };
  return { kind: 'does not boot', obstacle: efi.kind === 'read' ? 'no removable path' : efi.kind === 'no file system' ? 'no EFI file system' : bios };
}

function biosOnMbr({ bootCode, partitions }: Mbr): Bios {
  const active = partitions.some(partition => partition.active === 'active');
  switch (bootCode) {
    case 'none': return active ? 'no boot code' : 'no active partition';
    case 'chooses': return 'boots';
    case 'needs active': return active ? 'boots' : 'no active partition';
    case 'unfamiliar': return active ? 'boots' : 'unknown';
  }
}

/** GRUB needs a BIOS boot partition for its core, SYSLINUX the attribute "legacy BIOS bootable". */
function biosOnGpt({ bootCode, partitions, primary }: Gpt): Bios {
  const prepared = partitions.some(({ role, active }) => role === 'bios boot' || active === 'active');
  switch (bootCode) {
    case 'none':
    case 'needs active': return prepared ? 'no boot code' : 'nothing to boot from';
    case 'chooses':
    case 'unfamiliar': return prepared && primary === 'valid' ? 'boots' : 'unknown';
  }
}
