import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describeBoot, Inspection } from '../../../src/shared/disk-image';
import { expectationOf } from '../../../src/shared/disk-image/expectation';
import { inspectFile } from '../../../src/shared/disk-image/inspect-file';
import { Bytes } from '../../../src/shared/disk-image/reading/bytes';
import { crc } from '../../../src/shared/disk-image/reading/checksum';
import { descriptor, tar } from '../../disk-images/archives';
import { DISK_CASES } from '../../disk-images/cases';
import { recordedImages } from '../../disk-images/image-library';
import { GRUB, gptDisk, MIB, mbrDisk } from '../../disk-images/partition-tables';
import { patched, u32le, u64le } from '../../disk-images/patch';
import { canMakeImages, run } from '../../disk-images/qemu';
import { streamVmdk } from '../../disk-images/stream-vmdk';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const caseOf = (name: string) => DISK_CASES.find(one => one.name === name)?.content ?? new Uint8Array(0);

const DISK = mbrDisk(8 * MIB, [{ type: 0x83, start: 2048, count: 14_336, status: 'active' }]).bytes();
const STREAM = streamVmdk(DISK);
const sparse = bytesOf('mbr-vmdk-sparse');
const server = (disk: Uint8Array) => tar([['server.ovf', descriptor('virtualbox')], ['server-disk001.vmdk', disk]]);
const gpt = gptDisk(8 * MIB, [{ type: 'bios boot', first: 2048, last: 4095 }, { type: 'linux', first: 4096, last: 14_335 }], { code: GRUB });
const FLAT = '# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 16384 FLAT "disk-flat.vmdk" 0\nddb.adapterType = "ide"\n';

/** Bytes with their checksum at 4, as the structures of a VHDX have it. */
function summed(bytes: Uint8Array): Uint8Array {
  return patched(bytes, [4, u32le(crc('crc32c', new Bytes(bytes), { at: 4, length: 4 }))]);
}

/** A VHDX of a machine that runs: the first entry of its table of blocks is in its log, and not in the table yet. */
function dirtyVhdx(log: 'with changes' | 'empty'): Uint8Array {
  const clean = Buffer.from(bytesOf('mbr-vhdx-dynamic'));
  const guid = Buffer.alloc(16, 7);
  const named = [64 * 1024, 128 * 1024].reduce<Uint8Array>((bytes, at) =>
    patched(bytes, [at, summed(patched(bytes.subarray(at, at + 4096), [48, guid]))]), clean);
  if (log === 'empty') return named;
  const [logAt, end] = [Number(clean.readBigUInt64LE(64 * 1024 + 72)), BigInt(clean.length)];
  const tableAt = Number(clean.readBigUInt64LE(clean.indexOf(Buffer.from('6677c22d23f600429d64115e9bfd4a08', 'hex'), 192 * 1024) + 16));
  const sector = clean.subarray(tableAt, tableAt + 4096);
  const entry = patched(Buffer.alloc(8192),
    [0, 'loge'], [8, u32le(8192)], [16, u64le(1)], [24, u32le(1)], [32, guid], [48, u64le(end)], [56, u64le(end)],
    [64, 'desc'], [68, sector.subarray(4092)], [72, sector.subarray(0, 8)], [80, u64le(tableAt)], [88, u64le(1)],
    [4096, 'data'], [4104, sector.subarray(8, 4092)], [8188, u32le(1)]);
  return patched(named, [logAt, summed(entry)], [tableAt, Buffer.alloc(8)]);
}

/** Compresses by a program of the system. Returns nothing where it is not installed. */
function packedBy(program: string, ...options: string[]): Uint8Array | undefined {
  const { stdout, error } = spawnSync(program, options, { input: DISK });
  return error === undefined ? stdout : undefined;
}

interface RemedyCase {
  readonly fileName: string;
  /** `undefined`: the program that makes it is not installed. */
  readonly content: Uint8Array | undefined;
  /** Files that it needs. */
  readonly beside?: Readonly<Record<string, Uint8Array | string>>;
  readonly code: string;
  /** The file that the command makes. */
  readonly result: string;
}

