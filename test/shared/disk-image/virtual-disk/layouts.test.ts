import { contentOf, open, readerOf } from './readers';
import { decompressors } from '../../../../lambda/disk-copy/decompressors';
import { Bytes } from '../../../../src/shared/disk-image/reading/bytes';
import { crc, onesComplementSum } from '../../../../src/shared/disk-image/reading/checksum';
import { openVirtualDisk, type VirtualDiskFormat } from '../../../../src/shared/disk-image/virtual-disk';
import { qcow2Layout } from '../../../../src/shared/disk-image/virtual-disk/qcow2';
import { descriptor, member } from '../../../disk-images/archives';
import { recordedImages } from '../../../disk-images/image-library';
import { patched, u32be, u32le, u64be, u64le } from '../../../disk-images/patch';
import { streamVmdk } from '../../../disk-images/stream-vmdk';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const raw = Buffer.from(bytesOf('gpt-bios-raw'));
const uefi = Buffer.from(bytesOf('gpt-uefi-raw'));
const sparse = bytesOf('gpt-bios-vmdk-sparse');
const directory = Buffer.from(sparse).readUInt32LE(56) * 512;
const grains = Buffer.from(sparse).readUInt32LE(directory) * 512;
const stream = streamVmdk(raw);
const dynamic = bytesOf('gpt-bios-vhd-dynamic');
const vhdTable = Number(Buffer.from(dynamic).readBigUInt64BE(512 + 16));
const vhdBlock = Buffer.from(dynamic).readUInt32BE(vhdTable) * 512;
const vhdx = bytesOf('gpt-bios-vhdx-dynamic');
const qcow2 = bytesOf('gpt-uefi-qcow2');
const l1 = Number(Buffer.from(qcow2).readBigUInt64BE(40));
const l2 = Number(Buffer.from(qcow2).readBigUInt64BE(l1) % 2n ** 56n);

/** Gives a changed VHD footer or header its right checksum again. */
function signed(bytes: Uint8Array, start: number, length: number, at: number): Uint8Array {
  const sum = onesComplementSum(new Bytes(bytes.subarray(start, start + length)), { at, length: 4 });
  return patched(bytes, [start + at, u32be(sum)]);
}

/** A dynamic VHD with a change in both copies of its footer. */
function withFooter(at: number, content: Uint8Array): Uint8Array {
  const changed = patched(dynamic, [at, content], [at - 512, content]);
  return signed(signed(changed, 0, 512, 64), changed.length - 512, 512, 64);
}

function withVhdHeader(at: number, content: Uint8Array): Uint8Array {
  return signed(patched(dynamic, [512 + at, content]), 512, 1024, 36);
}

/** Gives a changed VHDX header or region table its right checksum again. */
function sealed(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return patched(bytes, [start + 4, u32le(crc('crc32c', new Bytes(bytes.subarray(start, start + length)), { at: 4, length: 4 }))]);
}

const KIB = 1024;
/** Where the tables of the recorded VHDX are, by their regions. */
const regions = Buffer.from(vhdx.subarray(192 * KIB, 193 * KIB));
const regionAt = (guid: string) => [16, 48].find(at => new Bytes(regions).guid(at).startsWith(guid)) ?? 0;
const batEntry = regionAt('2DC27766');
const bat = Number(regions.readBigUInt64LE(batEntry + 16));
const metadata = Number(regions.readBigUInt64LE(regionAt('8B7CA206') + 16));
const parameters = metadata + 64 * KIB;
const withRegions = (...patches: Parameters<typeof patched>[1][]) => {
  const changed = patched(vhdx, ...patches.flatMap(([at, content]) => [[192 * KIB + at, content], [256 * KIB + at, content]] as const));
  return sealed(sealed(changed, 192 * KIB, 64 * KIB), 256 * KIB, 64 * KIB);
};
const dirtyVhdx = [64 * KIB, 128 * KIB].reduce((image, at) => sealed(patched(image, [at + 48, [1]]), at, 4 * KIB), vhdx);

/** An archive with the descriptor of VMware, and so many of the disks that it names. */
function ova(members: readonly (readonly [string, Uint8Array])[], text = descriptor('vmware')): Uint8Array {
  return Buffer.concat([member('server.ovf', Buffer.from(text)), ...members.map(([name, body]) => member(name, body)), Buffer.alloc(1024)]);
}
const [, firstDisk = ''] = /href="([^"]+\.vmdk)"/.exec(descriptor('vmware')) ?? [];

