import { Compression, convertCommand, unpackCommand } from './commands';
import { Expectation, Finding, finding, isWrittenAsItIs } from './finding';
import { quoted, Subject } from './subject';
import { ForeignFile, ForeignFormat, Image, ImportFormat } from '../formats/image';

/** Judges the declared format against the format of the file. */
export function judgeDeclaredFormat(image: Exclude<Image, ForeignFile>, expectation: Expectation, subject: Subject): Finding[] {
  const { format: declared } = expectation;
  const found = image.format.toUpperCase();
  // VmImportImage takes no qcow2, whatever is declared.
  if (declared === undefined || declared === found || (image.format === 'qcow2' && !isWrittenAsItIs(expectation))) return [];
  const remedy = `Declare the format ${found}, rename the file to end in .${image.format.toLowerCase()}, or export the disk again as ${declared}.`;
  const message = `${subject.label} is declared as ${declared} but is ${NAMES[image.format]}.`;
  return [finding(isClose(declared, image) ? 'format-close' : 'format-mismatch', message, remedy)];
}

const NAMES: Record<ImportFormat | 'qcow2', string> = {
  qcow2: 'a qcow2 image',
  OVA: 'an OVA',
  VMDK: 'a VMDK',
  VHD: 'a VHD',
  VHDX: 'a VHDX',
  RAW: 'no OVA, VMDK, VHD or VHDX: it can only be RAW',
};

/** AWS names VHD and VHDX together, and a fixed VHD is a RAW disk with a footer: nothing says that these are refused. */
function isClose(declared: ImportFormat | 'QCOW2', image: Exclude<Image, ForeignFile>): boolean {
  switch (image.format) {
    case 'VHD': return declared === 'VHDX' || (declared === 'RAW' && image.subformat === 'fixed');
    case 'VHDX': return declared === 'VHD';
    case 'OVA':
    case 'VMDK':
    case 'qcow2':
    case 'RAW': return false;
  }
}

/** Judges a file that no construct takes. */
export function judgeForeign(file: ForeignFile, subject: Subject): Finding[] {
  if (file.subformat === 'encrypted') {
    return [finding('image-encrypted', `${subject.label} is an encrypted ${file.format} image.`, decryptRemedy(file.format))];
  }
  switch (file.format) {
    case 'qcow':
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
    case '7z': return compressed(file.format, file, subject);
    case 'tar': return [finding('ova-no-descriptor', `${subject.label} is a tar archive without an OVF descriptor, not an OVA.`,
      `Unpack it and import the disk in it: tar -xvf ${quoted(subject.fileName)}`)];
    case 'luks':
    case 'bitlocker': return [finding('image-encrypted', `${subject.label} is encrypted as a whole (${file.format}).`, decryptRemedy(file.format))];
    case 'ovf': return notAnImage('an OVF descriptor without its disks', subject,
      'Pack it with its disks, the descriptor first, as its .mf file lists them: tar -cf export.ova descriptor.ovf disk1.vmdk');
    case 'git-lfs-pointer': return notAnImage('a Git LFS pointer, not the disk itself', subject, `Fetch the disk: git lfs pull --include ${quoted(subject.fileName)}`);
    case 'markup': return notAnImage('an HTML or XML document, such as an error page that a download saved', subject, 'Download the disk again.');
    case 'text': return notAnImage('a text file', subject, 'Use the disk image that it came with.');
    case 'empty': return notAnImage('empty (0 bytes)', subject, 'Export or upload the disk again.');
  }
}

export function notImportable(what: string, subject: Subject, remedy: string): Finding[] {
  return [finding('format-not-importable', `${subject.label} is ${what}, which VM Import/Export does not import.`, remedy)];
}

function notAnImage(what: string, subject: Subject, remedy: string): Finding[] {
  return [finding('file-not-an-image', `${subject.label} is ${what}.`, remedy)];
}

function iso({ subformat }: ForeignFile, subject: Subject): Finding[] {
  const remedy = 'Install from it on a virtual machine and export that machine as OVA, VMDK, VHD or VHDX.';
  switch (subformat) {
    case 'plain': return notImportable('an ISO 9660 image', subject, remedy);
    case 'hybrid with a system': return [finding('format-doubtful', `${subject.label} is an ISO 9660 image that also has a partition with a file system.`, remedy)];
    default: return notImportable('an ISO 9660 image with a boot sector for USB sticks, and no installed system', subject, remedy);
  }
}

function compressed(compression: Compression, file: ForeignFile, subject: Subject): Finding[] {
  return [finding('format-compressed', `${subject.label} is compressed (${compression}), which VM Import/Export does not unpack.`,
    `Unpack it and import the disk: ${unpackCommand(subject, compression, file.content)}`)];
}

export function decryptRemedy(format: ForeignFormat | 'qcow2'): string {
  return format === 'bitlocker'
    ? 'Turn BitLocker off in the guest (manage-bde -off C:), wait until it is done, and export the disk again.'
    : 'Import an unencrypted disk: decrypt it in the guest, or convert it with its secret (qemu-img convert --object secret,… --image-opts …).';
}
