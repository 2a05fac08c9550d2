import { codes } from './look';
import { Expectation, inspectAsync, Inspection, inspectSync, LIMITS } from '../../../src/shared/disk-image';
import { ImageFile, Section } from '../../../src/shared/disk-image/reading/image-file';
import { nodeInflate } from '../../../src/shared/disk-image/reading/node-inflate';
import { tar } from '../../disk-images/archives';
import { recordedImages } from '../../disk-images/image-library';
import { patched } from '../../disk-images/patch';
import { SparseFile } from '../../disk-images/sparse-file';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const expectation: Expectation = { fileName: 'a.vmdk', format: 'VMDK', role: 'image' };

function fileOf(name: string): { length: number; read(offset: number, size: number): Uint8Array } {
  const file = recorded.get(name);
  if (file === undefined) throw new Error(name);
  return file;
}

describe('an inspection', () => {
  test.each([...recorded.keys()])('of %s sees the same at once and over promises', async name => {
    const file = fileOf(name);
    const reader = { length: file.length, read: async (offset: number, size: number) => Promise.resolve(file.read(offset, size)) };
    const later = await inspectAsync({ reader, inflate: nodeInflate, expectation });
    expect(later).toEqual(inspectSync({ reader: file, inflate: nodeInflate, expectation }));
  });

  test('sees the same where every read is short', () => {
    const file = fileOf('gpt-uefi-raw');
    const short = { length: file.length, read: (offset: number, size: number) => file.read(offset, Math.min(size, 3000)) };
    const { cost, ...seen } = inspectSync({ reader: short, inflate: nodeInflate, expectation });
    const { cost: usual, ...expected } = inspectSync({ reader: file, inflate: nodeInflate, expectation });
    expect(seen).toEqual(expected);
    expect(cost.reads).toBeGreaterThan(usual.reads);
  });

  test('ignores bytes that it did not ask for', () => {
    const file = fileOf('gpt-uefi-raw');
    const generous = { length: file.length, read: (offset: number, size: number) => file.read(offset, size + 5000) };
    const expected = inspectSync({ reader: file, inflate: nodeInflate, expectation });
    expect(inspectSync({ reader: generous, inflate: nodeInflate, expectation })).toEqual(expected);
  });

  test('that gets nothing has no error, only a doubt', () => {
    const seen = inspectSync({ reader: { length: 2 ** 30, read: () => new Uint8Array(0) }, inflate: nodeInflate, expectation });
    expect(seen.findings.map(({ severity }) => severity)).not.toContain('error');
    expect(codes(seen)).toContain('inspection-incomplete');
  });

  test('passes on what the reader throws', async () => {
    const refuse = () => { throw new Error('AccessDenied'); };
    const later = async () => Promise.reject(new Error('AccessDenied'));
    expect(() => inspectSync({ reader: { length: 9, read: refuse }, inflate: nodeInflate, expectation })).toThrow('AccessDenied');
    await expect(inspectAsync({ reader: { length: 9, read: later }, inflate: nodeInflate, expectation })).rejects.toThrow('AccessDenied');
  });

  /** Inspects a file whose reader gives only so many bytes at a time. */
  function crumbs(file: { length: number; read(offset: number, size: number): Uint8Array }, most: number): Inspection {
    const reader = { length: file.length, read: (offset: number, size: number) => file.read(offset, Math.min(size, most)) };
    return inspectSync({ reader, inflate: nodeInflate, expectation: { fileName: 'a', role: 'image' } });
  }

  test('that runs into its limits has no error about a disk, only doubts', () => {
    const seen = crumbs(SparseFile.ofBytes(patched(fileOf('mbr-vmdk-sparse').read(0, 2 ** 24), [73, '\n \n\n'])), 200);
    expect(seen.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['vmdk-not-stream-optimized', 'warning'],
      ['vmdk-text-transfer', 'warning'],
      ['inspection-incomplete', 'info'],
    ]);
  });

  test('that runs into its limits stays sure of what the descriptor of an OVA says', () => {
    const disks = Array.from({ length: 22 }, (_, i) => `<Disk diskId="${i}" fileRef="${i}"/>`).join('');
    const files = Array.from({ length: 22 }, (_, i) => `<File id="${i}" href="${i}.vmdk"/>`).join('');
    const members = Array.from({ length: 22 }, (_, i) => [`${i}.vmdk`, Buffer.alloc(80 * 1024, 1)] as const);
    const seen = crumbs(SparseFile.ofBytes(tar([['a.ovf', `<Envelope>${files}${disks}</Envelope>`], ...members])), 2048);
    expect(seen.findings).toEqual(expect.arrayContaining([
      expect.objectContaining({ code: 'ova-too-many-disks', severity: 'error' }),
      expect.objectContaining({ code: 'inspection-incomplete', severity: 'info', message: expect.stringMatching(/^Not looked at in a, .*, and \d+ more\.$/) }),
    ]));
  });
});

describe('the file under inspection', () => {
  /** Reads all the requested parts, and returns what was asked of the reader. */
  function requests(length: number, parts: readonly (readonly [number, number])[]): { asked: string[]; got: number[]; file: ImageFile } {
    const file = new ImageFile(length);
    const asked: string[] = [];
    const got: number[] = [];
    for (const [offset, size] of parts) {
      const steps = Section.whole(file).read(offset, size);
      let step = steps.next();
      while (!step.done) {
        asked.push(`${step.value.offset}+${step.value.size}`);
        step = steps.next(new Uint8Array(step.value.size));
      }
      got.push(step.value.length);
    }
    return { asked, got, file };
  }

  test.each([
    ['reads in pieces of 4 KiB at least', 10_000, [[0, 1], [100, 4]], ['0+4096'], [1, 4]],
    ['asks once for what it has', 100_000, [[0, 8192], [4000, 100], [8000, 400]], ['0+8192', '8192+4096'], [8192, 100, 400]],
    ['stops at the end of the file', 5000, [[0, 9000], [4999, 10], [5000, 1], [2 ** 70, 1]], ['0+5000'], [5000, 1, 0, 0]],
  ] as const)('%s', (_, length, parts, asked, got) => {
    const seen = requests(length, parts);
    expect(seen).toMatchObject({ asked, got });
    expect(seen.file.unseen).toBe('none');
  });

  test('never asks for more than its limits', () => {
    const bytes = requests(2 ** 40, [[0, 2 ** 30], [2 ** 35, 1]]);
    expect(bytes).toMatchObject({ asked: [`0+${LIMITS.bytes}`], got: [LIMITS.bytes, 0] });
    expect(bytes.file.unseen).toBe('limits');
    const reads = requests(2 ** 40, Array.from({ length: LIMITS.reads + 9 }, (_, i) => [i * 2 ** 20, 1] as const));
    expect(reads.asked).toHaveLength(LIMITS.reads);
    expect(reads.file.cost).toEqual({ reads: LIMITS.reads, bytes: LIMITS.reads * 4096 });
  });
});

describe('inflating', () => {
  test('gives nothing for damaged data and for more than was allowed', () => {
    expect(nodeInflate(new Uint8Array([1, 2, 3]), 100)).toBeUndefined();
    expect(nodeInflate(patched(Buffer.from('eJxLTEpOSU0DAAjOAlU=', 'base64')), 3)).toBeUndefined();
    expect(Buffer.from(nodeInflate(Buffer.from('eJxLTEpOSU0DAAgeAlY=', 'base64'), 6) ?? []).toString()).toBe('abcdef');
  });
});