test('a read may begin within a grain of a sparse VMDK', async () => {
  const disk = await open(sparse, 'VMDK');
  expect(raw.subarray(446, 512).equals(await disk.read(446, 66))).toBe(true);
});

describe('an image is read byte for byte', () => {
  test.each<readonly [string, VirtualDiskFormat, Uint8Array, Buffer]>([
    ['RAW', 'RAW', raw, raw],
    ['a sparse VMDK', 'VMDK', sparse, raw],
    ['a stream-optimized VMDK', 'VMDK', bytesOf('gpt-bios-vmdk-stream'), raw],
    ['a stream-optimized VMDK with a footer', 'VMDK', stream, raw],
    ['a fixed VHD', 'VHD', bytesOf('gpt-bios-vhd-fixed'), raw],
    ['a fixed VHD with a footer of 511 bytes', 'VHD', bytesOf('gpt-bios-vhd-fixed').slice(0, -1), raw],
    ['a dynamic VHD', 'VHD', dynamic, raw],
    ['a fixed VHDX', 'VHDX', bytesOf('gpt-bios-vhdx-fixed'), raw],
    ['a dynamic VHDX', 'VHDX', vhdx, raw],
    ['qcow2', 'QCOW2', qcow2, uefi],
    ['an OVA with a VMDK', 'OVA', ova([[firstDisk, stream]]), raw],
    ['an OVA with a RAW disk', 'OVA', ova([[firstDisk, raw]]), raw],
    ['an OVA with a VHD', 'OVA', ova([[firstDisk, dynamic]]), raw],
    ['an OVA with a VHDX', 'OVA', ova([[firstDisk, vhdx]]), raw],
    ['an OVA with a qcow2', 'OVA', ova([[firstDisk, qcow2]]), uefi],
  ])('%s', async (_, format, image, expected) => {
    const disk = await open(image, format);
    expect(disk.size).toBe(expected.length);
    expect((await contentOf(disk, 1_000_448)).equals(expected)).toBe(true);
  });
});

describe('the parts that a format does not allocate', () => {
  test.each<readonly [string, VirtualDiskFormat, Uint8Array]>([
    ['a grain of a VMDK that was never written', 'VMDK', patched(sparse, [grains, u32le(0)])],
    ['a grain of a VMDK that is marked as zeros', 'VMDK', patched(sparse, [grains, u32le(1)])],
    ['a grain table of a VMDK that is absent', 'VMDK', patched(sparse, [directory, u32le(0)])],
    ['a block of a VHD that is absent', 'VHD', patched(dynamic, [vhdTable, u32be(0xffffffff)])],
    ['a block of a VHDX that is not present', 'VHDX', patched(vhdx, [bat, [0]])],
    ['a block of a VHDX that is zero', 'VHDX', patched(vhdx, [bat, [2]])],
    ['a cluster of a qcow2 that is absent', 'QCOW2', patched(qcow2, [l2, u64be(0)])],
    ['a cluster of a qcow2 that is marked as zeros', 'QCOW2', patched(qcow2, [l2 + 7, [1]])],
    ['a table of a qcow2 that is absent', 'QCOW2', patched(qcow2, [l1, u64be(0)])],
  ])('%s reads as zeros', async (_, format, image) => {
    const disk = await open(image, format);
    expect(await disk.isAllocated(0, 512)).toBe(false);
    expect((await disk.read(0, 512)).every(byte => byte === 0)).toBe(true);
  });

  test('the bit for zeros means nothing in version 2 of qcow2', async () => {
    const disk = await open(patched(qcow2, [4, u32be(2)], [l2 + 7, [1]]), 'QCOW2');
    expect(Buffer.from(await disk.read(0, 512)).equals(uefi.subarray(0, 512))).toBe(true);
  });

  test('the sectors of a VHD are told apart by the bits of its bitmap', async () => {
    const bitmap = Buffer.alloc(16, 0xff);
    bitmap.set([0b1010_0000, 0, 0xff, 0b0000_0001]);
    const disk = await open(patched(dynamic, [vhdBlock, bitmap], [vhdBlock + 512, Buffer.alloc(64 * 512, 7)]), 'VHD');
    const seen = Array.from({ length: 40 }, async (_, sector) => (await disk.read(sector * 512, 512))[0] ?? 0);
    const expected = [...bitmap.subarray(0, 5)].flatMap(byte => [...byte.toString(2).padStart(8, '0')].map(bit => Number(bit) * 7));
    expect(await Promise.all(seen)).toEqual(expected);
    expect([...await disk.read(0, 40 * 512)].filter((_, at) => at % 512 === 0)).toEqual(expected);
  });

  test('a sector of a VHD that was never written reads as zeros, although its block is allocated', async () => {
    const noise = Buffer.alloc(24 * 512, 7);
    const image = patched(dynamic, [vhdBlock, [0xff, 0x7f, 0xfe]], [vhdBlock + 512, noise]);
    const disk = await open(image, 'VHD');
    expect(await disk.isAllocated(8 * 512, 512)).toBe(true);
    const expected = Buffer.from(noise).fill(0, 8 * 512, 9 * 512).fill(0, 23 * 512);
    for (const [at, length] of [[0, 24 * 512], [8 * 512 + 100, 300], [8 * 512 - 7, 512 + 14], [23 * 512 - 1, 2], [9 * 512, 14 * 512]] as const) {
      expect(Buffer.from(await disk.read(at, length)).equals(expected.subarray(at, at + length))).toBe(true);
    }
  });

  test('the bitmap of a VHD comes with its block, and only the part that is needed', async () => {
    const reader = readerOf(dynamic);
    const disk = await openVirtualDisk({ image: reader, format: 'VHD', decompressors });
    await disk.read(0, 512);
    reader.requests.length = 0;
    await disk.read(0, 2 * 1024 * KIB);
    await disk.read(1024 * KIB, 4096);
    expect(reader.requests).toEqual([
      { offset: vhdBlock, size: 512 + 2 * 1024 * KIB }, { offset: vhdBlock + 256, size: 1 }, { offset: vhdBlock + 512 + 1024 * KIB, size: 4096 },
    ]);
  });
});

