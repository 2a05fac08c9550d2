import { FindingCode } from './catalogue';
import { convertCommand, replayCommand, resultName } from './commands';
import { Expectation, Finding, finding, inTiB, isWrittenAsItIs } from './finding';
import { judgeBoot } from './judge-boot';
import { decryptRemedy, notImportable } from './judge-format';
import { judgePartitions } from './judge-partitions';
import { quoted, Subject } from './subject';
import { KnownDisk, Qcow2Image, VhdImage, VhdxImage, VmdkImage } from '../formats/image';
import { Truncation } from '../reading/image-file';

const TIB = 2 ** 40;
const EXPORT_AGAIN = 'Export or upload the disk again.';

/** Judges one disk: its container, its partitions, and whether it boots where it is to boot. */
export function judgeDisk(image: KnownDisk, expectation: Expectation, subject: Subject): Finding[] {
  const container = judgeContainer(image, expectation, subject);
  // What is not there, or not right, cannot boot: one finding for each cause.
  const broken = image.truncated !== undefined || container.some(({ code }) => BROKEN.has(code));
  const boot = broken || expectation.role === 'data disk' ? [] : judgeBoot(image, expectation, subject);
  // A disk that only VmImportAmi takes needs no conversion.
  const needed = boot.some(({ code }) => code === 'architecture-not-importable') ? container.filter(({ code }) => !CONVERTIBLE.has(code)) : container;
  return [...needed, ...judgePartitions(image, subject), ...boot];
}

const CONVERTIBLE: ReadonlySet<FindingCode> = new Set(['format-not-importable', 'vmdk-not-stream-optimized']);
const BROKEN: ReadonlySet<FindingCode> = new Set(['image-damaged', 'image-truncated', 'disk-empty']);

function judgeContainer(image: KnownDisk, expectation: Expectation, subject: Subject): Finding[] {
  // Headers that are not there say nothing, and what they leave out is no further cause.
  if (image.truncated !== undefined) return [...judgeSubformat(image, expectation, subject), ...image.format === 'RAW' ? [cut(image.truncated, subject)] : judgeTruncation(image.truncated, subject)];
  const damage = [...judgeSubformat(image, expectation, subject), ...judgeDamage(image, subject)];
  return [...damage, ...damage.some(({ code }) => code === 'image-damaged') ? [] : judgeSize(image.virtualSize, image.format, expectation, subject)];
}

/** Judges the kind of the container, which holds whatever its state is. */
function judgeSubformat(image: KnownDisk, expectation: Expectation, subject: Subject): Finding[] {
  switch (image.format) {
    case 'VMDK': return judgeVmdk(image, expectation, subject);
    case 'VHD': return judgeVhd(image, subject);
    case 'VHDX': return judgeVhdx(image, subject);
    case 'qcow2': return judgeQcow2(image, expectation, subject);
    case 'RAW': return [];
  }
}

function judgeDamage(image: KnownDisk, subject: Subject): Finding[] {
  switch (image.format) {
    case 'VMDK': return judgeVmdkDamage(image, subject);
    case 'VHD': return judgeVhdDamage(image, subject);
    case 'VHDX': return image.damage.length === 0 ? []
      : [finding('image-damaged', `${subject.label} is a damaged VHDX: ${image.damage.map(one => VHDX_DAMAGE[one]).join(', and ')}.`, EXPORT_AGAIN)];
    case 'qcow2':
    case 'RAW': return [];
  }
}

/**
 * "Disk images must be less than 16 TiB. For disk images that are larger than 8 TiB, you must use a manifest file."
 * A disk that is written as it is may have 16 TiB. If every block is written, `timeout` allows less, which the deployment checks.
 */
