import { codes, inspect, tableOf } from './look';
import { imageLibrary, LibraryImage, recordedImages } from '../../disk-images/image-library';
import { canMakeImages } from '../../disk-images/qemu';
import { GuestDisk, RECIPES } from '../../disk-images/recipes';

const library = new Map(imageLibrary().map(made => [made.name, made]));

function image(name: string): LibraryImage {
  const found = library.get(name);
  if (found === undefined) throw new Error(`there is no image ${name}: record the images anew with npx tsx test/disk-images/record.ts`);
  return found;
}

/** Our names beside qemu's; a disk of one extent that qemu joins from several is still that format. */
const FORMATS: Record<string, string> = { vpc: 'VHD', vhdx: 'VHDX', vmdk: 'VMDK', raw: 'RAW' };

const SUBFORMATS: readonly (readonly [kind: string, subformat: string, codes: string[]])[] = [
  ['raw', 'flat', []],
  ['vmdk-stream', 'streamOptimized', []],
  ['vmdk-sparse', 'monolithicSparse', ['vmdk-not-stream-optimized']],
  ['vmdk-flat', 'monolithicFlat', ['vmdk-descriptor-only']],
  ['vmdk-split-sparse', 'twoGbMaxExtentSparse', ['vmdk-descriptor-only']],
  ['vmdk-split-sparse-part', 'sparseExtent', ['vmdk-not-stream-optimized']],
  ['vmdk-split-flat', 'twoGbMaxExtentFlat', ['vmdk-descriptor-only']],
  ['vhd-dynamic', 'dynamic', []],
  ['vhd-fixed', 'fixed', []],
  ['vhdx-dynamic', 'dynamic', []],
  ['vhdx-fixed', 'fixed', []],
];