const EXPORT = 'Export it again.';
const UPLOAD = 'Upload it again.';

describe('an image is refused with a sentence', () => {
  test.each<readonly [string, VirtualDiskFormat, Uint8Array, string]>([
    ['that is no VMDK', 'VMDK', raw, 'The image is not a VMDK: its header is missing.'],
    ['with a parent', 'VMDK', bytesOf('special-vmdk-delta'), 'The VMDK holds only the changes since its parent disk: consolidate its snapshots, and export the disk again.'],
    ['that is an encrypted VMDK', 'VMDK', patched(stream, [512 + 80, '\nencryption.keySafe = "x"\n']), 'The VMDK is encrypted: decrypt the virtual machine, and export the disk again.'],
    ['that is a descriptor', 'VMDK', bytesOf('gpt-bios-vmdk-flat'), 'The VMDK is of the kind monolithicFlat, which does not hold a whole disk in one file: convert it with qemu-img convert -O vmdk -o subformat=streamOptimized.'],
    ['that is split', 'VMDK', bytesOf('gpt-bios-vmdk-split-sparse-part'), 'The VMDK is of the kind sparseExtent, which does not hold a whole disk in one file: convert it with qemu-img convert -O vmdk -o subformat=streamOptimized.'],
    ['whose line ends were changed', 'VMDK', patched(sparse, [73, '\n \n\n']), `The VMDK is damaged: a transfer in text mode changed its line ends. ${EXPORT}`],
    ['without the end of its VMDK', 'VMDK', stream.subarray(0, stream.length - 4096), `The VMDK is damaged: its end is missing. ${EXPORT}`],
    ['with grains of no size', 'VMDK', patched(sparse, [20, u64le(0)]), `The VMDK is damaged: its header is invalid. ${EXPORT}`],
    ['with huge compressed grains', 'VMDK', patched(stream, [20, u64le(8192)], [-1024 + 20, u64le(8192)]), 'The VMDK has compressed grains of 4194304 bytes, and at most 2097152 can be read.'],
    ['with a VMDK of an impossible size', 'VMDK', patched(sparse, [12, u64le(2n ** 60n)]), `The VMDK image is damaged: its header gives the disk ${2 ** 69} bytes. ${UPLOAD}`],
    ['that is no VHD', 'VHD', raw, 'The image is not a VHD: its footer is missing.'],
    ['that is a differencing VHD', 'VHD', withFooter(60, u32be(4)), 'The VHD holds only the changes since its parent disk: merge it into its parent (Merge-VHD), and export the disk again.'],
    ['that is a VHD of an unknown type', 'VHD', withFooter(60, u32be(9)), 'The VHD is of the unknown type 9: it is neither fixed nor dynamic.'],
    ['without the end of its VHD', 'VHD', dynamic.subarray(0, dynamic.length - 512), `The VHD is damaged: its end is missing. ${EXPORT}`],
    ['with two VHD footers', 'VHD', patched(dynamic, [30, 'xx']), `The VHD is damaged: its two footers differ. ${EXPORT}`],
    ['with a wrong VHD footer', 'VHD', patched(dynamic, [64, u32be(1)], [-512 + 64, u32be(1)]), `The VHD is damaged: the checksum of its footer is wrong. ${EXPORT}`],
    ['with a wrong VHD header', 'VHD', patched(dynamic, [512 + 36, u32be(1)]), `The VHD is damaged: the checksum of its header is wrong. ${EXPORT}`],
    ['without a VHD header', 'VHD', patched(dynamic, [512, 'xx']), `The VHD is damaged: its header is invalid. ${EXPORT}`],
    ['with a short VHD table', 'VHD', withVhdHeader(28, u32be(1)), `The VHD is damaged: its block table is smaller than the disk. ${EXPORT}`],
    ['with odd VHD blocks', 'VHD', withVhdHeader(32, u32be(2 ** 23 + 1)), `The VHD is damaged: its block table is smaller than the disk. ${EXPORT}`],
    ['that is no VHDX', 'VHDX', raw, 'The image is not a VHDX: its signature is missing.'],
    ['without a VHDX header', 'VHDX', patched(vhdx, [64 * KIB, 'xx'], [128 * KIB, 'xx']), `The VHDX is damaged: neither of its two headers is valid. ${EXPORT}`],
    ['without VHDX regions', 'VHDX', patched(vhdx, [192 * KIB, 'xx'], [256 * KIB, 'xx']), `The VHDX is damaged: neither of its two region tables is valid. ${EXPORT}`],
    ['without VHDX metadata', 'VHDX', patched(vhdx, [metadata, 'xx']), `The VHDX is damaged: its metadata is invalid. ${EXPORT}`],
    ['with VHDX blocks of 3 MiB', 'VHDX', patched(vhdx, [parameters, u32le(3 * 2 ** 20)]), `The VHDX is damaged: its metadata is invalid. ${EXPORT}`],
    ['with a VHDX log', 'VHDX', dirtyVhdx, 'The VHDX was not closed cleanly: mount it once (Mount-VHD), which replays its log, and upload it again.'],
    ['that is a differencing VHDX', 'VHDX', patched(vhdx, [parameters + 4, [2]]), 'The VHDX holds only the changes since its parent disk: merge it into its parent (Merge-VHD), and export the disk again.'],
    ['with a short VHDX table', 'VHDX', withRegions([batEntry + 24, u32le(8)]), `The VHDX is damaged: its block table is smaller than the disk. ${EXPORT}`],
    ['without a VHDX table', 'VHDX', withRegions([batEntry, [0]]), `The VHDX is damaged: its block table is smaller than the disk. ${EXPORT}`],
    ['that is no qcow2', 'QCOW2', raw, 'The image is not a qcow2: its signature is missing.'],
    ['that is an empty qcow2', 'QCOW2', Buffer.from('QFI'), 'The image is not a qcow2: its signature is missing.'],
    ['that is an old qcow', 'QCOW2', bytesOf('gpt-uefi-qcow'), 'The qcow2 image has version 1, and only the versions 2 and 3 can be read. Convert it with qemu-img convert -O qcow2.'],
    ['with a backing file', 'QCOW2', patched(qcow2, [8, u64be(512)]), 'The qcow2 image holds only the changes since its backing file. Merge both with qemu-img convert -O qcow2.'],
    ['that is encrypted by an unknown method', 'QCOW2', patched(qcow2, [32, u32be(2 ** 24)]), 'The qcow2 image is encrypted. Decrypt it with qemu-img convert -O qcow2.'],
    ['that is an encrypted qcow2', 'QCOW2', bytesOf('special-qcow2-encrypted'), 'The qcow2 image is encrypted. Decrypt it with qemu-img convert -O qcow2.'],
    ['with an external data file', 'QCOW2', patched(qcow2, [79, [4]]), 'The qcow2 image keeps its data in an external data file. Convert it with qemu-img convert -O qcow2.'],
    ['that is marked as corrupt', 'QCOW2', patched(qcow2, [79, [2]]), 'The qcow2 image is marked as corrupt. Repair it with qemu-img check -r all.'],
    ['with an unknown qcow2 feature', 'QCOW2', patched(qcow2, [79, [32]]), 'The qcow2 image uses features that are not known here. Convert it with qemu-img convert -O qcow2.'],
    ['with a far unknown qcow2 feature', 'QCOW2', patched(qcow2, [72, [1]]), 'The qcow2 image uses features that are not known here. Convert it with qemu-img convert -O qcow2.'],
    ['with an unknown qcow2 compression', 'QCOW2', patched(qcow2, [79, [8]], [104, [2]]), 'The qcow2 image uses the unknown compression type 2. Convert it with qemu-img convert -O qcow2.'],
    ['with tiny qcow2 clusters', 'QCOW2', patched(qcow2, [20, u32be(8)]), `The qcow2 image is damaged: its clusters have 2^8 bytes. ${UPLOAD}`],
    ['with tiny extended qcow2 clusters', 'QCOW2', patched(qcow2, [20, u32be(13)], [79, [16]]), `The qcow2 image is damaged: its clusters have 2^13 bytes. ${UPLOAD}`],
    ['with huge qcow2 clusters', 'QCOW2', patched(qcow2, [20, u32be(22)]), `The qcow2 image is damaged: its clusters have 2^22 bytes. ${UPLOAD}`],
    ['with a huge L1 table', 'QCOW2', patched(qcow2, [36, u32be(2 ** 22 + 1)]), `The qcow2 image is damaged: its L1 table does not fit the disk. ${UPLOAD}`],
    ['with a short L1 table', 'QCOW2', patched(qcow2, [36, u32be(0)]), `The qcow2 image is damaged: its L1 table does not fit the disk. ${UPLOAD}`],
    ['with an L1 table for half of the disk', 'QCOW2', patched(qcow2, [24, u64be(2 ** 30)], [36, u32be(1)]), 'The qcow2 image is damaged: its L1 table does not fit the disk. Upload it again.'],
    ['with an L1 table within a cluster', 'QCOW2', patched(qcow2, [40, u64be(l1 + 512)]), `The qcow2 image is damaged: its L1 table is not at a cluster. ${UPLOAD}`],
    ['with an L1 table nowhere', 'QCOW2', patched(qcow2, [40, u64be(2n ** 63n)]), `The qcow2 image is damaged: its L1 table is not at a cluster. ${UPLOAD}`],
    ['that is no archive', 'OVA', raw, 'The image is not an OVA: a tar archive with an OVF descriptor.'],
    ['with an unreadable descriptor', 'OVA', ova([], 'no XML'), 'The image is not an OVA: a tar archive with an OVF descriptor.'],
    ['without the disk', 'OVA', ova([]), 'Disk 0 of the OVA is not in the archive.'],
    ['with a disk in chunks', 'OVA', ova([[`${firstDisk}.000000000`, stream]]), 'Disk 0 of the OVA is split into chunks.'],
    ['with a compressed disk', 'OVA', ova([[firstDisk, stream]], descriptor('vmware').replace(`href="${firstDisk}"`, `href="${firstDisk}" ovf:compression="gzip"`).replace(`ovf:href="${firstDisk}"`, `ovf:href="${firstDisk}"`)), 'Disk 0 of the OVA is compressed with gzip: export it without compression.'],
    ['with an ISO as a disk', 'OVA', ova([[firstDisk, bytesOf('gpt-uefi-vdi')]]), 'Disk 0 of the OVA is a vdi file, which is not a disk that can be read.'],
  ])('%s (%s)', async (_, format, image, message) => {
    await expect(open(image, format)).rejects.toMatchObject({ name: 'VirtualDiskError', message });
  });

  test('that is an OVA without so many disks', async () => {
    await expect(open(ova([[firstDisk, stream]]), 'OVA', 7)).rejects.toThrow('The OVA has no disk 7: its descriptor names 3, counted from 0.');
  });
});

