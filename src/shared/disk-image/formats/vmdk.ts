import { VmdkImage, VmdkSubformat } from './image';
import { isVmdkDescriptor, readDescriptor } from './vmdk-descriptor';
import { directoryOf, headerDamage, Inflate, locateFooter, sparseGuest, sparseHeader } from './vmdk-sparse';
import { readContent, UNSEEN_CONTENT } from '../boot/disk-content';
import { Bytes } from '../reading/bytes';
import { unknownGuest } from '../reading/guest';
import { Reach, Reading, Section } from '../reading/image-file';

// VMware Virtual Disk Format 5.0: https://www.vmware.com/support/developer/vddk/vmdk_50_technote.pdf
// COWD and SEsparse, which it leaves out: https://gitlab.com/qemu-project/qemu/-/blob/master/block/vmdk.c
const SECTOR = 512;
const SPARSE = 'KDMV';
const VMFS_SPARSE = 'COWD';
const SE_SPARSE = '\xbe\xba\xfe\xca\x00\x00\x00\x00';
/** A descriptor takes a few hundred bytes; that of an encrypted disk also carries its keys. */
const LONGEST_DESCRIPTOR = 20 * 1024;

export function isVmdk(head: Bytes): boolean {
  return head.has(0, SPARSE) || head.has(0, SE_SPARSE) || isVmfsSparse(head) || isVmdkDescriptor(head.latin1(0, 256));
}

/** Four letters prove little; the version that follows them has always been 1. */
function isVmfsSparse(head: Bytes): boolean {
  return head.has(0, `${VMFS_SPARSE}\x01\x00\x00\x00`);
}

export function* readVmdk(section: Section, head: Bytes, inflate: Inflate): Reading<VmdkImage> {
  if (head.has(0, SPARSE)) return yield* readSparse(section, head, inflate);
  if (head.has(0, SE_SPARSE)) return opaque('seSparse', head.u64le(16) * SECTOR);
  if (isVmfsSparse(head)) return opaque('vmfsSparse', head.u32le(12) * SECTOR);
  const { sectors, ...descriptor } = readDescriptor(head.text(0, LONGEST_DESCRIPTOR));
  return { ...opaque(descriptor.subformat, sectors * SECTOR), ...descriptor, storage: 'descriptor only' };
}

/** A kind that VM Import/Export never takes: its size and its name are all that matters. */
function opaque(subformat: VmdkSubformat, virtualSize: number): VmdkImage {
  return {
    format: 'VMDK',
    subformat,
    virtualSize,
    extents: [],
    storage: 'data',
    parent: 'none',
    encryption: 'none',
    damage: [],
    ...UNSEEN_CONTENT,
  };
}

function* readSparse(section: Section, head: Bytes, inflate: Inflate): Reading<VmdkImage> {
  const reach = new Reach();
  const header = sparseHeader(head);
  const footer = header.directory === 'at end' ? yield* locateFooter(section) : undefined;
  const directory = directoryOf(header, footer);
  if (directory === undefined) reach.until(section.length + 2 * SECTOR);
  const embedded = yield* section.read(header.descriptorOffset, Math.min(header.descriptorSize, LONGEST_DESCRIPTOR));
  const text = embedded.text(0, embedded.length);
  // One file of a split disk has room for a descriptor, or none, and leaves it empty.
  const descriptor = isVmdkDescriptor(text) ? readDescriptor(text) : undefined;
  const damage = headerDamage(header, footer, section.length);
  if (descriptor === undefined && header.grains === 'deflated') damage.push('no-descriptor');
  const virtualSize = header.capacity * SECTOR;
  const readable = directory !== undefined && !damage.includes('bad-header') && descriptor?.encryption !== 'encrypted';
  const guest = readable ? sparseGuest({ section, header, directory, reach, inflate, damage }) : unknownGuest;
  return {
    ...opaque(header.grains === 'deflated' ? 'streamOptimized' : uncompressed(descriptor?.subformat), virtualSize),
    extents: descriptor?.extents ?? [],
    parent: descriptor?.parent ?? 'none',
    encryption: descriptor?.encryption ?? 'none',
    damage,
    ...(footer === undefined ? {} : { streamEnd: footer.end }),
    ...(yield* readContent(guest, virtualSize, 'on demand')),
    truncated: reach.truncation(section.length),
  };
}

/** A sparse extent is one file of a split disk when it has no descriptor, and never stream-optimized without compression. */
function uncompressed(subformat: VmdkSubformat | undefined): VmdkSubformat {
  return subformat === undefined || subformat === 'streamOptimized' ? 'sparseExtent' : subformat;
}