export function judgeSize(virtualSize: number, format: string, expectation: Expectation, { label }: Subject): Finding[] {
  const split = 'Shrink the disk, or move data to further disks.';
  const holds = `${label} holds a disk of ${inTiB(virtualSize)}`;
  if (virtualSize === 0) return [finding('disk-empty', `${label} is a ${format} whose disk has 0 bytes.`, EXPORT_AGAIN)];
  if (isWrittenAsItIs(expectation)) {
    return virtualSize > 16 * TIB ? [finding('disk-too-large', `${holds}: a copy takes disks of at most 16 TiB.`, split)] : [];
  }
  if (virtualSize >= 16 * TIB) return [finding('disk-too-large', `${holds}: VM Import/Export takes disks of less than 16 TiB.`, split)];
  return virtualSize > 8 * TIB ? [finding('disk-over-8-tib', `${holds}: above 8 TiB VM Import/Export asks for a manifest file.`, split)] : [];
}

export function judgeTruncation(truncated: Truncation | undefined, { label }: Subject): Finding[] {
  if (truncated === undefined) return [];
  return [finding('image-truncated', `${label} is incomplete: its headers name data up to byte ${truncated.neededSize}, where the file has ended.`, EXPORT_AGAIN)];
}

function cut({ neededSize }: Truncation, { label }: Subject): Finding {
  return finding('image-truncated', `${label} is cut: its partitions reach up to byte ${neededSize}, and the file ends before.`, EXPORT_AGAIN);
}

function judgeVmdk(image: VmdkImage, expectation: Expectation, subject: Subject): Finding[] {
  return [...judgeVmdkSubformat(image, expectation, subject), ...judgeVmdkRelations(image, subject)];
}