const UNPACK = 'cannot be unpacked. Upload it again.';
const firstGrain = Buffer.from(stream).readUInt32LE(Buffer.from(stream).readUInt32LE(stream.length - 4 * 512) * 512) * 512;

describe('damage that only reading finds is a sentence too', () => {
  test.each<readonly [string, VirtualDiskFormat, Uint8Array, string]>([
    ['a damaged grain', 'VMDK', patched(stream, [firstGrain + 20, [1, 2, 3, 4, 5, 6]]), UNPACK],
    ['a grain of size 0', 'VMDK', patched(stream, [firstGrain + 8, u32le(0)]), UNPACK],
    ['a grain larger than any', 'VMDK', patched(stream, [firstGrain + 8, u32le(70_000)]), UNPACK],
    ['a grain behind the end', 'VMDK', patched(sparse, [grains, u32le(0xffffffff)]), 'The image is truncated: it has'],
    ['a table behind the end', 'VMDK', patched(sparse, [directory, u32le(0xffffffff)]), 'The image is truncated: it has'],
    ['a VHDX block of an invalid state', 'VHDX', patched(vhdx, [bat, [5]]), 'The VHDX is damaged: block 0 has the invalid state 5. Export it again.'],
    ['a qcow2 table within a cluster', 'QCOW2', patched(qcow2, [l1, u64be(l2 + 512)]), `The qcow2 image is damaged: a table points to byte ${l2 + 512}, where no cluster begins. Upload it again.`],
    ['a qcow2 cluster within another one', 'QCOW2', patched(qcow2, [l2, u64be(l2 + 512)]), `The qcow2 image is damaged: a table points to byte ${l2 + 512}, where no cluster begins. Upload it again.`],
    ['a compressed cluster behind the end', 'QCOW2', patched(qcow2, [l2, u64be(2n ** 62n + 2n ** 50n)]), 'The image is truncated'],
    ['a compressed cluster of anything', 'QCOW2', patched(qcow2, [l2, u64be(2n ** 62n + 3n)]), UNPACK],
    ['a compressed cluster of anything instead of Zstandard', 'QCOW2', patched(qcow2, [79, [8]], [104, [1]], [l2, u64be(2n ** 62n + 3n)]), UNPACK],
  ])('%s', async (_, format, image, message) => {
    const disk = await open(image, format);
    const reading = disk.read(0, 4096);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ name: 'VirtualDiskError' });
  });
});

