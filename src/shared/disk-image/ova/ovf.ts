import { childText, descendants, parseXml, XmlElement } from './xml';

/** What matters here of an OVF descriptor (DMTF DSP0243: https://www.dmtf.org/standards/ovf). */
export interface Ovf {
  readonly files: readonly OvfFile[];
  readonly disks: readonly OvfDisk[];
  readonly virtualSystems: number;
  /** What the guest runs, as the descriptor puts it; empty when it does not. */
  readonly guestOs: string;
  readonly guestPlatform: 'Linux' | 'Windows' | 'other';
  readonly firmware: 'bios' | 'efi' | 'not stated';
  /** `ovf:VirtualSystemType`s: `vmx-19`, `virtualbox-2.2`, … */
  readonly hardware: readonly string[];
}

export interface OvfFile {
  readonly id: string;
  readonly href: string;
  /** Bytes; 0 when the descriptor gives none. */
  readonly size: number;
  readonly chunks: 'whole' | 'chunked';
  readonly compression: string;
}

export interface OvfDisk {
  readonly diskId: string;
  /** Empty for a blank disk. */
  readonly fileRef: string;
  readonly capacity: number;
}

/** The descriptor, or nothing where the document is none that we can read. */
export function readOvf(document: string): Ovf | undefined {
  const envelope = parseXml(document);
  if (envelope?.name !== 'Envelope') return undefined;
  const guestOs = guestOsOf(envelope);
  return {
    files: descendants(envelope, 'File').map(fileOf),
    disks: descendants(envelope, 'Disk').filter(disk => disk.attributes.has('diskId')).map(diskOf),
    virtualSystems: descendants(envelope, 'VirtualSystem').length,
    guestOs,
    guestPlatform: platformOf(guestOs),
    firmware: firmwareOf(envelope),
    hardware: descendants(envelope, 'VirtualSystemType').map(({ text }) => text.trim()),
  };
}

function attribute(of: XmlElement, name: string): string {
  return of.attributes.get(name) ?? '';
}

function fileOf(file: XmlElement): OvfFile {
  return {
    id: attribute(file, 'id'),
    href: attribute(file, 'href'),
    size: count(attribute(file, 'size')),
    chunks: file.attributes.has('chunkSize') ? 'chunked' : 'whole',
    compression: attribute(file, 'compression'),
  };
}

function diskOf(disk: XmlElement): OvfDisk {
  return {
    diskId: attribute(disk, 'diskId'),
    fileRef: attribute(disk, 'fileRef'),
    capacity: count(attribute(disk, 'capacity')) * unitOf(attribute(disk, 'capacityAllocationUnits')),
  };
}

function count(text: string): number {
  return /^\d{1,20}$/.test(text) ? Number(text) : 0;
}

/** Programmatic units (DMTF DSP0004, annex C.1): `byte`, `byte * 2^30`, `byte * 10^9`; older writers: `GigaBytes`. */
function unitOf(unit: string): number {
  const power = /^\s*byte\s*\*\s*(2|10)\s*\^\s*(\d{1,2})\s*$/i.exec(unit);
  if (power) return Number(power[1]) ** Number(power[2]);
  return OLD_UNITS.get(unit.trim().toLowerCase()) ?? 1;
}

const OLD_UNITS: ReadonlyMap<string, number> = new Map([['kilobytes', 2 ** 10], ['megabytes', 2 ** 20], ['gigabytes', 2 ** 30], ['terabytes', 2 ** 40]]);

/** VMware adds `vmw:osType`, VirtualBox `vbox:OSType`; both describe in words, and give CIM's number, which says the least. */
function guestOsOf(envelope: XmlElement): string {
  const section = descendants(envelope, 'OperatingSystemSection')[0];
  if (section === undefined) return '';
  return childText(section, 'Description') || attribute(section, 'osType') || childText(section, 'OSType');
}

function platformOf(guestOs: string): Ovf['guestPlatform'] {
  if (/windows/i.test(guestOs)) return 'Windows';
  return /linux|ubuntu|debian|centos|rhel|red ?hat|fedora|suse|sles|oracle|rocky|alma|photon/i.test(guestOs) ? 'Linux' : 'other';
}

/** VMware: `<vmw:Config vmw:key="firmware" vmw:value="efi"/>`; VirtualBox: `<Firmware type="EFI"/>`, and none for BIOS. */
function firmwareOf(envelope: XmlElement): Ovf['firmware'] {
  const vmware = descendants(envelope, 'Config').find(config => attribute(config, 'key') === 'firmware');
  const virtualBox = descendants(envelope, 'Firmware')[0];
  const stated = ((vmware && attribute(vmware, 'value')) ?? (virtualBox && attribute(virtualBox, 'type')) ?? '').toLowerCase();
  if (stated.startsWith('efi')) return 'efi';
  return stated === 'bios' ? 'bios' : 'not stated';
}