const CASES: readonly RemedyCase[] = [
  { fileName: 'my disk.vmdk', content: sparse, code: 'vmdk-not-stream-optimized', result: 'my disk-importable.vmdk' },
  { fileName: '-odd.vmdk', content: sparse, code: 'vmdk-not-stream-optimized', result: '-odd-importable.vmdk' },
  { fileName: "it's $(touch harm).vmdk", content: sparse, code: 'vmdk-not-stream-optimized', result: "it's $(touch harm)-importable.vmdk" },
  { fileName: 'disk.vmdk', content: Buffer.from(FLAT), beside: { 'disk-flat.vmdk': DISK }, code: 'vmdk-descriptor-only', result: 'disk-importable.vmdk' },
  { fileName: 'delta.vmdk', content: bytesOf('special-vmdk-delta'), beside: { 'mbr-vmdk-sparse.vmdk': sparse }, code: 'vmdk-parent', result: 'delta-importable.vmdk' },
  { fileName: 'disk.vmdk', content: Buffer.concat([STREAM, Buffer.alloc(70_000)]), code: 'vmdk-data-behind-footer', result: 'disk-importable.vmdk' },
  { fileName: 'disk.vmdk', content: STREAM.subarray(0, -512), code: 'vmdk-no-end-of-stream', result: 'disk-importable.vmdk' },
  { fileName: 'qcow2 as.vmdk', content: bytesOf('gpt-uefi-qcow2'), code: 'format-not-importable', result: 'qcow2 as-importable.vmdk' },
  { fileName: 'disk.qcow', content: bytesOf('gpt-uefi-qcow'), code: 'format-not-importable', result: 'disk-importable.vmdk' },
  { fileName: 'disk.qed', content: bytesOf('gpt-uefi-qed'), code: 'format-not-importable', result: 'disk-importable.vmdk' },
  { fileName: 'disk.vdi', content: bytesOf('gpt-uefi-vdi'), code: 'format-not-importable', result: 'disk-importable.vmdk' },
  { fileName: 'disk.hdd', content: bytesOf('gpt-uefi-parallels'), code: 'format-not-importable', result: 'disk-importable.vmdk' },
  { fileName: 'disk.vhd', content: patched(bytesOf('mbr-vhd-dynamic'), [-512 + 30, 'xx']), code: 'vhd-footers-differ', result: 'disk-importable.vmdk' },
  { fileName: 'disk.vhdx', content: dirtyVhdx('empty'), code: 'vhdx-dirty-log', result: 'disk-importable.vmdk' },
  { fileName: 'running.vhdx', content: dirtyVhdx('with changes'), code: 'vhdx-dirty-log', result: 'running-importable.vmdk' },
  { fileName: 'disk.raw.gz', content: gzipSync(DISK), code: 'format-compressed', result: 'disk.raw' },
  { fileName: 'disk.vhd.gz', content: gzipSync(bytesOf('mbr-vhd-fixed')), code: 'format-compressed', result: 'disk.vhd' },
  { fileName: 'disk.gz', content: gzipSync(bytesOf('mbr-vhd-dynamic')), code: 'format-compressed', result: 'disk-importable.vhd' },
  { fileName: 'disk.vmdk', content: gzipSync(STREAM), code: 'format-compressed', result: 'disk-importable.vmdk' },
  { fileName: 'disk.vmdk', content: gzipSync(bytesOf('mbr-vhdx-dynamic')), code: 'format-compressed', result: 'disk-importable.vhdx' },
  { fileName: 'box.ova', content: caseOf('a gzipped OVA'), code: 'format-compressed', result: 'box-importable.ova' },
  { fileName: 'disk.raw.xz', content: packedBy('xz'), code: 'format-compressed', result: 'disk.raw' },
  { fileName: 'disk.raw.zst', content: packedBy('zstd'), code: 'format-compressed', result: 'disk.raw' },
  { fileName: 'disk.raw.bz2', content: packedBy('bzip2'), code: 'format-compressed', result: 'disk.raw' },
  { fileName: 'disk.raw.zip', content: packedBy('zip', '-q', '-', '-'), code: 'format-compressed', result: 'disk.raw' },
  { fileName: 'sparse.ova', content: server(sparse), code: 'vmdk-not-stream-optimized', result: 'server-disk001-importable.vmdk' },
  { fileName: 'zipped.ova', content: server(gzipSync(STREAM)), code: 'ova-disk-compressed', result: 'server-disk001-importable.vmdk' },
  { fileName: 'box.ova', content: caseOf('an OVF that declares a compression which the disk does not have'), code: 'ova-compression-differs', result: 'box-importable.ova' },
  { fileName: 'late.ova', content: tar([['server-disk001.vmdk', STREAM], ['server.ovf', descriptor('virtualbox')]]), code: 'ova-descriptor-not-first', result: 'late-importable.ova' },
  { fileName: 'loose.ova', content: tar([['disk.vmdk', STREAM]]), code: 'ova-no-descriptor', result: 'disk.vmdk' },
  { fileName: 'disk.raw', content: gpt.copy().write(512, new Uint8Array(512)).bytes(), code: 'partition-table-damaged', result: 'disk-importable.raw' },
  { fileName: 'disk.raw', content: gpt.copy().write(1024, Buffer.from('x')).bytes(), code: 'partition-table-damaged', result: 'disk-importable.raw' },
  { fileName: 'disk.raw', content: gpt.copy().write(8 * MIB - 512, new Uint8Array(512)).bytes(), code: 'partition-table-backup-damaged', result: 'disk-importable.raw' },
  { fileName: 'disk.raw', content: Buffer.concat([gpt.bytes(), new Uint8Array(MIB)]), code: 'partition-table-backup-damaged', result: 'disk-importable.raw' },
  { fileName: 'disk.raw', content: gpt.copy().write(446, new Uint8Array(64)).bytes(), code: 'partition-table-unusable', result: 'disk-importable.raw' },
  { fileName: 'disk.raw', content: gpt.copy().write(0, new Uint8Array(512)).bytes(), code: 'partition-table-unusable', result: 'disk-importable.raw' },
  { fileName: 'disk.raw', content: gpt.copy().write(440, Buffer.alloc(70, 0xa5)).bytes(), code: 'partition-table-unusable', result: 'disk-importable.raw' },
  { fileName: 'disk.vmdk', content: streamVmdk(gpt.copy().write(512, new Uint8Array(512)).bytes()), code: 'partition-table-damaged', result: 'disk-importable.raw' },
];

