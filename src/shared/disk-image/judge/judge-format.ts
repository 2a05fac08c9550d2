import { convertCommand, Expectation, Finding, finding, quoted, resultName, Subject } from './finding';
import { ForeignFile, ForeignFormat, Image, ImportFormat } from '../formats/image';

/** What the user declared against what the file is. */
export function judgeDeclaredFormat(image: Exclude<Image, ForeignFile>, { format: declared }: Expectation, subject: Subject): Finding[] {
  if (declared === undefined || declared === image.format) return [];
  const remedy = `Declare the format ${image.format}, or export the disk again as ${declared}.`;
  const message = `${subject.label} is declared as ${declared} but is ${NAMES[image.format]}.`;
  return [finding(isClose(declared, image) ? 'format-close' : 'format-mismatch', message, remedy)];
}

const NAMES: Record<ImportFormat, string> = {
  OVA: 'an OVA',
  VMDK: 'a VMDK',
  VHD: 'a VHD',
  VHDX: 'a VHDX',
  RAW: 'no OVA, VMDK, VHD or VHDX: it can only be RAW',
};

/** AWS names VHD and VHDX together, and a fixed VHD is a RAW disk with a footer: nothing says that these are refused. */
function isClose(declared: ImportFormat, image: Exclude<Image, ForeignFile>): boolean {
  switch (image.format) {
    case 'VHD': return declared === 'VHDX' || (declared === 'RAW' && image.subformat === 'fixed');
    case 'VHDX': return declared === 'VHD';
    case 'OVA':
    case 'VMDK':
    case 'RAW': return false;
  }
}

export function judgeForeign(file: ForeignFile, subject: Subject): Finding[] {
  if (file.subformat === 'encrypted') {
    return [finding('image-encrypted', `${subject.label} is an encrypted ${file.format} image.`, decrypt(file.format))];
  }
  switch (file.format) {
    case 'qcow':
    case 'qcow2':
    case 'qed':
    case 'vdi':
    case 'parallels':
    case 'dmg': return notImportable(`a ${file.format} image`, subject, `Convert it: ${convertCommand(subject, file.format)}`);
    case 'wim': return notImportable('a Windows imaging (WIM) file', subject, 'Apply it to a virtual machine and export that as OVA, VMDK, VHD or VHDX.');
    case 'iso9660': return iso(file, subject);
    case 'gzip':
    case 'zip':
    case 'xz':
    case 'zstd':
    case 'bzip2':
    case '7z': return compressed(file.format, subject);
    case 'tar': return [finding('ova-no-descriptor', `${subject.label} is a tar archive without an OVF descriptor, not an OVA.`,
      `Unpack it and import the disk in it: tar -xvf ${quoted(subject.fileName)}`)];
    case 'luks':
    case 'bitlocker': return [finding('image-encrypted', `${subject.label} is encrypted as a whole (${file.format}).`, decrypt(file.format))];
    case 'ovf': return notAnImage('an OVF descriptor without its disks', subject,
      'Pack it with its disks, the descriptor first, as its .mf file lists them: tar -cf export.ova descriptor.ovf disk1.vmdk');
    case 'git-lfs-pointer': return notAnImage('a Git LFS pointer, not the disk itself', subject, `Fetch the disk: git lfs pull --include ${quoted(subject.fileName)}`);
    case 'markup': return notAnImage('an HTML or XML document, such as an error page that a download saved', subject, 'Download the disk again.');
    case 'empty': return notAnImage('empty (0 bytes)', subject, 'Export or upload the disk again.');
  }
}

function notImportable(what: string, subject: Subject, remedy: string): Finding[] {
  return [finding('format-not-importable', `${subject.label} is ${what}, which VM Import/Export does not import.`, remedy)];
}

function notAnImage(what: string, subject: Subject, remedy: string): Finding[] {
  return [finding('file-not-an-image', `${subject.label} is ${what}.`, remedy)];
}

function iso({ subformat }: ForeignFile, subject: Subject): Finding[] {
  const remedy = 'Install from it on a virtual machine and export that as OVA, VMDK, VHD or VHDX.';
  if (subformat === 'plain') return notImportable('an ISO 9660 image', subject, remedy);
  return [finding('format-doubtful', `${subject.label} is an ISO 9660 image with a boot sector for USB sticks, hardly an installed system.`, remedy)];
}

/** Commands that unpack beside the file and leave it as it is. */
const UNPACK = {
  'gzip': 'gzip -dc', 'zip': 'unzip -p', 'xz': 'xz -dc', 'zstd': 'zstd -dc', 'bzip2': 'bzip2 -dc', '7z': '7z x -so',
} as const;

function compressed(format: keyof typeof UNPACK, { label, unpack, fileName }: Subject): Finding[] {
  const inner = fileName.replace(/\.(gz|tgz|zip|xz|zst|bz2|7z)$/i, '');
  const to = inner === fileName ? resultName(fileName, 'img') : inner;
  const remedy = `Unpack it and import the disk: ${unpack}${UNPACK[format]} ${quoted(fileName)} > ${quoted(to)}`;
  return [finding('format-compressed', `${label} is compressed (${format}), which VM Import/Export does not unpack.`, remedy)];
}

function decrypt(format: ForeignFormat): string {
  return format === 'bitlocker'
    ? 'Turn BitLocker off in the guest (manage-bde -off C:), wait until it is done, and export the disk again.'
    : 'Import an unencrypted disk: decrypt it in the guest, or convert it with its secret (qemu-img convert --object secret,… --image-opts …).';
}
