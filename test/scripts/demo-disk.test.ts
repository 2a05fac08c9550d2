import { demoDisk } from '../../scripts/demo-disk';

describe('the disk of the demo', () => {
  test('is the same for the same label, and another one for another', () => {
    expect(demoDisk('a').equals(demoDisk('a'))).toBe(true);
    expect(demoDisk('a').equals(demoDisk('b'))).toBe(false);
  });

  test('has a boot record with one bootable partition inside the disk', () => {
    const disk = demoDisk('a');
    expect(disk.readUInt16BE(510)).toBe(0x55aa);
    expect(disk.readUInt8(446)).toBe(0x80);
    expect((disk.readUInt32LE(454) + disk.readUInt32LE(458)) * 512).toBe(disk.length);
  });

  test('holds its label in a file of a FAT16 file system', () => {
    const partition = demoDisk('hello').subarray(2048 * 512);
    expect(partition.toString('ascii', 54, 59)).toBe('FAT16');
    const reserved = partition.readUInt16LE(14);
    const fats = partition.readUInt8(16);
    const rootEntries = partition.readUInt16LE(17);
    const fatSectors = partition.readUInt16LE(22);
    const root = (reserved + fats * fatSectors) * 512;
    const data = root + rootEntries * 32;
    const size = partition.readUInt32LE(root + 28);
    const cluster = partition.readUInt16LE(root + 26);
    expect(partition.toString('ascii', root, root + 11)).toBe('HELLO   TXT');
    expect(partition.toString('utf8', data + (cluster - 2) * 512, data + (cluster - 2) * 512 + size)).toBe('hello\n');
  });

  test('has as many clusters as make it FAT16 by the specification', () => {
    const partition = demoDisk('a').subarray(2048 * 512);
    const [total, reserved, fats, rootEntries, fatSectors] = [
      partition.readUInt16LE(19), partition.readUInt16LE(14), partition.readUInt8(16), partition.readUInt16LE(17), partition.readUInt16LE(22),
    ];
    const clusters = (total - reserved - fats * fatSectors - (rootEntries * 32) / 512) / partition.readUInt8(13);
    expect(clusters).toBeGreaterThanOrEqual(4085);
    expect(clusters).toBeLessThan(65525);
    expect((clusters + 2) * 2).toBeLessThanOrEqual(fatSectors * 512);
  });
});
