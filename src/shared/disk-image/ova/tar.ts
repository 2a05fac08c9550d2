import { Bytes } from '../reading/bytes';
import { Reading, Section } from '../reading/image-file';

// POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format":
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
// GNU extensions (long names, sizes in base 256): https://www.gnu.org/software/tar/manual/html_node/Standard.html
const BLOCK = 512;
/** Around every header we read the end of the file before it and the beginning of the file after it: one request for all three. */
const BEFORE = 9 * 1024;
const AROUND = 48 * 1024;
const LONGEST_EXTENSION = 16 * 1024;
/** Reads that the list of an archive may cost, beside one for each disk: an archive of many small files has many members in one read. */
const MOST_READS = 16;

export interface TarMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

export interface TarListing {
  readonly members: readonly TarMember[];
  readonly listing: 'whole' | 'part';
}

interface Override {
  name?: string;
  size?: number;
}

export function isTar(head: Bytes): boolean {
  return isHeader(head.slice(0, BLOCK));
}

/** Lists an archive member by member: what comes first may say how much of the rest is worth a read. */
export class TarReader {
  public readonly members: TarMember[] = [];
  private at = 0;
  private override: Override = {};
  private end: TarListing['listing'] | undefined;
  private readonly readsBefore: number;

  public constructor(private readonly section: Section) {
    this.readsBefore = section.file.cost.reads;
  }

  /** Lists up to the first member that is wanted, or to the end. */
  public *listUntil(wanted: (member: TarMember) => boolean): Reading<void> {
    while (this.end === undefined && !this.members.some(wanted)) yield* this.step(MOST_READS);
  }

  /** Lists to the end, with one more read for each of so many disks. */
  public *listRest(disks: number): Reading<TarListing> {
    while (this.end === undefined) yield* this.step(MOST_READS + disks);
    return { members: this.members, listing: this.end };
  }

  private get reads(): number {
    return this.section.file.cost.reads - this.readsBefore;
  }

  private *step(mostReads: number): Reading<void> {
    const { section, at } = this;
    if (at >= section.length) {
      this.end = 'whole';
      return;
    }
    if (this.reads >= mostReads && !section.file.has(at)) {
      this.end = 'part';
      return;
    }
    const header = (yield* section.read(at, BLOCK)).slice(0, BLOCK);
    // Two blocks of zeros end an archive; whatever else is no header ends what can be listed.
    if (!isHeader(header)) {
      this.end = header.length === BLOCK && header.isZero() ? 'whole' : 'part';
      return;
    }
    const size = this.override.size ?? numberAt(header, 124, 12);
    const body = at + BLOCK;
    const type = header.latin1(156, 1);
    switch (type) {
      case 'x':
      case 'L':
        this.override = { ...this.override, ...extension(type, yield* section.read(body, Math.min(size, LONGEST_EXTENSION))) };
        break;
      case '0':
      case '\0':
      case '7':
        this.members.push({ name: this.override.name ?? nameOf(header), offset: body, size });
        this.override = {};
        break;
      default:
        this.override = {};
    }
    this.at = body + Math.ceil(size / BLOCK) * BLOCK;
    if (this.reads < mostReads) yield* section.read(Math.max(body, this.at - BEFORE), AROUND);
  }
}

/** The checksum tells a header from anything else: the sum of its bytes, its own eight counted as blanks. */
function isHeader(block: Bytes): boolean {
  if (block.length < BLOCK || block.u8(0) === 0) return false;
  const sum = block.data.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  return /^ *[0-7]+[ \0]/.test(block.latin1(148, 8)) && numberAt(block, 148, 8) === sum;
}

/** Octal digits, or where the first bit is set a number in base 256. */
function numberAt(block: Bytes, at: number, length: number): number {
  if (block.u8(at) >= 0x80) return block.u64be(at + length - 8);
  const digits = block.text(at, length).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : 0;
}

function nameOf(header: Bytes): string {
  const prefix = header.has(257, 'ustar\0') ? header.text(345, 155) : '';
  return prefix === '' ? header.text(0, 100) : `${prefix}/${header.text(0, 100)}`;
}

function extension(type: 'x' | 'L', body: Bytes): Override {
  if (type === 'L') return { name: body.text(0, body.length) };
  const records = body.text(0, body.length).split('\n');
  const valueOf = (key: string) => records.map(record => record.replace(/^\d+ /, '')).find(record => record.startsWith(`${key}=`))?.slice(key.length + 1);
  const [name, size] = [valueOf('path'), valueOf('size')];
  return { ...(name === undefined ? {} : { name }), ...(size !== undefined && /^\d{1,15}$/.test(size) ? { size: Number(size) } : {}) };
}
