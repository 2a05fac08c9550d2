import { gzipSync } from 'node:zlib';
import { codes, inspect } from './look';
import { ImportFormat } from '../../../src/shared/disk-image';
import { member } from '../../disk-images/archives';
import { recordedImages } from '../../disk-images/image-library';
import { patched, u32be, u32le, u64be } from '../../disk-images/patch';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const blank = new Uint8Array(64 * 1024);
const head = (text: string, at = 0) => patched(blank, [at, text]);
const ISO = head('CD001', 32_769);
const LONG_REMEDY = 'Import an unencrypted disk: decrypt it in the guest, or convert it with its secret (qemu-img convert --object secret,… --image-opts …).';

describe('a file that VM Import/Export does not take', () => {
  test.each<[string, Uint8Array, string, string, string, RegExp]>([
    ['gzip', gzipSync('KDMV'), 'disk.vmdk.gz', 'gzip', 'format-compressed', /gzip -dc disk\.vmdk\.gz > disk\.vmdk$/],
    ['gzip under another name', gzipSync('disk'), 's3://bucket/folder/disk', 'gzip', 'format-compressed', /gzip -dc disk > disk-importable\.raw$/],
    ['zip', head('PK\x03\x04'), 'a.zip', 'zip', 'format-compressed', /unzip -p a\.zip > a$/],
    ['xz', head('\xfd7zXZ\0'), 'a.raw.xz', 'xz', 'format-compressed', /xz -dc a\.raw\.xz > a\.raw$/],
    ['zstd', head('\x28\xb5\x2f\xfd'), 'a.img.zst', 'zstd', 'format-compressed', /zstd -dc a\.img\.zst > a\.img$/],
    ['bzip2', head('BZh91AY&SY'), 'a.img.bz2', 'bzip2', 'format-compressed', /bzip2 -dc a\.img\.bz2 > a\.img$/],
    ['7z', head('7z\xbc\xaf\x27\x1c'), 'a.img.7z', '7z', 'format-compressed', /7z x -so a\.img\.7z > a\.img$/],
    ['WIM', head('MSWIM\0\0\0'), 'install.wim', 'wim', 'format-not-importable', /Apply it to a virtual machine/],
    ['ISO 9660', ISO, 'setup.iso', 'iso9660', 'format-not-importable', /Install from it on a virtual machine/],
    ['ISO 9660 for USB sticks', patched(ISO, [510, '\x55\xaa']), 'live.iso', 'iso9660', 'format-not-importable', /Install from it on a virtual machine/],
    ['ISO 9660 with a partition of its own', patched(ISO, [446 + 4, [0x83, 0, 0, 0]], [454, u32le(8)], [458, u32le(20)], [510, '\x55\xaa'], [8 * 512 + 1080, '\x53\xef']), 'live.iso', 'iso9660', 'format-doubtful', /Install from it on a virtual machine/],
    ['a macOS disk image', patched(blank, [-512, 'koly'], [-20, u64be(2048)]), 'mac.dmg', 'dmg', 'format-not-importable', /qemu-img convert -p -f dmg -O vmdk .* mac\.dmg mac-importable\.vmdk/],
    ['an older Parallels', head('WithoutFreeSpace'), 'a.hdd', 'parallels', 'format-not-importable', /-f parallels/],
    ['Parallels', head('WithouFreSpacExt'), 'a.hdd', 'parallels', 'format-not-importable', /-f parallels/],
    ['LUKS as a whole', head('LUKS\xba\xbe'), 'a.img', 'luks', 'image-encrypted', /decrypt it in the guest/],
    ['BitLocker as a whole', head('-FVE-FS-', 3), 'a.img', 'bitlocker', 'image-encrypted', /manage-bde -off C:/],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n'), "it's.ova", 'git-lfs-pointer', 'file-not-an-image', /git lfs pull --include 'it'\\''s\.ova'/],
    ['an error page', Buffer.from('\n<!DOCTYPE html><html><body>403</body></html>'), 'a.ova', 'markup', 'file-not-an-image', /Download the disk again/],
    ['an answer of S3', Buffer.from('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), 'a.ova', 'markup', 'file-not-an-image', /Download the disk again/],
    ['an OVF descriptor', Buffer.from('\ufeff<?xml version="1.0"?>\n<ovf:Envelope/>'), 'a.ovf', 'ovf', 'file-not-an-image', /tar -cf export\.ova/],
    ['an OVF descriptor in UTF-16', Buffer.from('\ufeff<?xml version="1.0"?>\n<Envelope/>', 'utf16le'), 'a.ovf', 'ovf', 'file-not-an-image', /tar -cf/],
    ['a readme', Buffer.from('The disks of the\r\n\tlab\n'), 'readme.vmdk', 'text', 'file-not-an-image', /^Use the disk image that it came with\.$/],
    ['an answer in an encoding that nobody knows', Buffer.from('<?xml version="1.0" encoding="x-nobody"?><Error/>'), 'a.ova', 'markup', 'file-not-an-image', /Download the disk again/],
    ['gzip of a qcow2', gzipSync(bytesOf('gpt-uefi-qcow2')), 'a.qcow2.gz', 'gzip', 'format-compressed', /gzip -dc a\.qcow2\.gz > a\.qcow2$/],
    ['gzip of a qcow2 under another name', gzipSync(bytesOf('gpt-uefi-qcow2')), 'a.img.gz', 'gzip', 'format-compressed', /gzip -dc a\.img\.gz > a-importable\.qcow2$/],
    ['gzip of a tar archive', gzipSync(member('disk.raw', Buffer.from('disk'))), 'a.gz', 'gzip', 'format-compressed', /gzip -dc a\.gz > a-importable\.tar$/],
    ['gzip that is damaged, under another name', Buffer.from('\x1f\x8b\x08\0damaged', 'latin1'), 'a.img', 'gzip', 'format-compressed', /gzip -dc a\.img > a-unpacked$/],
    ['nothing', new Uint8Array(0), 'a.raw', 'empty', 'file-not-an-image', /Export or upload the disk again/],
    ['an encrypted qcow2', patched(bytesOf('gpt-uefi-qcow2'), [32, u32be(2)]), 'a.qcow2', 'qcow2', 'image-encrypted', new RegExp(LONG_REMEDY.replace(/[().]/g, '\\$&'))],
    ['an encrypted qcow', patched(bytesOf('gpt-uefi-qcow'), [36, u32be(1)]), 'a.qcow', 'qcow', 'image-encrypted', /decrypt it in the guest/],
  ])('%s is named', (_, content, fileName, format, code, remedy) => {
    const seen = inspect(content, { fileName, format: 'VMDK' });
    expect(seen.format).toBe(format);
    expect(codes(seen)).toEqual([code]);
    expect(seen.findings[0]?.remedy).toMatch(remedy);
    expect(seen.findings[0]?.severity).toBe(code === 'format-doubtful' ? 'warning' : 'error');
  });

  test('has the size that it says', () => {
    expect(inspect(patched(blank, [-512, 'koly'], [-20, u64be(2048)])).virtualSize).toBe(2 ** 20);
  });

  test.each([
    ['four letters of a VMFS delta', head('COWDoor')],
    ['two letters of bzip2', head('BZhello')],
    ['a sign of markup', head('<3')],
    ['a few letters', Buffer.from('fifteen letters')],
    ['letters before a byte that is none', Buffer.from('sixteen letters \0')],
    ['letters of no alphabet', Buffer.from('sixteen letters \xff', 'latin1')],
  ])('is not guessed from %s', (_, content) => {
    expect(inspect(content).format).toBe('RAW');
  });
});

describe('the declared format', () => {
  test.each<[ImportFormat, string, string[], string[]]>([
    ['VMDK', 'mbr-vmdk-stream', [], []],
    ['RAW', 'mbr-vmdk-stream', ['format-mismatch'], ['a.img is declared as RAW but is a VMDK.']],
    ['OVA', 'mbr-vmdk-stream', ['format-mismatch'], ['a.img is declared as OVA but is a VMDK.']],
    ['VMDK', 'mbr-raw', ['format-mismatch'], ['a.img is declared as VMDK but is no OVA, VMDK, VHD or VHDX: it can only be RAW.']],
    ['VHD', 'mbr-raw', ['format-mismatch'], ['a.img is declared as VHD but is no OVA, VMDK, VHD or VHDX: it can only be RAW.']],
    ['VHD', 'mbr-vhd-fixed', [], []],
    ['RAW', 'mbr-vhd-fixed', ['format-close'], ['a.img is declared as RAW but is a VHD.']],
    ['RAW', 'mbr-vhd-dynamic', ['format-mismatch'], ['a.img is declared as RAW but is a VHD.']],
    ['VMDK', 'mbr-vhd-dynamic', ['format-mismatch'], ['a.img is declared as VMDK but is a VHD.']],
    ['VHDX', 'mbr-vhd-dynamic', ['format-close'], ['a.img is declared as VHDX but is a VHD.']],
    ['VHD', 'mbr-vhdx-dynamic', ['format-close'], ['a.img is declared as VHD but is a VHDX.']],
    ['RAW', 'mbr-vhdx-dynamic', ['format-mismatch'], ['a.img is declared as RAW but is a VHDX.']],
  ])('%s of %s has the findings %j', (format, name, found, messages) => {
    const seen = inspect(bytesOf(name), { fileName: 'a.img', format });
    expect(codes(seen)).toEqual(found);
    expect(seen.findings.map(finding => finding.message)).toEqual(messages);
  });
});

describe('the name of a file', () => {
  test('stands in messages without what a URL keeps secret', () => {
    const seen = inspect(bytesOf('mbr-vmdk-sparse'), { fileName: 'https://user:word@host/a.vmdk?X-Amz-Signature=abc#d' });
    expect(seen.findings[0]?.message).toMatch(/^https:\/\/host\/a\.vmdk is a monolithicSparse VMDK/);
    expect(JSON.stringify(seen.findings)).not.toMatch(/word|Signature/);
  });

  const remedy = (fileName: string) => inspect(bytesOf('mbr-vmdk-sparse'), { fileName }).findings[0]?.remedy.replace(/^.*streamOptimized /, '');
  test.each([
    ['exports/a.vmdk', 'exports/a.vmdk exports/a-importable.vmdk'],
    ['a', 'a a-importable.vmdk'],
    ['-rf.vmdk', './-rf.vmdk ./-rf-importable.vmdk'],
    ['my disk.vmdk', "'my disk.vmdk' 'my disk-importable.vmdk'"],
    ['$(id).vmdk', "'$(id).vmdk' '$(id)-importable.vmdk'"],
    ['s3://bucket/exports/a.vmdk', 'a.vmdk a-importable.vmdk'],
    ['https://host/a.vmdk?signature=x/y#z', 'a.vmdk a-importable.vmdk'],
    ['https://host/', 'disk disk-importable.vmdk'],
  ])('%s stands in a command as %s', (fileName, words) => {
    expect(remedy(fileName)).toBe(words);
  });
});
