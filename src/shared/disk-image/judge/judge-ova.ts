import { repackCommand, resultName, unpackCommand } from './commands';
import { Expectation, Finding, finding } from './finding';
import { judgeDisk, judgeSize, judgeTruncation } from './judge-disk';
import { judgeForeign } from './judge-format';
import { memberSubject, quoted, Subject } from './subject';
import { MOST_DISKS } from '../../contract/limits';
import { FoundOvaDisk, OvaDisk, OvaImage } from '../formats/image';
import { Ovf } from '../ova/ovf';

export function judgeOva(image: OvaImage, expectation: Expectation, subject: Subject): Finding[] {
  return [
    ...judgeTruncation(image.truncated, subject),
    ...judgeDescriptor(image, expectation, subject),
  ];
}

function judgeDescriptor(image: OvaImage, expectation: Expectation, subject: Subject): Finding[] {
  const { descriptor } = image;
  switch (descriptor.kind) {
    case 'not found':
      // Every writer puts the descriptor first; behind what was listed it may stand all the same.
      return [finding('ova-descriptor-not-first', `${subject.label} shows no OVF descriptor among the first ${image.members.length} files of the archive.`,
        'Export the virtual machine again, or pack its files anew with the descriptor first.')];
    case 'unreadable': return [finding('ova-descriptor-unreadable', descriptor.why === 'encoding'
      ? `The OVF descriptor ${descriptor.name} of ${subject.label} has an encoding that is not known (${descriptor.encoding}).`
      : `The OVF descriptor ${descriptor.name} of ${subject.label} is not well-formed XML with an Envelope.`, 'Export the virtual machine again.')];
    case 'read': return [
      ...judgeOrder(image, descriptor.name, subject),
      ...judgeOvf(descriptor.ovf, expectation, subject),
      ...judgeDisks(image, descriptor.name, expectation, subject),
    ];
  }
}

function judgeOrder({ subformat, members, listing }: OvaImage, descriptor: string, subject: Subject): Finding[] {
  const descriptors = members.filter(name => /\.ovf$/i.test(name));
  if (descriptors.length > 1) {
    return [finding('ova-several-descriptors', `${subject.label} holds ${descriptors.length} OVF descriptors, where an OVA has one: ${descriptor} is read.`,
      'Pack every virtual machine into an OVA of its own.')];
  }
  if (subformat === 'ovf first') return [];
  const order = [descriptor, ...members.filter(name => /\.(mf|cert)$/i.test(name)), ...members.filter(name => !/\.(ovf|mf|cert)$/i.test(name))];
  return [finding('ova-descriptor-not-first', `${subject.label} does not begin with its OVF descriptor.`, listing === 'whole'
    ? `Pack it again, the descriptor first: ${repackCommand(subject, order)}` : 'Pack its files anew with the descriptor first.')];
}

function judgeOvf(ovf: Ovf, { bootMode, platform }: Expectation, { label }: Subject): Finding[] {
  const findings: Finding[] = [];
  if (ovf.virtualSystems > 1) {
    findings.push(finding('ova-several-systems', `${label} holds ${ovf.virtualSystems} virtual systems; an import makes one image.`, 'Export every virtual machine to an OVA of its own.'));
  }
  if (ovf.disks.length > MOST_DISKS) {
    findings.push(finding('ova-too-many-disks', `${label} holds ${ovf.disks.length} disks: VM Import/Export takes at most ${MOST_DISKS}.`,
      'Export the machine with fewer disks, and import the others as EBS snapshots.'));
  }
  if (ovf.disks.length === 0) {
    findings.push(finding('ova-no-disk', `The OVF descriptor of ${label} names no disk.`, 'Export the virtual machine again, with its disks.'));
  }
  const stated = ovf.firmware === 'efi' ? 'uefi' : 'legacy-bios';
  if (ovf.firmware !== 'not stated' && bootMode !== undefined && bootMode !== stated) {
    findings.push(finding('boot-mode-differs-from-ovf', `${label} is declared to boot in ${bootMode} mode, but its OVF descriptor says ${ovf.firmware}.`, `Declare the boot mode ${stated}.`));
  }
  if (platform !== undefined && ovf.guestPlatform !== 'other' && ovf.guestPlatform !== platform) {
    findings.push(finding('platform-differs-from-ovf', `${label} is declared as ${platform}, but its OVF descriptor says ${ovf.guestOs}.`, `Declare the platform ${ovf.guestPlatform}.`));
  }
  return findings;
}

