import { codes, inspect, tableOf } from './look';
import { Bytes } from '../../../src/shared/disk-image/reading/bytes';
import { crc, onesComplementSum } from '../../../src/shared/disk-image/reading/checksum';
import { recordedImages } from '../../disk-images/image-library';
import { patched, u32be, u32le, u64be, u64le } from '../../disk-images/patch';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const dynamic = bytesOf('gpt-bios-vhd-dynamic');
const fixed = bytesOf('gpt-bios-vhd-fixed');
const vhdx = bytesOf('gpt-bios-vhdx-dynamic');
const bat = Number(Buffer.from(dynamic).readBigUInt64BE(512 + 16));

/** A footer, or a dynamic disk header, whose checksum is right again. */
function signed(bytes: Uint8Array, start: number, length: number, at: number): Uint8Array {
  const sum = onesComplementSum(new Bytes(bytes.subarray(start, start + length)), { at, length: 4 });
  return patched(bytes, [start + at, u32be(sum)]);
}

/** A dynamic VHD with a change in both copies of its footer. */
function withFooter(at: number, content: Uint8Array): Uint8Array {
  const changed = patched(dynamic, [at, content], [at - 512, content]);
  return signed(signed(changed, 0, 512, 64), changed.length - 512, 512, 64);
}

describe('a VHD', () => {
  test.each([
    ['that is differencing', withFooter(60, u32be(4)), ['vhd-differencing']],
    ['of an unknown type', withFooter(60, u32be(9)), []],
    ['whose disk has 0 bytes', withFooter(48, u64be(0)), ['disk-empty']],
    ['whose footer has a wrong checksum', patched(dynamic, [-512 + 64, u32be(1)]), ['vhd-footers-differ']],
    ['whose copy of the footer differs', patched(dynamic, [30, 'xx']), ['vhd-footers-differ']],
    ['both of whose footers have a wrong checksum', patched(dynamic, [64, u32be(1)], [-512 + 64, u32be(1)]), ['vhd-checksum']],
    ['whose header has a wrong checksum', patched(dynamic, [512 + 36, u32be(1)]), ['vhd-checksum']],
    ['without a dynamic header', patched(dynamic, [512, 'xx']), ['image-damaged']],
    ['whose blocks have 0 bytes', patched(dynamic, [512 + 32, u32be(0)]), ['image-damaged']],
    ['that lost its end', dynamic.subarray(0, dynamic.length - 512), ['image-truncated']],
    ['whose first block is not allocated', patched(dynamic, [bat, u32be(0xffffffff)]), ['partition-table-missing']],
    ['whose first block is behind its end', patched(dynamic, [bat, u32be(0xfffffff)]), ['image-truncated']],
    ['whose table is behind its end', signed(patched(dynamic, [512 + 16, u64be(2 ** 50)]), 512, 1024, 36), []],
    ['whose table has no entry', signed(patched(dynamic, [512 + 28, u32be(0)]), 512, 1024, 36), []],
    ['that is fixed and whole', fixed, []],
    ['that is fixed and lost its beginning', fixed.subarray(4096), ['image-truncated']],
  ])('%s has the findings it deserves', (_, bytes, found) => {
    const seen = inspect(bytes, { format: 'VHD' });
    expect(seen.format).toBe('VHD');
    expect(codes(seen)).toEqual(found);
  });

  test('that lost its end is what the copy of its footer says', () => {
    const { virtualSize, subformat } = inspect(dynamic) as { readonly virtualSize?: number; readonly subformat?: string };
    expect(inspect(dynamic.subarray(0, dynamic.length - 512))).toMatchObject({ subformat, virtualSize, damage: ['no-footer'] });
    expect(subformat).toBe('dynamic');
  });

  test('with a footer of 511 bytes, as Virtual PC wrote it, is fixed', () => {
    const old = patched(fixed.subarray(0, fixed.length - 1));
    expect(inspect(old)).toMatchObject({ format: 'VHD', subformat: 'fixed', damage: [] });
  });

  test('that is differencing is merged by name', () => {
    expect(inspect(withFooter(60, u32be(4)), { fileName: 'a.vhd' }).findings[0]?.remedy).toContain('Convert-VHD -Path a.vhd -DestinationPath a-importable.vhd -VHDType Dynamic');
    expect(inspect(withFooter(60, u32be(4)), { fileName: "my friend's.vhd" }).findings[0]?.remedy)
      .toContain("Convert-VHD -Path 'my friend''s.vhd' -DestinationPath 'my friend''s-importable.vhd' -VHDType Dynamic");
  });
});