function judgeVmdkSubformat(image: VmdkImage, expectation: Expectation, subject: Subject): Finding[] {
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
      if (image.storage === 'descriptor only') return [descriptorOnly(image, subject)];
      return isWrittenAsItIs(expectation) && image.subformat === 'monolithicSparse' ? [] : [notStreamOptimized(image, subject)];
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

function judgeVmdkRelations({ parent, encryption }: VmdkImage, subject: Subject): Finding[] {
  const { label } = subject;
  return [
    ...encryption === 'none' ? [] : [finding('image-encrypted', `${label} is an encrypted VMDK.`,
      'Remove the encryption of the virtual machine (VM policies), then export it again.')],
    ...parent === 'none' ? [] : [finding('vmdk-parent', `${label} is the delta of another disk, which it needs to be complete.`,
      `With its parent beside it, convert it: ${convertCommand(subject, 'vmdk')}`)],
  ];
}

function judgeVmdkDamage({ damage, streamEnd = 0 }: VmdkImage, subject: Subject): Finding[] {
  const { label, unpack, fileName } = subject;
  const to = `> ${quoted(resultName(fileName, 'vmdk'))}`;
  return damage.map((one) => {
    switch (one) {
      case 'text-transfer':
        return finding('vmdk-text-transfer', `${label} had its line ends changed, as a transfer in text mode does.`, 'Transfer the file again, in binary mode.');
      case 'bad-header': return finding('image-damaged', `${label} has a VMDK header that no disk can have.`, EXPORT_AGAIN);
      case 'bad-grain':
        return finding('image-damaged', `${label} has compressed data that does not inflate to its length, among the first that the machine reads.`, EXPORT_AGAIN);
      case 'no-descriptor': return finding('vmdk-no-descriptor', `${label} is a stream-optimized VMDK without a descriptor.`, 'Export the disk again: qemu-img does not open it either.');
      case 'no-footer': return finding('image-truncated', `${label} is incomplete: it has no footer at its end.`, EXPORT_AGAIN);
      case 'no-end-of-stream': return finding('vmdk-no-end-of-stream', `${label} ends without the marker of 512 zeros that ends the stream.`,
        `Add it to a copy: ${unpack}{ head -c ${streamEnd - 512} ${quoted(fileName)}; head -c 512 /dev/zero; } ${to}`);
      case 'data-behind-footer': return finding('vmdk-data-behind-footer', `${label} has more bytes behind its end: the stream ends at byte ${streamEnd}.`,
        `Cut them off in a copy: ${unpack}head -c ${streamEnd} ${quoted(fileName)} ${to}`);
    }
  });
}

function judgeVhd({ subformat }: VhdImage, subject: Subject): Finding[] {
  return subformat === 'differencing' ? [differencing('vhd', subject)] : [];
}

function judgeVhdx({ subformat, log }: VhdxImage, subject: Subject): Finding[] {
  return [
    ...subformat === 'differencing' ? [differencing('vhdx', subject)] : [],
    ...log === 'clean' ? [] : [finding('vhdx-dirty-log', `${subject.label} is a VHDX that was not closed: its log holds changes that are not in the disk yet.`,
      `Shut the virtual machine down and export it again, or replay the log on a copy: ${replayCommand(subject)}`)],
  ];
}

function judgeQcow2({ subformat, refusal, unseen }: Qcow2Image, expectation: Expectation, subject: Subject): Finding[] {
  const { label } = subject;
  if (subformat === 'encrypted') return [finding('image-encrypted', `${label} is an encrypted qcow2 image.`, decryptRemedy('qcow2'))];
  const notSeen = unseen === undefined ? [] : [finding('inspection-incomplete', `Partitions and boot loaders of ${label} were not looked at: data compressed with Zstandard could not be unpacked here.`,
    'Look again with Node.js 22.15 or newer. VmImportAmi and VmImportSnapshot unpack it in any case.')];
  if (!isWrittenAsItIs(expectation)) return [...notImportable('a qcow2 image', subject, `Convert it: ${convertCommand(subject, 'qcow2')}`), ...notSeen];
  return refusal === undefined ? notSeen : [finding('qcow2-not-readable', `The qcow2 image ${label} ${refusal.why}.`, refusal.remedy)];
}

function differencing(extension: 'vhd' | 'vhdx', { label, fileName }: Subject): Finding {
  const paths = `-Path ${powerShellWord(fileName)} -DestinationPath ${powerShellWord(resultName(fileName, extension))}`;
  return finding(`${extension}-differencing`, `${label} is a differencing ${extension.toUpperCase()}: VM Import/Export takes fixed and dynamic ones only.`,
    `Merge it with its parent (Merge-VHD), or, on Windows: Convert-VHD ${paths} -VHDType Dynamic`);
}

function powerShellWord(word: string): string {
  return /^[\w./:\\-]+$/.test(word) ? word : `'${word.replace(/'/g, "''")}'`;
}

/** A footer with a wrong checksum also differs from its copy: one cause. */
function judgeVhdDamage({ damage }: VhdImage, subject: Subject): Finding[] {
  const { label } = subject;
  // qemu-img trusts the copy at the beginning, and refuses the image where that is the damaged one.
  const again = `Export the disk again or, where it still opens, write it anew: ${convertCommand(subject, 'vpc')}`;
  const findings: Finding[] = [];
  if (damage.includes('footers-differ')) {
    findings.push(finding('vhd-footers-differ', `${label} is a VHD whose footer differs from its copy at the beginning.`, again));
  } else if (damage.includes('footer-checksum')) {
    findings.push(finding('vhd-checksum', `${label} is a VHD with a wrong footer checksum.`, again));
  }
  if (damage.includes('header-checksum')) findings.push(finding('vhd-checksum', `${label} is a VHD with a wrong header checksum.`, again));
  if (damage.includes('bad-header')) findings.push(finding('image-damaged', `${label} is a dynamic VHD without a dynamic disk header.`, EXPORT_AGAIN));
  return findings;
}

const VHDX_DAMAGE: Record<VhdxImage['damage'][number], string> = {
  'no-valid-header': 'neither of its two headers has a valid checksum',
  'no-valid-region-table': 'neither of its two region tables has a valid checksum',
  'no-metadata': 'its metadata does not describe the disk',
};
