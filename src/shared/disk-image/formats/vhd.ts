import { VhdDamage, VhdImage } from './image';
import { readContent } from '../boot/disk-content';
import { Bytes } from '../reading/bytes';
import { onesComplementSum } from '../reading/checksum';
import { BlockPlace, blockGuest, flatGuest, GuestReader, unknownGuest } from '../reading/guest';
import { Reach, Reading, Section } from '../reading/image-file';

// Virtual Hard Disk Image Format Specification, version 1.0:
// https://learn.microsoft.com/windows/win32/vstor/about-vhd and the document it links to.
const SECTOR = 512;
const COOKIE = 'conectix';
/** The table's entry for a block that the file does not hold. */
export const VHD_UNALLOCATED = 0xffffffff;
const SUBFORMATS: ReadonlyMap<number, VhdImage['subformat']> = new Map([[2, 'fixed'], [3, 'dynamic'], [4, 'differencing']]);

/** The footer at the end; images of Virtual PC before 2004 have one of 511 bytes. */
export function* vhdFooter(section: Section): Reading<Bytes | undefined> {
  const tail = yield* section.tail(SECTOR);
  return [0, 1].filter(at => tail.has(at, COOKIE)).map(at => tail.slice(at, SECTOR))[0];
}

export function isVhdHead(head: Bytes): boolean {
  return head.has(0, COOKIE);
}

export function* readVhd(section: Section, head: Bytes): Reading<VhdImage> {
  const end = yield* vhdFooter(section);
  const copy = isVhdHead(head) ? head.slice(0, SECTOR) : undefined;
  const footer = end ?? head.slice(0, SECTOR);
  const subformat = SUBFORMATS.get(footer.u32be(60)) ?? 'unknown';
  const virtualSize = footer.u64be(48);
  const damage: VhdDamage[] = [];
  const reach = new Reach();
  if (end === undefined) damage.push('no-footer');
  if (onesComplementSum(footer, { at: 64, length: 4 }) !== footer.u32be(64)) damage.push('footer-checksum');
  if (end !== undefined && copy !== undefined && !sameFooter(end, copy)) damage.push('footers-differ');
  if (subformat === 'fixed') reach.until(virtualSize + SECTOR);
  if (end === undefined) reach.until(section.length + SECTOR);
  const guest = yield* guestOf(section, subformat, footer, damage, reach);
  return {
    format: 'VHD',
    subformat,
    virtualSize,
    damage,
    ...(yield* readContent(guest, virtualSize, subformat === 'fixed' ? 'always' : 'on demand')),
    truncated: reach.truncation(section.length),
  };
}

function sameFooter(a: Bytes, b: Bytes): boolean {
  return a.slice(0, 85).data.every((byte, at) => byte === b.u8(at));
}

function* guestOf(section: Section, subformat: VhdImage['subformat'], footer: Bytes, damage: VhdDamage[], reach: Reach): Reading<GuestReader> {
  switch (subformat) {
    case 'fixed': return flatGuest(section.within(0, Math.max(0, section.length - SECTOR)));
    case 'dynamic': return yield* dynamicGuest(section, footer, damage, reach);
    case 'differencing':
    case 'unknown': return unknownGuest;
  }
}

/** The header of a dynamic disk, which has the place of its block table. */
export interface DynamicHeader {
  readonly blockSize: number;
  /** Bytes of the bitmap of sectors that precedes every block. */
  readonly bitmapSize: number;
  readonly tableOffset: number;
  readonly tableEntries: number;
  readonly checksum: 'right' | 'wrong';
}

/** Reads the header of a dynamic disk. Returns undefined if there is none where the footer says. */
export function* readDynamicHeader(section: Section, footer: Bytes): Reading<DynamicHeader | undefined> {
  const header = yield* section.read(footer.u64be(16), 1024);
  const blockSize = header.u32be(32);
  if (!header.has(0, 'cxsparse') || blockSize < SECTOR) return undefined;
  return {
    blockSize,
    // The bitmap has one bit for each sector, and fills whole sectors.
    bitmapSize: Math.ceil(blockSize / SECTOR / 8 / SECTOR) * SECTOR,
    tableOffset: header.u64be(16),
    tableEntries: header.u32be(28),
    checksum: onesComplementSum(header, { at: 36, length: 4 }) === header.u32be(36) ? 'right' : 'wrong',
  };
}

function* dynamicGuest(section: Section, footer: Bytes, damage: VhdDamage[], reach: Reach): Reading<GuestReader> {
  const header = yield* readDynamicHeader(section, footer);
  if (header === undefined) {
    damage.push('bad-header');
    return unknownGuest;
  }
  if (header.checksum === 'wrong') damage.push('header-checksum');
  const { blockSize, bitmapSize, tableOffset, tableEntries } = header;
  return blockGuest(section, blockSize, function* (block): Reading<BlockPlace> {
    if (block >= tableEntries) return { kind: 'unknown' };
    const entry = yield* section.read(tableOffset + block * 4, 4);
    if (entry.length < 4) return { kind: 'unknown' };
    if (entry.u32be(0) === VHD_UNALLOCATED) return { kind: 'zero' };
    const offset = entry.u32be(0) * SECTOR + bitmapSize;
    reach.until(offset + 1);
    return { kind: 'stored', offset };
  });
}