/** A VHDX with changes in a checksummed structure, whose CRC-32C is right again. */
function sealed(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return patched(bytes, [start + 4, u32le(crc('crc32c', new Bytes(bytes.subarray(start, start + length)), { at: 4, length: 4 }))]);
}
const KIB = 1024;
const MIB = 1024 * KIB;
const headers = [64 * KIB, 128 * KIB] as const;
const regions = Buffer.from(vhdx);
const regionAt = (guid: string) => 192 * KIB + 16 + 32 * [0, 1].findIndex(i => new Bytes(vhdx).guid(192 * KIB + 16 + 32 * i) === guid);
const metadataAt = Number(regions.readBigUInt64LE(regionAt('8B7CA206-4790-4B9A-B8FE-575F050F886E') + 16));
const batAt = Number(regions.readBigUInt64LE(regionAt('2DC27766-F623-4200-9D64-115E9BFD4A08') + 16));
const itemAt = (guid: string) => metadataAt + 32 + 32 * [0, 1, 2, 3, 4].findIndex(i => new Bytes(vhdx).guid(metadataAt + 32 + 32 * i) === guid);
const item = (guid: string) => metadataAt + regions.readUInt32LE(itemAt(guid) + 16);
const FILE_PARAMETERS = 'CAA16737-FA36-4D43-B3B6-33F0AA44E76B';
const VIRTUAL_SIZE = '2FA54224-CD1B-4876-B211-5DBED83BF4B8';
const SECTOR_SIZE = '8141BF1D-A96F-4709-BA47-F233A8FAAB5F';

function withRegion(guid: string, at: number, content: Uint8Array): Uint8Array {
  return sealed(patched(vhdx, [regionAt(guid) + at, content]), 192 * KIB, 64 * KIB);
}

const TIB = 2 ** 40;

