import { readForeignHead, readForeignTail } from './foreign';
import { DiskImage, ForeignFile, Image, OvaImage } from './image';
import { readQcow2 } from './qcow2';
import { isQcow2 } from './qcow2-header';
import { isVhdHead, readVhd, vhdFooter } from './vhd';
import { isVhdx, readVhdx } from './vhdx';
import { isVmdk, readVmdk } from './vmdk';
import { Inflate } from './vmdk-sparse';
import { readContent } from '../boot/disk-content';
import { readOva } from '../ova/ova';
import { isTar } from '../ova/tar';
import { endOf } from '../partitions/partition-table';
import { Bytes } from '../reading/bytes';
import { flatGuest } from '../reading/guest';
import { ImageFile, Reading, Section } from '../reading/image-file';

/** Reaches the signature of an ISO, the furthest in, and with it every other header that begins a file. */
const HEAD = 36 * 1024;

/** Compressed bytes that show what is in a gzip file; they inflate to a thousand times as many at most. */
const PEEK = 4 * 1024;
const LARGEST_PEEK = 8 * 1024 * 1024;

/** Says what a file is. */
export function* identify(file: ImageFile, inflate: Inflate): Reading<Image> {
  const section = Section.whole(file);
  const head = yield* section.read(0, HEAD);
  if (!isTar(head)) return yield* readDisk(section, inflate);
  const ova = yield* readOva(section, part => readDisk(part, inflate));
  return isOva(ova) ? ova : { format: 'tar', subformat: 'plain', virtualSize: 0 };
}

/** A tar archive that was listed to its end and has no descriptor is only a tar archive. */
function isOva({ descriptor, listing, truncated }: OvaImage): boolean {
  return descriptor.kind !== 'not found' || listing === 'part' || truncated !== undefined;
}

/** Says what the beginning of a gzip file holds. */
function contentOfGzip(head: Bytes, inflate: Inflate): ForeignFile['content'] {
  const beginning = inflate(head.slice(0, PEEK).data, LARGEST_PEEK, 'beginning');
  if (beginning === undefined || beginning.length === 0) return undefined;
  const inner = new Bytes(beginning.subarray(0, HEAD));
  if (isTar(inner)) return /\.ovf$/i.test(inner.text(0, 100)) ? 'OVA' : 'tar';
  if (isVmdk(inner)) return 'VMDK';
  if (isVhdx(inner)) return 'VHDX';
  if (isQcow2(inner)) return 'qcow2';
  return isVhdHead(inner) ? 'VHD' : readForeignHead(inner)?.format ?? 'RAW';
}

function* readDisk(section: Section, inflate: Inflate): Reading<DiskImage> {
  const head = yield* section.read(0, HEAD);
  if (isVmdk(head)) return yield* readVmdk(section, head, inflate);
  if (isVhdx(head)) return yield* readVhdx(section);
  if (isVhdHead(head)) return yield* readVhd(section, head);
  if (isQcow2(head)) return yield* readQcow2(section, head, inflate);
  const foreign = readForeignHead(head);
  if (foreign !== undefined) return foreign.format === 'gzip' ? { ...foreign, content: contentOfGzip(head, inflate) } : foreign;
  if ((yield* vhdFooter(section)) !== undefined) return yield* readVhd(section, head);
  return (yield* readForeignTail(section, head)) ?? (yield* readRaw(section));
}

/** Bytes at the end of the last partition that tools lose where they round: no file system uses them. */
const TAIL = 1024 * 1024;

function* readRaw(section: Section): Reading<DiskImage> {
  const content = yield* readContent(flatGuest(section), section.length, 'always');
  const { partitionTable } = content;
  const neededSize = partitionTable.kind === 'mbr' || partitionTable.kind === 'gpt' ? endOf(partitionTable) : 0;
  return {
    format: 'RAW',
    subformat: 'flat',
    virtualSize: section.length,
    ...content,
    ...(neededSize > section.length + TAIL ? { truncated: { neededSize } } : {}),
  };
}
