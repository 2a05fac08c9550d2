import { Ovf, OvfDisk, readOvf } from './ovf';
import { isForeignMember, memberName, targetOf } from './reference';
import { TarListing, TarMember, TarReader } from './tar';
import { DiskImage, OvaDisk, OvaImage, OvfReading } from '../formats/image';
import { Reach, Reading, Section } from '../reading/image-file';

/** A descriptor of VMware or VirtualBox has 5 to 50 KB. */
const LARGEST_DESCRIPTOR = 512 * 1024;

/** Looks into one disk of the archive. */
export type InspectDisk = (section: Section) => Reading<DiskImage>;

// Open Virtualization Format (DMTF DSP0243, ISO/IEC 17203), "OVF packages as one file": a tar archive with exactly one
// descriptor, which comes first. https://www.dmtf.org/standards/ovf
export function* readOva(section: Section, inspectDisk: InspectDisk): Reading<OvaImage> {
  const tar = new TarReader(section);
  yield* tar.listUntil(({ name }) => isDescriptor(name));
  const member = tar.members.find(({ name }) => isDescriptor(name));
  const descriptor = yield* readDescriptor(section, member);
  const ovf = descriptor.kind === 'read' ? descriptor.ovf : undefined;
  // Every disk may cost as much as a disk by itself.
  section.file.allowDisks(ovf?.disks.length ?? 0);
  const listing = yield* tar.listRest(ovf?.disks.length ?? 0);
  const reach = new Reach();
  listing.members.forEach(({ offset, size }) => reach.until(offset + size));
  const own = listing.members.filter(({ name }) => !isForeignMember(name));
  const disks = ovf === undefined || member === undefined ? [] : yield* readDisks({ section, ovf, descriptor: member.name, listing, inspectDisk });
  return {
    format: 'OVA',
    subformat: member === undefined ? 'ovf not found' : own[0] === member ? 'ovf first' : 'ovf later',
    virtualSize: disks.reduce((sum, disk) => sum + disk.virtualSize, 0),
    truncated: reach.truncation(section.length),
    descriptor,
    disks,
    members: own.map(({ name }) => name),
    listing: listing.listing,
  };
}

function isDescriptor(name: string): boolean {
  return /\.ovf$/i.test(name) && !isForeignMember(name);
}

function* readDescriptor(section: Section, member: TarMember | undefined): Reading<OvfReading> {
  if (member === undefined) return { kind: 'not found' };
  const bytes = yield* section.read(member.offset, Math.min(member.size, LARGEST_DESCRIPTOR));
  const { text, encoding } = bytes.document();
  const ovf = text === undefined ? undefined : readOvf(text);
  return ovf === undefined ? { kind: 'unreadable', name: member.name, why: text === undefined ? 'encoding' : 'not well-formed', encoding } : { kind: 'read', name: member.name, ovf };
}

interface Package {
  readonly section: Section;
  readonly ovf: Ovf;
  /** Name of the descriptor: references are relative to it. */
  readonly descriptor: string;
  readonly listing: TarListing;
  readonly inspectDisk: InspectDisk;
}

function* readDisks(parts: Package): Reading<OvaDisk[]> {
  const disks: OvaDisk[] = [];
  for (const disk of parts.ovf.disks) {
    disks.push(yield* readDisk(disk, parts));
  }
  return disks;
}

function* readDisk(disk: OvfDisk, { section, ovf, descriptor, listing: { members, listing }, inspectDisk }: Package): Reading<OvaDisk> {
  const file = ovf.files.find(({ id }) => id === disk.fileRef);
  const known = { diskId: disk.diskId, href: file?.href ?? '', compression: file?.compression ?? '', virtualSize: disk.capacity };
  if (file === undefined) return { ...known, place: disk.fileRef === '' ? 'blank' : 'missing' };
  const target = targetOf(file.href, descriptor);
  if (target.kind === 'elsewhere') return { ...known, place: 'elsewhere' };
  const named = target.names.map(name => members.find(candidate => memberName(candidate.name) === name)).find(found => found !== undefined);
  if (file.chunks === 'chunked' || members.some(({ name }) => target.names.some(whole => isChunk(memberName(name), whole)))) return { ...known, place: 'chunked' };
  if (named === undefined) return { ...known, place: listing === 'part' ? 'not looked at' : 'missing' };
  const image = yield* inspectDisk(section.within(named.offset, named.size));
  // Bytes beyond the limits must not look like damage.
  if (section.file.unseen !== 'none') return { ...known, place: 'not looked at' };
  return { ...known, place: 'in archive', member: named, virtualSize: image.virtualSize > 0 ? image.virtualSize : disk.capacity, image };
}

/** Chunks are named after their file, with nine digits appended. */
function isChunk(name: string, whole: string): boolean {
  return name.startsWith(`${whole}.`) && /\.\d{9}$/.test(name);
}