const EFI = { type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', role: 'efi system', offset: 1_048_576, length: 2_097_152 };
const BIOS = { type: '21686148-6449-6E6F-744E-656564454649', role: 'bios boot', offset: 1_048_576, length: 1_048_576 };
const LINUX = { type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', role: 'other' };
const GPT = { kind: 'gpt', sectorSize: 512, primary: 'valid', protectiveMbr: 'present' };
const TABLES: Record<GuestDisk, object> = {
  'blank': { kind: 'none', content: 'zeros' },
  'no-table': { kind: 'none', content: 'data' },
  'mbr': {
    kind: 'mbr',
    partitions: [{ type: '83', role: 'other', offset: 1_048_576, length: 4_194_304, active: 'active', content: 'ext' },
      { type: '83', role: 'other', offset: 5_242_880, length: 1_048_576, active: 'inactive', content: 'zeros' }],
  },
  'gpt-uefi': { ...GPT, partitions: [EFI, LINUX].map(expect.objectContaining) },
  'gpt-bios': { ...GPT, partitions: [BIOS, LINUX].map(expect.objectContaining) },
};
const TABLE_CODES: Record<GuestDisk, string[]> = {
  'blank': ['partition-table-missing'],
  'no-table': ['partition-table-missing'],
  'mbr': [],
  'gpt-uefi': ['boot-mode-undeclared'],
  'gpt-bios': [],
};

describe('images that qemu-img made', () => {
  test.each(RECIPES)('$name has the format and the virtual size that qemu-img info says', ({ name, format }) => {
    const { info, file } = image(name);
    const seen = inspect(file);
    expect(seen).toMatchObject({ format: FORMATS[format] ?? format, virtualSize: info['virtual-size'], fileSize: file.length });
    expect(info.format).toBe(format);
  });

  test.each(RECIPES)('$name takes at most eight reads and 400 KiB', ({ name }) => {
    const { cost } = inspect(image(name).file);
    expect(cost.reads).toBeLessThanOrEqual(8);
    expect(cost.bytes).toBeLessThanOrEqual(400 * 1024);
  });

  const importable = (['blank', 'mbr', 'gpt-uefi', 'gpt-bios'] as const).flatMap(disk => SUBFORMATS.map(([kind, subformat, found]) => ({ disk, kind, subformat, found })));
  test.each(importable)('$disk as $kind is $subformat, shows its partitions, and has just the findings it deserves', ({ disk, kind, subformat, found }) => {
    const seen = inspect(image(`${disk}-${kind}`).file);
    const hidden = found.includes('vmdk-descriptor-only');
    expect(seen.subformat).toBe(subformat);
    expect(tableOf(seen)).toMatchObject(hidden ? { kind: 'unknown' } : TABLES[disk]);
    expect(codes(seen)).toEqual([...found, ...(hidden ? [] : TABLE_CODES[disk])]);
    expect(seen).not.toHaveProperty('truncated.neededSize');
  });

  test.each(['no-table-raw', 'no-table-vmdk-stream'])('%s holds a file system without a partition table', name => {
    expect(tableOf(inspect(image(name).file))).toEqual(TABLES['no-table']);
  });

  test.each([
    ['special-qcow2-encrypted', { format: 'qcow2', subformat: 'encrypted', virtualSize: 2 ** 20 }, ['image-encrypted']],
    ['special-vmdk-delta', { format: 'VMDK', subformat: 'monolithicSparse', parent: 'named' }, ['vmdk-not-stream-optimized', 'vmdk-parent']],
  ])('%s is %o with the findings %j', (name, facts, found) => {
    const seen = inspect(image(name).file, { role: 'data disk' });
    expect(seen).toMatchObject(facts);
    expect(codes(seen)).toEqual(found);
  });

  test.each(RECIPES.filter(({ format }) => FORMATS[format] === undefined))('$name is named, and not importable', ({ name, format }) => {
    const seen = inspect(image(name).file, { fileName: 'my disk.vmdk', format: 'VMDK' });
    expect(codes(seen)).toEqual(['format-not-importable', ...(format === 'qcow2' ? ['boot-mode-undeclared'] : [])]);
    expect(seen.findings[0]).toMatchObject({
      severity: 'error',
      message: `my disk.vmdk is a ${format} image, which VM Import/Export does not import.`,
      remedy: `Convert it: qemu-img convert -p -f ${format} -O vmdk -o subformat=streamOptimized 'my disk.vmdk' 'my disk-importable.vmdk'`,
    });
  });

  const bounds = [['raw', 2, 37_376], ['vhdx-dynamic', 5, 339_968], ['vmdk-stream', 3, 45_056], ['vhd-dynamic', 2, 37_376]] as const;
  test.each(bounds.flatMap(bound => (['1G', '1T'] as const).map(size => [size, ...bound] as const)))(
    'an empty disk of %s as %s takes at most %i reads and %i bytes, whatever its size', (size, kind, reads, bytes) => {
      const { cost, virtualSize } = inspect(image(`giant-${size}-${kind}`).file);
      expect(virtualSize).toBe(size === '1G' ? 2 ** 30 : 2 ** 40);
      expect(cost.reads).toBeLessThanOrEqual(reads);
      expect(cost.bytes).toBeLessThanOrEqual(bytes);
    });

  test.each([['9T', ['disk-over-8-tib']], ['17T', ['disk-too-large']]])('a disk of %s has the finding %j', (size, found) => {
    expect(codes(inspect(image(`giant-${size}-vhdx-dynamic`).file, { role: 'data disk' }))).toEqual(found);
  });

  // The size of compressed data differs with the identifiers in it. Without qemu-img everything above ran on the recording, and there is nothing to compare it with.
  (canMakeImages() === 'yes' ? test : test.skip)('the recorded images show what the ones made here show', () => {
    const facts = ({ name, file }: LibraryImage) => ({ name, ...inspect(file), cost: undefined, fileSize: undefined });
    expect(recordedImages().map(facts)).toEqual([...library.values()].map(facts));
  });
});
