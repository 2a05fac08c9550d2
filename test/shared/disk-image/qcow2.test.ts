import * as zlib from 'node:zlib';
import { decompress } from 'fzstd';
import { codes, inspect, tableOf } from './look';
import { describeBoot, Expectation, Importer } from '../../../src/shared/disk-image';
import { inflateWith } from '../../../src/shared/disk-image/reading/node-inflate';
import { tar } from '../../disk-images/archives';
import { fatFileSystem } from '../../disk-images/fat';
import { recordedImages } from '../../disk-images/image-library';
import { gptDisk, MIB } from '../../disk-images/partition-tables';
import { patched, u32be, u64be } from '../../disk-images/patch';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const qcow2 = bytesOf('gpt-uefi-qcow2');
const guest = bytesOf('gpt-uefi-raw');
const CLUSTER = 64 * 1024;
const l1 = Number(Buffer.from(qcow2).readBigUInt64BE(40));
const l2 = Number(Buffer.from(qcow2).readBigUInt64BE(l1) % 2n ** 56n);

/** Node.js with Zstandard, which it has from 22.15 on, and without. */
const WITH_ZSTD = inflateWith({ ...zlib, zstdDecompressSync: (frame, { maxOutputLength }) => decompress(frame, new Uint8Array(maxOutputLength)) });
const WITHOUT_ZSTD = inflateWith({ ...zlib, zstdDecompressSync: undefined });

/** The same image with its first cluster compressed, behind the others. */
function compressed(data: Uint8Array = zlib.deflateRawSync(guest.subarray(0, CLUSTER))): Uint8Array {
  const sectors = Math.ceil(data.length / 512);
  const whole = Buffer.concat([qcow2, data, Buffer.alloc(sectors * 512 - data.length, 7)]);
  return patched(whole, [l2, u64be(2n ** 62n + BigInt(sectors - 1) * 2n ** 54n + BigInt(qcow2.length))]);
}

/** A Zstandard frame with one block that is stored as it is, and the image that has it as its first cluster. */
function zstdCompressed(harm = (frame: Buffer) => frame): Uint8Array {
  const header = Buffer.from('28b52ffda00000000000000000', 'hex').subarray(0, 12);
  header.writeUInt32LE(CLUSTER, 5);
  header.writeUIntLE(1 + CLUSTER * 8, 9, 3);
  return patched(compressed(harm(Buffer.concat([header, guest.subarray(0, CLUSTER)]))), [79, [8]], [104, [1]]);
}

const SUBCLUSTER = CLUSTER / 32;

/** The same disk with extended L2 entries: header, L1 table, L2 table, then all clusters, of which only the subclusters with data are stored. */
function withSubclusters(): Uint8Array {
  const tables = Buffer.alloc(3 * CLUSTER);
  const clusters = Buffer.from(guest);
  tables.set(qcow2.subarray(0, 112));
  tables.set(u64be(CLUSTER), 40);
  tables.set([16], 79);
  tables.set(u64be(2 * CLUSTER), CLUSTER);
  for (let cluster = 0; cluster < guest.length / CLUSTER; cluster++) {
    let stored = 0;
    for (let subcluster = 0; subcluster < 32; subcluster++) {
      const at = cluster * CLUSTER + subcluster * SUBCLUSTER;
      if (clusters.subarray(at, at + SUBCLUSTER).some(byte => byte !== 0)) stored += 2 ** subcluster;
      // A subcluster that is not stored may hold anything.
      else clusters.fill(0xff, at, at + SUBCLUSTER);
    }
    tables.set([...u64be((3 + cluster) * CLUSTER), ...u64be(stored)], 2 * CLUSTER + cluster * 16);
  }
  return Buffer.concat([tables, clusters]);
}

