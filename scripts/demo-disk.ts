/**
 * A small disk image for the demo, made of nothing but its label: a RAW disk with a master boot record and one
 * bootable FAT16 partition that holds one text file. The same label gives the same bytes.
 *
 * The layout follows Microsoft's FAT specification (fatgen103) and the classic MBR.
 */
const SECTOR = 512;
const PARTITION_START = 2048;
const PARTITION_SECTORS = 14_336;
const RESERVED_SECTORS = 1;
const FATS = 2;
const FAT_SECTORS = 56;
const ROOT_ENTRIES = 512;
const ROOT_SECTORS = (ROOT_ENTRIES * 32) / SECTOR;
const DATA_START = RESERVED_SECTORS + FATS * FAT_SECTORS + ROOT_SECTORS;

/** The bytes of a disk whose one file says `label`. */
export function demoDisk(label: string): Buffer {
  const disk = Buffer.alloc((PARTITION_START + PARTITION_SECTORS) * SECTOR);
  writeMasterBootRecord(disk);
  const partition = disk.subarray(PARTITION_START * SECTOR);
  writeBootSector(partition);
  const content = Buffer.from(`${label}\n`);
  writeFile(partition, 'HELLO   TXT', content);
  return disk;
}

function writeMasterBootRecord(disk: Buffer): void {
  const entry = disk.subarray(446, 462);
  entry.writeUInt8(0x80, 0); // bootable
  entry.writeUInt8(0x0e, 4); // FAT16, LBA
  entry.writeUInt32LE(PARTITION_START, 8);
  entry.writeUInt32LE(PARTITION_SECTORS, 12);
  disk.writeUInt16BE(0x55aa, 510);
}

function writeBootSector(partition: Buffer): void {
  partition.set([0xeb, 0x3c, 0x90], 0);
  partition.write('MSDOS5.0', 3, 'ascii');
  partition.writeUInt16LE(SECTOR, 11);
  partition.writeUInt8(1, 13); // sectors a cluster
  partition.writeUInt16LE(RESERVED_SECTORS, 14);
  partition.writeUInt8(FATS, 16);
  partition.writeUInt16LE(ROOT_ENTRIES, 17);
  partition.writeUInt16LE(PARTITION_SECTORS, 19);
  partition.writeUInt8(0xf8, 21); // a fixed disk
  partition.writeUInt16LE(FAT_SECTORS, 22);
  partition.writeUInt32LE(PARTITION_START, 28);
  partition.writeUInt8(0x80, 36);
  partition.writeUInt8(0x29, 38);
  partition.writeUInt32LE(0x20260101, 39);
  partition.write('DEMO       FAT16   ', 43, 'ascii');
  partition.writeUInt16BE(0x55aa, 510);
}

/** One file of one cluster, in the root directory. */
function writeFile(partition: Buffer, shortName: string, content: Buffer): void {
  for (let fat = 0; fat < FATS; fat++) {
    partition.set([0xf8, 0xff, 0xff, 0xff, 0xff, 0xff], (RESERVED_SECTORS + fat * FAT_SECTORS) * SECTOR);
  }
  const entry = partition.subarray((DATA_START - ROOT_SECTORS) * SECTOR);
  entry.write(shortName, 0, 'ascii');
  entry.writeUInt16LE(2, 26); // first cluster
  entry.writeUInt32LE(content.length, 28);
  partition.set(content.subarray(0, SECTOR), DATA_START * SECTOR);
}
