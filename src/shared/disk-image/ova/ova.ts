import { Ovf, OvfDisk, readOvf } from './ovf';
import { listTar, TarListing, TarMember } from './tar';
import { DiskImage, OvaDisk, OvaImage, OvfReading } from '../formats/image';
import { Depth, Reach, Reading, Section } from '../reading/image-file';

/** A descriptor of VMware or VirtualBox has 5 to 50 KB. */
const LARGEST_DESCRIPTOR = 512 * 1024;

/** Looks into one disk of the archive. */
export type InspectDisk = (section: Section) => Reading<DiskImage>;

// Open Virtualization Format (DMTF DSP0243), "OVF packages as one file": a tar archive whose first member is the descriptor.
// https://www.dmtf.org/standards/ovf
export function* readOva(section: Section, inspectDisk: InspectDisk): Reading<OvaImage> {
  const listing = yield* listTar(section);
  const reach = new Reach();
  listing.members.forEach(({ offset, size }) => reach.until(offset + size));
  const at = listing.members.findIndex(({ name }) => /\.ovf$/i.test(name));
  const member = listing.members[at];
  const descriptor = yield* readDescriptor(section, member);
  const disks = descriptor.kind === 'read' ? yield* readDisks(section, descriptor.ovf, listing, inspectDisk) : [];
  return {
    format: 'OVA',
    subformat: member === undefined ? 'ovf not found' : at === 0 ? 'ovf first' : 'ovf later',
    virtualSize: disks.reduce((sum, disk) => sum + disk.virtualSize, 0),
    truncated: reach.truncation(section.length),
    descriptor,
    disks,
    members: listing.members.map(({ name }) => name),
    listing: listing.listing,
  };
}

function* readDescriptor(section: Section, member: TarMember | undefined): Reading<OvfReading> {
  if (member === undefined) return { kind: 'not found' };
  const text = yield* section.read(member.offset, Math.min(member.size, LARGEST_DESCRIPTOR));
  const ovf = readOvf(text.document());
  return ovf === undefined ? { kind: 'unreadable' } : { kind: 'read', ovf };
}

function* readDisks(section: Section, ovf: Ovf, listing: TarListing, inspectDisk: InspectDisk): Reading<OvaDisk[]> {
  const disks: OvaDisk[] = [];
  for (const disk of ovf.disks) {
    // A machine boots from its first disk; to look at the guest's sectors of every disk would cost too many requests.
    disks.push(yield* readDisk({ section, disk, ovf, listing, inspectDisk, depth: disks.length === 0 ? 'partitions' : 'headers' }));
  }
  return disks;
}

interface DiskToRead {
  readonly section: Section;
  readonly disk: OvfDisk;
  readonly ovf: Ovf;
  readonly listing: TarListing;
  readonly inspectDisk: InspectDisk;
  readonly depth: Depth;
}

function* readDisk({ section, disk, ovf, listing: { members }, inspectDisk, depth }: DiskToRead): Reading<OvaDisk> {
  const file = ovf.files.find(({ id }) => id === disk.fileRef);
  const known = { diskId: disk.diskId, href: file?.href ?? '', compression: file?.compression ?? '', virtualSize: disk.capacity };
  if (file === undefined) return { ...known, place: disk.fileRef === '' ? 'blank' : 'missing' };
  if (file.chunks === 'chunked' || members.some(({ name }) => isChunk(name, file.href))) return { ...known, place: 'chunked' };
  const member = members.find(({ name }) => plainName(name) === plainName(file.href));
  if (member === undefined) return { ...known, place: 'missing' };
  const image = yield* inspectDisk(section.within(member.offset, member.size, depth));
  // What the limits kept from us must not look like damage.
  if (section.file.unseen !== 'none') return { ...known, place: 'in archive' };
  return { ...known, place: 'in archive', virtualSize: image.virtualSize > 0 ? image.virtualSize : disk.capacity, image, member: { offset: member.offset, size: member.size } };
}

/** Chunks are named after their file, with nine digits appended. */
function isChunk(name: string, href: string): boolean {
  return plainName(name).startsWith(`${plainName(href)}.`) && /\.\d{9}$/.test(name);
}

function plainName(name: string): string {
  return name.replace(/^\.\//, '');
}