function judgeDisks({ disks, members }: OvaImage, descriptor: string, expectation: Expectation, archive: Subject): Finding[] {
  // A manifest has the checksum of the descriptor as it was.
  const repacked = [descriptor, ...members.filter(name => !/\.(ovf|mf|cert)$/i.test(name))];
  const chunked = disks.filter(({ place }) => place === 'chunked').map(({ href }) => href);
  const unseen = disks.filter(({ place }) => place === 'not looked at').map(({ diskId, href }) => `${diskId} (${href})`);
  return [
    ...chunked.length === 0 ? [] : [finding('ova-chunked', `${archive.label} holds chunked disk files (${several(chunked)}).`,
      `Pack it again without chunks: ovftool ${quoted(archive.fileName)} ${quoted(resultName(archive.fileName, 'ova'))}`)],
    ...disks.flatMap((disk, index) => judgeOvaDisk(disk, { ...expectation, role: index === 0 ? expectation.role : 'data disk' }, archive, repacked)),
    ...unseen.length === 0 ? [] : [finding('inspection-incomplete', `Not looked at in ${archive.label}, behind what a quick look reads: ${several(unseen)}.`,
      'Nothing to do: the import itself reads all.')],
  ];
}

function several(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? `, and ${names.length - 3} more` : '');
}

function judgeOvaDisk(disk: OvaDisk, expectation: Expectation, archive: Subject, repacked: readonly string[]): Finding[] {
  const subject = memberSubject(archive, disk.place === 'in archive' ? disk.member.name : disk.href || disk.diskId);
  switch (disk.place) {
    case 'blank':
    case 'chunked': return disk.virtualSize > 0 ? judgeSize(disk.virtualSize, 'disk', expectation, subject) : [];
    case 'not looked at': return [];
    case 'missing': return [finding('ova-disk-missing', `${archive.label} lacks the file of disk ${disk.diskId} (${disk.href}) that its descriptor names.`,
      'Export the virtual machine again, or pack all its files into the archive.')];
    case 'elsewhere': return [finding('ova-disk-missing', `The file of disk ${disk.diskId} of ${archive.label} is not in the archive, but at ${disk.href}.`,
      'Export the virtual machine again, with its disks in the archive.')];
    case 'in archive': return judgeMember(disk, expectation, archive, subject, repacked);
  }
}

function judgeMember(
  { image, compression }: FoundOvaDisk, expectation: Expectation, archive: Subject, subject: Subject, repacked: readonly string[],
): Finding[] {
  const declared = compression !== '' && compression !== 'identity';
  switch (image.format) {
    case 'VMDK':
    case 'VHD':
    case 'VHDX':
    case 'qcow2':
    case 'RAW': return [...(declared ? [notCompressed(compression, archive, subject, repacked)] : []), ...judgeDisk(image, expectation, subject)];
    case 'gzip': return [finding('ova-disk-compressed', `${subject.label} is compressed by gzip${declared ? ', as its descriptor says' : ''}, on top of its own format.`,
      `Unpack it and import the disk: ${unpackCommand(subject, 'gzip', image.content)}`)];
    default: return judgeForeign(image, subject);
  }
}

function notCompressed(compression: string, archive: Subject, subject: Subject, repacked: readonly string[]): Finding {
  const edit = (folder: string) => `sed -i.orig 's/ [a-z]*:*compression="[^"]*"//' ${folder}/${repacked.slice(0, 1).map(quoted).join('')}`;
  return finding('ova-compression-differs', `The descriptor says that ${subject.label} is compressed (${compression}), but it is not.`,
    `Pack it again with a descriptor that says so: ${repackCommand(archive, repacked, edit)}`);
}