describe('a qcow2', () => {
  test('shows how it boots, whether its clusters are compressed or not', () => {
    for (const image of [qcow2, compressed(), withSubclusters(), zstdCompressed()]) {
      const seen = inspect(image, { importer: 'VmImportAmi' }, WITH_ZSTD);
      expect(seen).toMatchObject({ format: 'qcow2', subformat: 'plain', virtualSize: guest.length, system: 'Debian' });
      expect(describeBoot(seen.boot)).toBe('boots by UEFI on x86_64');
      expect(tableOf(seen)).toEqual(tableOf(inspect(bytesOf('gpt-uefi-vmdk-stream'))));
      expect(seen.findings).toEqual([]);
    }
  });

  test.each<[string, Uint8Array, object]>([
    ['a first cluster that is absent', patched(qcow2, [l2, u64be(0)]), { kind: 'none', content: 'zeros' }],
    ['a first cluster that reads as zeros', patched(qcow2, [l2 + 7, [1]]), { kind: 'none', content: 'zeros' }],
    ['the bit for zeros in version 2, which means nothing', patched(qcow2, [4, u32be(2)], [l2 + 7, [1]]), { kind: 'gpt', primary: 'valid' }],
    ['a table that is absent', patched(qcow2, [l1, u64be(0)]), { kind: 'none', content: 'zeros' }],
    ['a table behind the end of the file', patched(qcow2, [l1, u64be(2 ** 40)]), { kind: 'unknown' }],
    ['an L1 table behind the end of the file', patched(qcow2, [40, u64be(2 ** 40)]), { kind: 'unknown' }],
    ['a first cluster behind the end of the file', patched(qcow2, [l2, u64be(2 ** 40)]), { kind: 'unknown' }],
    ['a compressed cluster that is damaged', compressed(Buffer.alloc(600, 0xff)), { kind: 'unknown' }],
    ['a cluster whose Zstandard frame is damaged', zstdCompressed(frame => frame.fill(0, 0, 4)), { kind: 'unknown' }],
    ['subclusters of which the first eight are not stored', patched(withSubclusters(), [2 * CLUSTER + 15, [0]]), { kind: 'none', content: 'zeros' }],
    ['an extended L2 table that ends in the middle of its first entry', withSubclusters().subarray(0, 2 * CLUSTER + 8), { kind: 'unknown' }],
  ])('with %s shows what can be known', (_, image, table) => {
    const seen = inspect(image, { importer: 'VmImportAmi' }, WITH_ZSTD);
    expect(tableOf(seen)).toMatchObject(table);
    expect(codes(seen)).not.toContain('inspection-incomplete');
  });

  test('whose Zstandard cannot be unpacked here is said to be not looked at', () => {
    const seen = inspect(zstdCompressed(), { importer: 'VmImportAmi' }, WITHOUT_ZSTD);
    expect(tableOf(seen)).toEqual({ kind: 'unknown' });
    expect(seen.boot).toEqual({ kind: 'unknown' });
    expect(seen.findings).toEqual([expect.objectContaining({
      code: 'inspection-incomplete',
      severity: 'info',
      message: 'Partitions and boot loaders of disk.img were not looked at: data compressed with Zstandard could not be unpacked here.',
    })]);
    expect(codes(inspect(zstdCompressed(), {}, WITHOUT_ZSTD))).toEqual(['format-not-importable', 'inspection-incomplete']);
  });

  test.each<[string, Uint8Array, string]>([
    ['a backing file', patched(qcow2, [8, u64be(512)]), 'The qcow2 image disk.img holds only the changes since its backing file. Merge both with qemu-img convert -O qcow2.'],
    ['an external data file', patched(qcow2, [79, [4]]), 'The qcow2 image disk.img keeps its data in an external data file. Convert it with qemu-img convert -O qcow2.'],
    ['the mark of a corrupt image', patched(qcow2, [79, [2]]), 'The qcow2 image disk.img is marked as corrupt. Repair it with qemu-img check -r all.'],
    ['an impossible header', patched(qcow2, [20, u32be(3)]), 'The qcow2 image disk.img is damaged: its clusters have 2^3 bytes. Upload it again.'],
  ])('with %s is refused in the words of the copy', (_, image, sentence) => {
    const seen = inspect(image, { importer: 'VmImportSnapshot', role: 'data disk' });
    expect(seen.findings.map(({ code, message, remedy }) => [code, `${message} ${remedy}`])).toEqual([['qcow2-not-readable', sentence]]);
    expect(seen.takenBy).toEqual([]);
    expect(codes(inspect(image))).toEqual(['format-not-importable']);
  });

  test('of 0 bytes is empty', () => {
    expect(codes(inspect(patched(qcow2, [24, u64be(0)]), { importer: 'VmImportAmi' }))).toEqual(['disk-empty']);
  });
});

test.each(['gpt-uefi-qcow2', 'gpt-uefi-vmdk-sparse'])('%s for arm64 needs VmImportAmi and no conversion', (name) => {
  const bytes = bytesOf(name);
  const forArm = patched(bytes, [Buffer.from(bytes).indexOf('BOOTX64 EFI'), 'BOOTAA64EFI']);
  expect(codes(inspect(forArm))).toEqual(['architecture-not-importable']);
  expect(inspect(forArm).takenBy).toEqual(['VmImportAmi', 'VmImportSnapshot']);
});

describe('the constructs that take a disk', () => {
  const arm = gptDisk(8 * MIB, [{ type: 'efi', first: 2048, last: 10_239 }]).write(MIB, fatFileSystem('FAT16', { files: { 'EFI/BOOT/BOOTAA64.EFI': 'x' } }).bytes()).bytes();
  const ovf = '<Envelope><References><File id="f" href="d.qcow2"/></References><DiskSection><Disk diskId="d" fileRef="f"/></DiskSection></Envelope>';

  test.each<[string, Uint8Array, Partial<Expectation>, Importer[]]>([
    ['a disk that boots by BIOS', bytesOf('mbr-raw'), {}, ['VmImportImage', 'VmImportAmi', 'VmImportSnapshot']],
    ['a disk for arm64', arm, {}, ['VmImportAmi', 'VmImportSnapshot']],
    ['a qcow2 that boots', qcow2, {}, ['VmImportAmi', 'VmImportSnapshot']],
    ['a sparse VMDK that boots', bytesOf('mbr-vmdk-sparse'), {}, ['VmImportAmi', 'VmImportSnapshot']],
    ['an OVA with a qcow2 that boots', tar([['a.ovf', ovf], ['d.qcow2', qcow2]]), { format: 'OVA' }, ['VmImportAmi', 'VmImportSnapshot']],
    ['a qcow2 without a partition table', patched(qcow2, [l2, u64be(0)]), {}, ['VmImportSnapshot']],
    ['a qcow2 that is encrypted', bytesOf('special-qcow2-encrypted'), {}, []],
    ['a qcow2 that is called a VMDK', qcow2, { format: 'VMDK' }, []],
    ['a qcow2 that is declared as one', qcow2, { format: 'QCOW2' }, ['VmImportAmi', 'VmImportSnapshot']],
    ['a VMDK that is declared as qcow2', bytesOf('mbr-vmdk-stream'), { format: 'QCOW2' }, []],
    ['an ISO', patched(new Uint8Array(64 * 1024), [32_769, 'CD001']), {}, []],
  ])('of %s are the right ones', (_, image, expectation, takenBy) => {
    expect(inspect(image, expectation).takenBy).toEqual(takenBy);
  });
});
