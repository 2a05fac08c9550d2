import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as zlib from 'node:zlib';
import { decompress } from 'fzstd';
import { strictReader } from './look';
import { describeBoot, inspectSync } from '../../../src/shared/disk-image';
import { expectationOf } from '../../../src/shared/disk-image/expectation';
import { inspectFile } from '../../../src/shared/disk-image/inspect-file';
import { inflateWith } from '../../../src/shared/disk-image/reading/node-inflate';
import { descriptor } from '../../disk-images/archives';
import { recordedImage } from '../../disk-images/image-library';
import { GENERIC, MIB, mbrDisk } from '../../disk-images/partition-tables';
import { SparseFile } from '../../disk-images/sparse-file';
import { streamVmdk } from '../../disk-images/stream-vmdk';

// These tools come from Debian, and no image comes from npm or PyPI: v86, etcher-sdk, balena-image-fs, partitioninfo, file-disk, ext2fs,
// fatfs, gpt, mbr, vhd-lib, dfvfs, dfimagetools, imagemounter, ext4, gpt-image, pyfatfs and dissect.hypervisor ship none.
const ENV = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tools-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** A test of images that a tool makes. Where a tool is missing, jest lists the test as skipped. */
function testWith(tools: readonly string[]): jest.It {
  return tools.every(tool => spawnSync(tool, ['--version'], { env: ENV, stdio: 'ignore' }).error === undefined) ? test : test.skip;
}

function run(tool: string, args: readonly string[], input = ''): void {
  execFileSync(tool, args, { env: ENV, cwd: folder, input, stdio: ['pipe', 'pipe', 'pipe'] });
}

const file = (name: string) => path.join(folder, name);
const inspectAs = (name: string) => inspectFile(file(name), expectationOf({ fileName: name, role: 'image' }));
const codesOf = (name: string) => inspectAs(name).findings.map(({ code }) => code);

function blank(name: string, size: number): string {
  fs.writeFileSync(file(name), '');
  fs.truncateSync(file(name), size);
  return file(name);
}

/** A folder with a boot loader on the removable path, and with files enough to fill clusters. */
function folderToBoot(): string {
  const root = file('root');
  fs.mkdirSync(path.join(root, 'EFI', 'BOOT'), { recursive: true });
  fs.mkdirSync(path.join(root, 'EFI', 'debian'), { recursive: true });
  for (let i = 0; i < 100; i++) fs.writeFileSync(path.join(root, 'EFI', 'BOOT', `a long name of file number ${i}.txt`), 'x');
  fs.writeFileSync(path.join(root, 'EFI', 'BOOT', 'BOOTX64.EFI'), 'a boot loader');
  return root;
}

/** A disk with an MBR and the beginning of this file system in its partition. */
function diskWith(name: string, volume: string): void {
  const { size } = fs.statSync(file(volume));
  const disk = mbrDisk(MIB, [{ type: 0x83, start: 2048, count: size / 512, status: 'active' }], GENERIC).bytes();
  const beginning = Buffer.alloc(Math.min(size, MIB));
  const from = fs.openSync(file(volume), 'r');
  fs.readSync(from, beginning);
  fs.closeSync(from);
  fs.writeFileSync(file(name), Buffer.concat([disk, beginning]));
  fs.truncateSync(file(name), MIB + size);
}

describe('cryptsetup', () => {
  const format = (type: string) => {
    run('cryptsetup', ['luksFormat', '--batch-mode', '--type', type, '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000', blank(`${type}.raw`, 20 * MIB), '-'], 'secret');
  };

  testWith(['cryptsetup'])('makes a LUKS2 volume that is refused, as a disk and in a partition', () => {
    format('luks2');
    diskWith('with-luks2.raw', 'luks2.raw');
    expect(codesOf('luks2.raw')).toEqual(['image-encrypted']);
    expect(codesOf('with-luks2.raw')).toEqual(['volume-encrypted']);
    expect(inspectAs('with-luks2.raw').findings[0]?.message).toContain('Partition 1 of with-luks2.raw is encrypted with LUKS');
  });

  testWith(['cryptsetup'])('makes a LUKS1 volume that is refused, too', () => {
    format('luks1');
    diskWith('with-luks1.raw', 'luks1.raw');
    expect(codesOf('with-luks1.raw')).toEqual(['volume-encrypted']);
  });
});

describe('genisoimage', () => {
  testWith(['genisoimage'])('makes an ISO that is refused', () => {
    run('genisoimage', ['-quiet', '-o', 'plain.iso', folderToBoot()]);
    expect(inspectAs('plain.iso')).toMatchObject({ format: 'iso9660', subformat: 'plain', findings: [{ code: 'format-not-importable', severity: 'error' }] });
  });

  testWith(['genisoimage', 'sfdisk'])('makes an ISO that is refused with a partition table of sfdisk in its first sector, too', () => {
    run('genisoimage', ['-quiet', '-o', 'hybrid.iso', folderToBoot()]);
    run('sfdisk', ['--wipe', 'never', '-q', 'hybrid.iso'], 'label: dos\nstart=64, type=17, bootable\n');
    expect(inspectAs('hybrid.iso')).toMatchObject({ format: 'iso9660', subformat: 'hybrid', findings: [{ code: 'format-not-importable', severity: 'error' }] });
  });

  testWith(['xorriso'])('has a sibling, xorriso, whose hybrid ISO is refused as well', () => {
    run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', 'xorriso.iso', '--protective-msdos-label', '-partition_offset', '16', folderToBoot()]);
    expect(inspectAs('xorriso.iso')).toMatchObject({ format: 'iso9660', subformat: 'hybrid', findings: [{ code: 'format-not-importable', severity: 'error' }] });
  });
});

