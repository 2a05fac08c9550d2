import { FindingCode } from './catalogue';
import { convertCommand, Expectation, Finding, finding, inTiB, quoted, Subject } from './finding';
import { judgeBoot } from './judge-boot';
import { judgePartitions } from './judge-partitions';
import { DiskImage, ForeignFile, VhdImage, VhdxImage, VmdkImage } from '../formats/image';
import { Truncation } from '../reading/image-file';

const TIB = 2 ** 40;
const EXPORT_AGAIN = 'Export or upload the disk again.';

/** A disk in a container that is known here. */
export type JudgedDisk = Exclude<DiskImage, ForeignFile>;

/** Judges one disk: its container, its partitions, and whether it boots where it is to boot. */
export function judgeDisk(image: JudgedDisk, expectation: Expectation, subject: Subject): Finding[] {
  const container = [...judgeKind(image, subject), ...judgeSize(image.virtualSize, image.format, subject)];
  // What is not there, or not right, cannot boot: one finding for each cause.
  const broken = image.truncated !== undefined || container.some(({ code }) => BROKEN.has(code));
  return [...container, ...judgePartitions(image, subject), ...(broken || expectation.role === 'data disk' ? [] : judgeBoot(image, expectation, subject))];
}

const BROKEN: ReadonlySet<FindingCode> = new Set(['image-damaged', 'image-truncated', 'disk-empty']);

function judgeKind(image: JudgedDisk, subject: Subject): Finding[] {
  switch (image.format) {
    case 'VMDK': return [...judgeVmdk(image, subject), ...judgeVmdkState(image, subject), ...judgeTruncation(image.truncated, subject)];
    case 'VHD': return [...judgeVhd(image, subject), ...judgeTruncation(image.truncated, subject)];
    case 'VHDX': return [...judgeVhdx(image, subject), ...judgeTruncation(image.truncated, subject)];
    case 'RAW': return image.truncated === undefined ? [] : [cut(image.truncated, subject)];
  }
}

/** "Disk images must be less than 16 TiB. For disk images that are larger than 8 TiB, you must use a manifest file." */
export function judgeSize(virtualSize: number, format: string, { label }: Subject): Finding[] {
  const split = 'Shrink the disk, or move data to further disks and import those as EBS snapshots.';
  if (virtualSize >= 16 * TIB) {
    return [finding('disk-too-large', `${label} holds a disk of ${inTiB(virtualSize)}: VM Import/Export takes disks of less than 16 TiB.`, split)];
  }
  if (virtualSize > 8 * TIB) {
    return [finding('disk-over-8-tib', `${label} holds a disk of ${inTiB(virtualSize)}: above 8 TiB VM Import/Export asks for a manifest file.`, split)];
  }
  if (virtualSize === 0) {
    return [finding('disk-empty', `${label} is a ${format} whose disk has 0 bytes.`, EXPORT_AGAIN)];
  }
  return [];
}

export function judgeTruncation(truncated: Truncation | undefined, { label }: Subject): Finding[] {
  if (truncated === undefined) return [];
  return [finding('image-truncated', `${label} is incomplete: its headers name data up to byte ${truncated.neededSize}, where the file has ended.`, EXPORT_AGAIN)];
}

function cut({ neededSize }: Truncation, { label }: Subject): Finding {
  return finding('image-truncated', `${label} is cut: its partitions reach up to byte ${neededSize}, and the file ends before.`, EXPORT_AGAIN);
}

function judgeVmdk(image: VmdkImage, subject: Subject): Finding[] {
  const { label } = subject;
  switch (image.subformat) {
    case 'streamOptimized': return image.storage === 'data' ? [] : [descriptorOnly(image, subject)];
    case 'seSparse':
    case 'vmfsSparse':
      return [finding('vmdk-sesparse', `${label} is a ${image.subformat} snapshot delta, which VM Import/Export does not support.`,
        'Consolidate the snapshots of the virtual machine (Snapshots > Delete All), then export it as OVF or OVA.')];
    case 'vmfsRaw':
    case 'vmfsRawDeviceMap':
    case 'vmfsPassthroughRawDeviceMap':
    case 'fullDevice':
    case 'partitionedDevice':
      return [finding('vmdk-raw-device', `${label} maps a physical device (${image.subformat}), which VM Import/Export does not support.`,
        'Migrate the disk to a virtual one (Storage vMotion, or vmkfstools -i), then export the virtual machine.')];
    case 'monolithicSparse':
    case 'monolithicFlat':
    case 'twoGbMaxExtentSparse':
    case 'twoGbMaxExtentFlat':
    case 'sparseExtent':
    case 'vmfs':
    case 'vmfsThin':
    case 'custom':
      return [image.storage === 'descriptor only' ? descriptorOnly(image, subject) : notStreamOptimized(image, subject)];
  }
}