const inspectAs = (file: string): Inspection => inspectFile(file, expectationOf({ fileName: path.basename(file), role: 'image' }));
/** What of an inspection a remedy must keep. An OVA has it in its first disk. */
const diskOf = (seen: Inspection) => describeBoot(seen.boot);

// Most remedies are commands of qemu-img and sgdisk: without these there is nothing to run.
(canMakeImages() === 'yes' ? describe : describe.skip)('the remedy', () => {
  test.each(CASES.filter(({ content }) => content !== undefined))('for $code of $fileName, run in a shell, makes $result, which the command accepts', ({ fileName, content, beside = {}, code, result }) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remedy-'));
    const given = new Map(Object.entries({ [fileName]: content ?? '', ...beside }).map(([name, bytes]) => [name, Buffer.from(bytes)]));
    try {
      given.forEach((bytes, name) => fs.writeFileSync(path.join(folder, name), bytes));
      const seen = inspectAs(path.join(folder, fileName));
      const finding = seen.findings.find(one => one.code === code);
      expect(finding?.remedy).toContain(': ');
      execFileSync('sh', ['-c', finding?.remedy.replace(/^[^:]*: /, '') ?? 'false'], { cwd: folder, stdio: 'pipe', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
      const after = inspectAs(path.join(folder, result));
      expect(after.findings.filter(one => one.severity === 'error' || one.code === code)).toEqual([]);
      if (seen.boot.kind === 'boots') expect(diskOf(after)).toBe(diskOf(seen));
      // What it began with is as it was, and nothing else happened.
      given.forEach((bytes, name) => expect(fs.readFileSync(path.join(folder, name)).equals(bytes)).toBe(true));
      expect(fs.existsSync(path.join(folder, 'harm'))).toBe(false);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test('for a VHDX of a machine that runs replays the changes of its log', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remedy-'));
    fs.writeFileSync(path.join(folder, 'running.vhdx'), dirtyVhdx('with changes'));
    const seen = inspectAs(path.join(folder, 'running.vhdx'));
    expect(describeBoot(seen.boot)).toBe('not known whether it boots on EC2');
    execFileSync('sh', ['-c', seen.findings.find(({ code }) => code === 'vhdx-dirty-log')?.remedy.replace(/^[^:]*: /, '') ?? 'false'], { cwd: folder, stdio: 'pipe' });
    expect(describeBoot(inspectAs(path.join(folder, 'running-importable.vmdk')).boot)).toBe('boots by BIOS on x86_64');
    fs.rmSync(folder, { recursive: true });
  });

  test('for a VMDK without a descriptor names no tool, because none opens it', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remedy-'));
    const file = path.join(folder, 'box.vmdk');
    fs.writeFileSync(file, caseOf('a VMDK without a descriptor'));
    expect(inspectAs(file).findings.map(({ remedy }) => remedy)).toEqual(['Export the disk again: qemu-img does not open it either.']);
    expect(() => run('qemu-img', ['info', '-f', 'vmdk', file])).toThrow('Invalid argument');
    fs.rmSync(folder, { recursive: true });
  });

  test('for a delta keeps what the parent holds', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remedy-'));
    fs.writeFileSync(path.join(folder, 'mbr-vmdk-sparse.vmdk'), sparse);
    fs.writeFileSync(path.join(folder, 'delta.vmdk'), bytesOf('special-vmdk-delta'));
    const remedy = inspectAs(path.join(folder, 'delta.vmdk')).findings.find(({ code }) => code === 'vmdk-parent')?.remedy ?? '';
    execFileSync('sh', ['-c', remedy.replace(/^[^:]*: /, '')], { cwd: folder, stdio: 'pipe' });
    expect(run('qemu-img', ['compare', path.join(folder, 'mbr-vmdk-sparse.vmdk'), path.join(folder, 'delta-importable.vmdk')])).toContain('identical');
    fs.rmSync(folder, { recursive: true });
  });
});

describe('a remedy', () => {
  const missing = CASES.filter(({ content }) => content === undefined).map(({ fileName }) => fileName);
  (missing.length === 0 ? test : test.skip)(`is run for every compression (without a program here: ${missing.join(', ') || 'none'})`, () => {
    expect(missing).toEqual([]);
  });

  test.each(['a GPT for sectors of 4,096 bytes whose primary copy is gone', 'a GPT of which only the protective MBR is left'])('for %s runs no tool that would make it worse', name => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remedy-'));
    fs.writeFileSync(path.join(folder, 'box.raw'), caseOf(name));
    expect(inspectAs(path.join(folder, 'box.raw')).findings.map(({ remedy }) => remedy).join()).not.toMatch(/sgdisk|activ/);
    fs.rmSync(folder, { recursive: true });
  });
});