const cluster = Number(Buffer.from(qcow2).readBigUInt64BE(l2) % 2n ** 56n);

test('a cluster of a qcow2 that Zstandard compressed is unpacked', async () => {
  const frame = Buffer.from('28b52ffd04586d00003868656c6c6f200a0100314a11a3aa74ce', 'hex');
  const disk = await open(patched(qcow2, [79, [8]], [104, [1]], [cluster, frame], [l2, u64be(2n ** 62n + BigInt(cluster))]), 'QCOW2');
  expect(Buffer.from(await disk.read(0, 18)).toString()).toBe('hello hello hello\n');
});

describe('neighbours in a qcow2 are one run', () => {
  const CLUSTER = 64 * KIB;
  const [COPIED, COMPRESSED, ZEROS] = [2n ** 63n, 2n ** 62n, 1n];
  const at = (index: number) => BigInt(cluster + index * CLUSTER);
  const locate = async (version: 2 | 3, entries: readonly bigint[], from: number, most: number) => {
    const image = patched(qcow2, [4, u32be(version)], ...entries.map((entry, index) => [l2 + index * 8, u64be(entry)] as const));
    return (await qcow2Layout(readerOf(image), decompressors)).locate(from, most);
  };
  const ALL = 4 * CLUSTER;
  test.each<readonly [string, 2 | 3, readonly bigint[], number, number, object]>([
    ['clusters', 3, [at(0), COPIED + at(1), at(2), at(4)], 0, ALL, { kind: 'stored', length: 3 * CLUSTER, offset: cluster }],
    ['clusters from the middle of one', 3, [at(5), at(6), at(7), at(4)], 1000, ALL, { kind: 'stored', length: 3 * CLUSTER - 1000, offset: cluster + 5 * CLUSTER + 1000 }],
    ['clusters, as far as they are needed', 3, [at(0), at(1), at(2), at(3)], 1000, CLUSTER, { kind: 'stored', length: 2 * CLUSTER - 1000, offset: cluster + 1000 }],
    ['clusters, up to one that goes back', 3, [at(1), at(0), at(1), at(2)], 0, ALL, { kind: 'stored', length: CLUSTER, offset: cluster + CLUSTER }],
    ['clusters, up to a hole', 3, [at(0), 0n, at(2), at(3)], 0, ALL, { kind: 'stored', length: CLUSTER, offset: cluster }],
    ['clusters, up to one that reads as zeros', 3, [at(0), at(1) + ZEROS, at(2), at(3)], 0, ALL, { kind: 'stored', length: CLUSTER, offset: cluster }],
    ['clusters of version 2, which has no such bit', 2, [at(0), at(1) + ZEROS, at(2), 0n], 0, ALL, { kind: 'stored', length: 3 * CLUSTER, offset: cluster }],
    ['clusters, up to a compressed one', 3, [at(0), COMPRESSED + at(1), at(2), at(3)], 0, ALL, { kind: 'stored', length: CLUSTER, offset: cluster }],
    ['holes', 3, [0n, COPIED, at(7) + ZEROS, at(0)], 0, ALL, { kind: 'hole', length: 3 * CLUSTER }],
    ['holes, up to a compressed cluster', 3, [0n, COMPRESSED, 0n, 0n], 0, ALL, { kind: 'hole', length: CLUSTER }],
  ])('%s', async (_, version, entries, from, most, extent) => {
    expect(await locate(version, entries, from, most)).toEqual(extent);
  });

  test('up to the end of their table', async () => {
    // With clusters of 4 KiB a table has 512 entries. What follows it is another cluster.
    const entry = (index: number) => [l2 + index * 8, u64be(cluster + index * 4 * KIB)] as const;
    const image = patched(qcow2, [20, u32be(12)], [24, u64be(4 * 1024 * KIB)], [36, u32be(2)], entry(510), entry(511), entry(512));
    const layout = await qcow2Layout(readerOf(image), decompressors);
    expect(await layout.locate(510 * 4 * KIB, ALL)).toEqual({ kind: 'stored', length: 2 * 4 * KIB, offset: cluster + 510 * 4 * KIB });
  });

  test('up to the end of the disk', async () => {
    const image = patched(qcow2, [24, u64be(CLUSTER + 512)], [l2, u64be(at(0))], [l2 + 8, u64be(at(1))], [l2 + 16, u64be(at(2))]);
    expect(await (await qcow2Layout(readerOf(image), decompressors)).locate(0, ALL)).toEqual({ kind: 'stored', length: CLUSTER + 512, offset: cluster });
  });
});