describe('bsdtar', () => {
  const disk = mbrDisk(8 * MIB, [{ type: 0x83, start: 2048, count: 14_336, status: 'active' }]).bytes();
  testWith(['bsdtar']).each(['ustar', 'pax', 'gnutar'])('packs an OVA in the format %s that is read with its disk', (format) => {
    const long = `${'a'.repeat(80)}/${'b'.repeat(60)}`;
    fs.mkdirSync(path.dirname(file(`${format}/${long}`)), { recursive: true });
    fs.writeFileSync(file(`${format}/server.ovf`), descriptor('virtualbox').replace('server-disk001.vmdk', encodeURI(`${long}.vmdk`)));
    fs.writeFileSync(file(`${format}/${long}.vmdk`), streamVmdk(disk));
    run('bsdtar', [`--format=${format}`, '-cf', `${format}.ova`, '-C', format, 'server.ovf', `${long}.vmdk`]);
    const seen = inspectAs(`${format}.ova`);
    expect(seen).toMatchObject({ format: 'OVA', listing: 'whole', disks: [{ place: 'in archive', image: { subformat: 'streamOptimized' } }] });
    expect(describeBoot(seen.boot)).toBe('boots by BIOS on x86_64');
    expect(seen.findings).toEqual([]);
  });
});

describe('qemu-img', () => {
  testWith(['qemu-img']).each([
    ['extended L2 entries', ['-o', 'extended_l2=on,cluster_size=16k']],
    ['extended L2 entries and compressed clusters', ['-c', '-o', 'extended_l2=on']],
    ['clusters compressed with Zstandard', ['-c', '-o', 'compression_type=zstd']],
  ])('makes a qcow2 with %s that boots as its disk does', (_, options) => {
    fs.writeFileSync(file('for-qcow2.raw'), recordedImage('gpt-uefi-raw'));
    run('qemu-img', ['convert', '-O', 'qcow2', ...options, 'for-qcow2.raw', 'converted.qcow2']);
    const seen = inspectSync({
      reader: strictReader(SparseFile.load(file('converted.qcow2'))),
      inflate: inflateWith({ ...zlib, zstdDecompressSync: (frame, { maxOutputLength }) => decompress(frame, new Uint8Array(maxOutputLength)) }),
      expectation: { fileName: 'converted.qcow2', role: 'image', importer: 'VmImportAmi' },
    });
    expect(describeBoot(seen.boot)).toBe('boots by UEFI on x86_64');
    expect(seen.findings).toEqual([]);
  });
});

describe('nbdkit', () => {
  const serve = (plugin: readonly string[], name: string) => run('nbdkit', ['-U', '-', ...plugin, '--run', `qemu-img convert -f raw -O raw "$uri" ${name}`]);

  testWith(['nbdkit', 'qemu-img'])('makes an MBR disk of a folder whose FAT32 file system boots by UEFI, through long folders', () => {
    serve(['floppy', folderToBoot()], 'floppy.raw');
    const seen = inspectAs('floppy.raw');
    expect(describeBoot(seen.boot)).toBe('boots by UEFI on x86_64');
    expect(seen).toMatchObject({ partitionTable: { kind: 'mbr', partitions: [{ type: '0c', content: 'FAT' }] }, efi: { vendors: ['debian'] }, system: 'Debian' });
  });

  testWith(['nbdkit', 'qemu-img', 'mke2fs'])('makes a GPT disk of a folder whose ext file system has nothing to boot from', () => {
    serve(['linuxdisk', folderToBoot()], 'linux.raw');
    expect(inspectAs('linux.raw')).toMatchObject({ partitionTable: { kind: 'gpt', primary: 'valid', backup: 'valid', partitions: [{ content: 'ext' }] }, system: 'Linux' });
    // nbdkit marks the partition as bootable by BIOS, and writes no boot code.
    expect(codesOf('linux.raw')).toEqual(['boot-code-missing']);
  });

  testWith(['nbdkit', 'qemu-img'])('puts file systems together to a disk with logical partitions', () => {
    const volumes = [1, 2, 3, 4, 5, 6].map(number => blank(`part${number}.raw`, MIB));
    fs.writeFileSync(file('part6.raw'), Buffer.concat([Buffer.from('LUKS\xba\xbe', 'latin1'), Buffer.alloc(MIB - 6)]));
    serve(['partitioning', ...volumes, 'partition-type=mbr'], 'logical.raw');
    const seen = inspectAs('logical.raw');
    expect(seen).toMatchObject({ partitionTable: { kind: 'mbr', partitions: [1, 2, 3, 5, 6, 7].map(number => ({ number, length: MIB })) } });
    expect(seen.findings[0]?.message).toContain('Partition 7 of logical.raw is encrypted with LUKS');
  });
});

describe.each<[string, string, number, readonly string[], string]>([
  ['mkfs.xfs', 'XFS', 320, ['-q', '-L', 'nixos'], 'NixOS'],
  ['mkfs.btrfs', 'Btrfs', 128, ['-q'], 'Linux'],
  ['mkfs.ntfs', 'NTFS', 16, ['-q', '-F'], 'Windows'],
  ['mkswap', 'swap', 16, [], 'Linux'],
])('%s', (tool, content, size, options, system) => {
  testWith([tool])(`makes a partition that the preflight calls ${content}`, () => {
    run(tool, [...options, blank(`${content}.raw`, size * MIB)]);
    diskWith(`with-${content}.raw`, `${content}.raw`);
    expect(inspectAs(`with-${content}.raw`)).toMatchObject({ partitionTable: { partitions: [{ content }] }, system });
  });
});
