import { bootDiskOf, describeBoot, Finding, Inspection, PartitionTable } from '../../src/shared/disk-image';
import { Paint } from '../screen/paint';
import { printable } from '../screen/printable';

/** Whether VmImportImage can import it, as far as a look can tell. */
export function isImportable({ findings }: Inspection): boolean {
  return findings.every(({ severity }) => severity !== 'error');
}

/** What people read. */
export function report(disk: string, inspection: Inspection, paint: Paint): string {
  const { fileSize, virtualSize, cost, findings } = inspection;
  const rows: readonly (readonly [string, string])[] = [
    ['format', nameOf(inspection)],
    ['size', [sizeOf(fileSize), ...virtualSize === 0 ? [] : [`a disk of ${sizeOf(virtualSize)}`]].join(', ')],
    ...contentOf(inspection),
    ...bootOf(inspection),
    ['looked at', `${sizeOf(cost.bytes)} in ${cost.reads} ${cost.reads === 1 ? 'read' : 'reads'}`],
  ];
  const verdict = isImportable(inspection)
    ? paint('green', `Importable: nothing was found that EC2 documents as refused.${inspection.boot.kind === 'does not boot' ? ' As it is, the disk does not boot on EC2.' : ''}`)
    : paint('red', refusalOf(inspection));
  return [
    paint('bold', printable(disk)),
    ...rows.map(([name, value]) => `  ${paint('dim', name.padEnd(10))} ${printable(value)}`),
    '',
    ...findings.flatMap((finding) => [...findingLines(finding, paint), '']),
    verdict,
    '',
  ].join('\n');
}

/** Says that VmImportImage does not take a disk, and names the constructs that do. */
function refusalOf({ takenBy }: Inspection): string {
  if (takenBy.includes('VmImportAmi')) {
    return 'Not importable by VmImportImage. VmImportAmi and VmImportSnapshot take it as it is.';
  }
  return takenBy.includes('VmImportSnapshot') ? 'Not importable by VmImportImage. VmImportSnapshot takes it as a data disk.' : 'Not importable.';
}

/** Returns the format, with its kind if it has several. */
function nameOf({ format, subformat }: Pick<Inspection, 'format' | 'subformat'>): string {
  return subformat === 'plain' ? format : `${format} (${subformat})`;
}

const COLORS = { error: 'red', warning: 'yellow', info: 'blue' } as const;

function findingLines({ code, severity, message, remedy, source }: Finding, paint: Paint): string[] {
  return [
    `${paint(COLORS[severity], severity)} ${paint('bold', code)}`,
    `  ${printable(message)}`,
    `  ${printable(remedy)}`,
    `  ${paint('dim', source)}`,
  ];
}

function contentOf(inspection: Inspection): (readonly [string, string])[] {
  switch (inspection.format) {
    case 'OVA':
      return inspection.disks.map((disk): readonly [string, string] => {
        const what = disk.place === 'in archive' ? [nameOf(disk.image)] : [];
        return ['disk', [disk.href || disk.diskId, disk.place, ...what, sizeOf(disk.virtualSize)].join(', ')];
      });
    case 'VMDK':
    case 'VHD':
    case 'VHDX':
    case 'qcow2':
    case 'RAW':
      return [['partitions', partitionsOf(inspection.partitionTable)]];
    default:
      return [];
  }
}

const NAMELESS: ReadonlySet<string> = new Set(['not looked at', 'other', 'zeros']);

/** Returns how the disk boots and what it seems to hold. Returns no rows for a file that is not a disk. */
function bootOf(inspection: Inspection): (readonly [string, string])[] {
  const disk = bootDiskOf(inspection);
  if (disk === undefined) {
    return [];
  }
  return [['boot', describeBoot(inspection.boot)], ...(disk.system === '' ? [] : [['system', disk.system] as const])];
}

function partitionsOf(table: PartitionTable): string {
  switch (table.kind) {
    case 'unknown':
      return 'not seen';
    case 'none':
      return 'none';
    case 'mbr':
    case 'gpt':
      return [table.kind.toUpperCase(), ...table.partitions.map(({ role, content, length }) =>
        [role === 'other' ? '' : role, NAMELESS.has(content) ? '' : content, sizeOf(length)].filter(Boolean).join(' '))].join(', ');
  }
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[power]}`;
}