describe('the subclusters of a qcow2', () => {
  /** The first entry of the table, as an extended one: stored and zero bits. */
  const extended = (stored: number, zero: number, offset = cluster) =>
    patched(qcow2, [79, [16]], [l2, u64be(offset)], [l2 + 8, u32be(zero)], [l2 + 12, u32be(stored)]);

  test('are read from the cluster, or as zeros', async () => {
    const disk = await open(extended(0b1011, 0b0100), 'QCOW2');
    const seen = await disk.read(0, 64 * KIB);
    const expected = Buffer.from(uefi.subarray(0, 64 * KIB)).fill(0, 2 * 2 * KIB, 3 * 2 * KIB).fill(0, 4 * 2 * KIB);
    expect(Buffer.from(seen).equals(expected)).toBe(true);
    expect(await disk.isAllocated(2 * 2 * KIB, 2 * KIB)).toBe(false);
    expect(await disk.isAllocated(3 * 2 * KIB, 2 * KIB)).toBe(true);
  });

  test.each([
    ['stored and zero at once', extended(1, 1)],
    ['stored and zero at once after a good one', extended(3, 2)],
    ['stored without a cluster', extended(1, 0, 0)],
  ])('are damaged if they are %s', async (_, image) => {
    const disk = await open(image, 'QCOW2');
    await expect(disk.read(0, 64 * KIB)).rejects.toThrow('The qcow2 image is damaged: a subcluster has contradictory states. Upload it again.');
  });
});
