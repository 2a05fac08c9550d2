import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { contentOf, withFile } from './readers';
import { decompressors } from '../../../../lambda/disk-copy/decompressors';
import { openVirtualDisk } from '../../../../src/shared/disk-image/virtual-disk';
import { run } from '../../../disk-images/qemu';
import { contentsOf, convert, guestDisk, KINDS, nameOf, type Kind } from '../../../disk-images/random-disk';

/** Printed with every failure; `VIRTUAL_DISK_SEED=… VIRTUAL_DISK_RUNS=…` look elsewhere, or longer. */
const SEED = Number(process.env.VIRTUAL_DISK_SEED ?? 20_261_127);
const RUNS = Number(process.env.VIRTUAL_DISK_RUNS ?? 2);
const SECTOR = 512;
const MIB = 2 ** 20;

const hasQemu = ['qemu-img', 'qemu-io'].every(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined);
let folder = '';
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'virtual-disk-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compares the disk that we read with the one that qemu-img reads from the same image. */
async function compare({ format, qemu }: Kind, image: string, step: number): Promise<void> {
  const raw = `${image}.raw`;
  run('qemu-img', ['convert', '-f', qemu, '-O', 'raw', image, raw]);
  const expected = readFileSync(raw);
  await withFile(image, async file => {
    const disk = await openVirtualDisk({ image: file, format, decompressors });
    expect(disk.size).toBe(expected.length);
    const seen = await contentOf(disk, step);
    expect(seen.equals(expected) ? 'equal' : `differs from byte ${seen.findIndex((byte, at) => byte !== expected[at])}`).toBe('equal');
    for (let at = 0; at < expected.length; at += 64 * 1024) {
      const size = Math.min(64 * 1024, expected.length - at);
      if (!await disk.isAllocated(at, size)) expect(expected.subarray(at, at + size).every(byte => byte === 0)).toBe(true);
    }
  });
}

const describeWithQemu = hasQemu ? describe : describe.skip;
describeWithQemu(`disks that qemu-img made (seed ${SEED}, ${RUNS} of each kind)`, () => {
  test.each(KINDS.map(kind => [nameOf(kind), kind] as const))('%s reads as qemu-img reads it', async (_, kind) => {
    const [source, image] = [join(folder, 'source'), join(folder, 'image')];
    await fc.assert(fc.asyncProperty(guestDisk, fc.constantFrom(SECTOR * 1999, 512 * 1024, 8 * MIB), async (guest, step) => {
      writeFileSync(source, contentsOf(guest));
      convert(kind, source, image);
      await compare(kind, image, step);
    }), { seed: SEED, numRuns: RUNS, endOnFailure: true });
  }, 600_000);
});
