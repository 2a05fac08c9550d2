import { Expectation, Finding, finding, memberSubject, quoted, resultName, Subject } from './finding';
import { judgeDisk, judgeSize, judgeTruncation } from './judge-disk';
import { judgeForeign } from './judge-format';
import { MOST_DISKS } from '../../contract/limits';
import { OvaDisk, OvaImage } from '../formats/image';
import { Ovf } from '../ova/ovf';

export function judgeOva(image: OvaImage, expectation: Expectation, subject: Subject): Finding[] {
  return [
    ...judgeTruncation(image.truncated, subject),
    ...judgeDescriptor(image, expectation, subject),
    ...judgeDisks(image, expectation, subject),
  ];
}

function judgeDescriptor(image: OvaImage, expectation: Expectation, subject: Subject): Finding[] {
  const repack = `Pack it again, the descriptor first: tar -xf ${quoted(subject.fileName)} && tar -cf ${quoted(resultName(subject.fileName, 'ova'))} *.ovf *.mf *.vmdk`;
  switch (image.descriptor.kind) {
    case 'not found':
      // Every writer puts the descriptor first; behind what we could list it may stand all the same.
      return [finding('ova-descriptor-not-first', `${subject.label} shows no OVF descriptor among the first ${image.members.length} files of the archive.`, repack)];
    case 'unreadable':
      return [finding('ova-descriptor-unreadable', `The OVF descriptor of ${subject.label} is not well-formed XML with an Envelope.`, 'Export the virtual machine again.')];
    case 'read': return [
      ...(image.subformat === 'ovf first' ? [] : [finding('ova-descriptor-not-first', `${subject.label} does not begin with its OVF descriptor.`, repack)]),
      ...judgeOvf(image.descriptor.ovf, expectation, subject),
    ];
  }
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

function judgeDisks({ disks, listing }: OvaImage, expectation: Expectation, archive: Subject): Finding[] {
  const chunked = disks.filter(({ place }) => place === 'chunked').map(({ href }) => href);
  const findings = chunked.length === 0 ? [] : [finding('ova-chunked', `${archive.label} holds chunked disk files (${chunked.slice(0, 3).join(', ')}).`,
    `Pack it again without chunks: ovftool ${quoted(archive.fileName)} ${quoted(resultName(archive.fileName, 'ova'))}`)];
  return [...findings, ...disks.flatMap((disk, index) =>
    judgeOvaDisk(disk, { ...expectation, role: index === 0 ? expectation.role : 'data disk' }, archive, listing))];
}

function judgeOvaDisk(disk: OvaDisk, expectation: Expectation, archive: Subject, listing: OvaImage['listing']): Finding[] {
  const subject = memberSubject(archive, disk.href === '' ? disk.diskId : disk.href);
  switch (disk.place) {
    case 'blank':
    case 'chunked': return disk.virtualSize > 0 ? judgeSize(disk.virtualSize, 'disk', subject) : [];
    case 'missing': return listing === 'part' ? [] : [finding('ova-disk-missing', `${archive.label} lacks the file of disk ${disk.diskId} (${disk.href}) that its descriptor names.`,
      'Export the virtual machine again, or pack all its files into the archive.')];
    case 'in archive': return judgeMember(disk, expectation, subject);
  }
}

function judgeMember({ image, compression }: OvaDisk, expectation: Expectation, subject: Subject): Finding[] {
  if (image === undefined) return [];
  switch (image.format) {
    case 'VMDK':
    case 'VHD':
    case 'VHDX':
    case 'RAW': return judgeDisk(image, expectation, subject);
    case 'gzip': return [finding('ova-disk-compressed', `${subject.label} is compressed by gzip${compression === '' ? '' : ', as its descriptor says'}, on top of its own format.`,
      `Unpack it and import the disk: ${subject.unpack}gzip -dc ${quoted(subject.fileName)} > ${quoted(resultName(subject.fileName, 'vmdk'))}`)];
    default: return judgeForeign(image, subject);
  }
}