function notStreamOptimized({ subformat }: VmdkImage, subject: Subject): Finding {
  const remedy = subformat === 'sparseExtent' || subformat.startsWith('twoGb')
    ? `Convert the descriptor file that joins all its parts: ${convertCommand({ ...subject, fileName: 'descriptor.vmdk' }, 'vmdk')}`
    : `Convert it: ${convertCommand(subject, 'vmdk')}`;
  return finding('vmdk-not-stream-optimized', `${subject.label} is a ${subformat} VMDK: VM Import/Export takes stream-optimized ones only.`, remedy);
}

function descriptorOnly({ extents }: VmdkImage, subject: Subject): Finding {
  const files = extents.length === 0 ? 'other files' : extents.slice(0, 3).join(', ') + (extents.length > 3 ? ', …' : '');
  return finding('vmdk-descriptor-only', `${subject.label} only describes a VMDK: its data is in ${files}.`,
    `With those files beside it, convert it: ${convertCommand(subject, 'vmdk')}`);
}

function judgeVmdkState({ parent, encryption, damage }: VmdkImage, subject: Subject): Finding[] {
  const { label } = subject;
  const findings: Finding[] = [];
  if (encryption === 'encrypted') {
    findings.push(finding('image-encrypted', `${label} is an encrypted VMDK.`, 'Remove the encryption of the virtual machine (VM policies), then export it again.'));
  }
  if (parent === 'named') {
    findings.push(finding('vmdk-parent', `${label} is the delta of another disk, which it needs to be complete.`,
      `With its parent beside it, convert it: ${convertCommand(subject, 'vmdk')}`));
  }
  for (const one of damage) {
    switch (one) {
      case 'text-transfer':
        findings.push(finding('vmdk-text-transfer', `${label} had its line ends changed, as a transfer in text mode does.`, 'Transfer the file again, in binary mode.'));
        break;
      case 'bad-header':
        findings.push(finding('image-damaged', `${label} has a VMDK header that no disk can have.`, EXPORT_AGAIN));
        break;
      case 'no-footer': // Its truncation says so.
        break;
    }
  }
  return findings;
}

function judgeVhd(image: VhdImage, subject: Subject): Finding[] {
  const { label } = subject;
  const findings: Finding[] = [];
  // qemu-img trusts the copy at the beginning, and refuses the image where that is the damaged one.
  const again = `Export the disk again, or, where it still opens, write it anew: ${convertCommand(subject, 'vpc')}`;
  if (image.subformat === 'differencing') {
    findings.push(finding('vhd-differencing', `${label} is a differencing VHD: VM Import/Export takes fixed and dynamic ones only.`,
      `Merge it with its parent (Merge-VHD), or, on Windows: Convert-VHD -Path ${subject.fileName} -DestinationPath merged.vhd -VHDType Dynamic`));
  }
  for (const one of image.damage) {
    switch (one) {
      case 'footers-differ':
        findings.push(finding('vhd-footers-differ', `${label} is a VHD whose footer differs from its copy at the beginning.`, again));
        break;
      case 'footer-checksum':
      case 'header-checksum':
        findings.push(finding('vhd-checksum', `${label} is a VHD with a wrong ${one === 'footer-checksum' ? 'footer' : 'header'} checksum.`, again));
        break;
      case 'bad-header':
        findings.push(finding('image-damaged', `${label} is a dynamic VHD without a dynamic disk header.`, EXPORT_AGAIN));
        break;
      case 'no-footer': // Its truncation says so.
        break;
    }
  }
  return findings;
}

const VHDX_DAMAGE: Record<VhdxImage['damage'][number], string> = {
  'no-valid-header': 'neither of its two headers has a valid checksum',
  'no-valid-region-table': 'neither of its two region tables has a valid checksum',
  'no-metadata': 'its metadata does not tell the disk',
};

function judgeVhdx(image: VhdxImage, subject: Subject): Finding[] {
  const { label } = subject;
  const findings = image.damage.map(one => finding('image-damaged', `${label} is a damaged VHDX: ${VHDX_DAMAGE[one]}.`, EXPORT_AGAIN));
  if (image.subformat === 'differencing') {
    findings.push(finding('vhdx-differencing', `${label} is a differencing VHDX: VM Import/Export takes fixed and dynamic ones only.`,
      `Merge it with its parent (Merge-VHD), or, on Windows: Convert-VHD -Path ${subject.fileName} -DestinationPath merged.vhdx -VHDType Dynamic`));
  }
  if (image.log === 'dirty') {
    findings.push(finding('vhdx-dirty-log', `${label} is a VHDX that was not closed: its log holds changes that are not in the disk yet.`,
      `Shut the virtual machine down, then export it again; or replay the log: qemu-img check -r all ${quoted(subject.fileName)}`));
  }
  return findings;
}