describe('a VHDX', () => {
  const newer = Number(regions.readBigUInt64LE(headers[0] + 8)) > Number(regions.readBigUInt64LE(headers[1] + 8)) ? headers[0] : headers[1];
  const older = newer === headers[0] ? headers[1] : headers[0];

  test('that ends before its first block is truncated', () => {
    const block = Math.floor(Number(regions.readBigUInt64LE(batAt)) / MIB) * MIB;
    expect(inspect(vhdx.subarray(0, block))).toMatchObject({ truncated: { neededSize: block + 1 } });
  });

  test('shows its partitions only without a log to replay, which may hold any part of the disk', () => {
    const dirty = inspect(sealed(patched(vhdx, [newer + 48, 'somebody changed']), newer, 4 * KIB));
    expect([tableOf(dirty), dirty.boot]).toEqual([{ kind: 'unknown' }, { kind: 'unknown' }]);
    expect(inspect(vhdx)).toMatchObject({ partitionTable: { kind: 'gpt', primary: 'valid' }, boot: { kind: 'boots' } });
  });

  test.each([
    ['with a log to replay', sealed(patched(vhdx, [newer + 48, 'somebody changed']), newer, 4 * KIB), ['vhdx-dirty-log']],
    ['whose older header has a log', sealed(patched(vhdx, [older + 48, 'somebody changed']), older, 4 * KIB), []],
    ['whose newer header with a log is damaged', patched(vhdx, [newer + 48, 'somebody changed']), []],
    ['without a valid header', patched(vhdx, [newer + 8, 'x'], [older + 8, 'x']), ['image-damaged']],
    ['whose first region table is damaged', patched(vhdx, [192 * KIB + 9, 'x']), []],
    ['without a valid region table', patched(vhdx, [192 * KIB + 9, 'x'], [256 * KIB + 9, 'x']), ['image-damaged']],
    ['whose region table claims more entries than it has room for', sealed(patched(vhdx, [192 * KIB + 8, u32le(0xffffffff)]), 192 * KIB, 64 * KIB), []],
    ['without metadata', patched(vhdx, [metadataAt, 'x']), ['image-damaged']],
    ['whose metadata has no region', withRegion('8B7CA206-4790-4B9A-B8FE-575F050F886E', 0, Buffer.from('x')), ['image-damaged']],
    ['whose metadata does not tell its blocks', patched(vhdx, [itemAt(FILE_PARAMETERS), 'x']), ['image-damaged']],
    ['whose metadata does not tell its size', patched(vhdx, [itemAt(VIRTUAL_SIZE), 'x']), ['image-damaged']],
    ['whose metadata does not tell its sectors', patched(vhdx, [itemAt(SECTOR_SIZE), 'x']), ['image-damaged']],
    ['whose sectors have 7 bytes', patched(vhdx, [item(SECTOR_SIZE), u32le(7)]), ['image-damaged']],
    ['whose blocks are too small', patched(vhdx, [item(FILE_PARAMETERS), u32le(512)]), ['image-damaged']],
    ['whose disk has 0 bytes', patched(vhdx, [item(VIRTUAL_SIZE), u64le(0)]), ['disk-empty']],
    ['that is differencing', patched(vhdx, [item(FILE_PARAMETERS) + 4, u32le(2)]), ['vhdx-differencing']],
    ['whose table has no region', withRegion('2DC27766-F623-4200-9D64-115E9BFD4A08', 0, Buffer.from('x')), []],
    ['whose table is behind its end', withRegion('2DC27766-F623-4200-9D64-115E9BFD4A08', 16, u64le(2 ** 40)), ['image-truncated']],
    ['whose first block is behind its end', patched(vhdx, [batAt, u64le(2 ** 40 + 6)]), ['image-truncated']],
    ['whose first block is not present', patched(vhdx, [batAt, u64le(0)]), ['partition-table-missing']],
    ['that ends before its regions', vhdx.subarray(0, MIB), ['image-truncated']],
  ])('%s has the findings it deserves', (_, bytes, found) => {
    const seen = inspect(bytes, { format: 'VHDX' });
    expect(seen.format).toBe('VHDX');
    expect(codes(seen)).toEqual(found);
  });

  test.each<[number, 'VmImportImage' | 'VmImportSnapshot', string[]]>([
    [8 * TIB, 'VmImportImage', []], [8 * TIB + 512, 'VmImportImage', ['disk-over-8-tib']], [16 * TIB, 'VmImportImage', ['disk-too-large']],
    [16 * TIB, 'VmImportSnapshot', []], [16 * TIB + 512, 'VmImportSnapshot', ['disk-too-large']],
  ])('of %i bytes for %s has the findings %j', (size, importer, found) => {
    expect(codes(inspect(patched(vhdx, [item(VIRTUAL_SIZE), u64le(size)]), { importer, role: 'data disk' }))).toEqual(found);
  });

  test('with sectors of 4,096 bytes is read', () => {
    expect(tableOf(inspect(patched(vhdx, [item(SECTOR_SIZE), u32le(4096)])))).toMatchObject({ kind: 'gpt' });
  });
});

describe('a checksum', () => {
  test('is the one that the catalogue of CRC algorithms gives for its check string', () => {
    const check = new Bytes(Buffer.from('123456789'));
    expect(crc('crc32', check, { at: 0, length: 0 })).toBe(0xcbf43926);
    expect(crc('crc32c', check, { at: 0, length: 0 })).toBe(0xe3069283);
  });
});
