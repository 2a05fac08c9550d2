import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { SnapshotRig } from './snapshot-rig';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { descriptor, tar } from '../../disk-images/archives';
import { run } from '../../disk-images/qemu';
import { contentsOf, convert, guestDisk, KINDS, nameOf, type Kind } from '../../disk-images/random-disk';
import { differingBlocks } from '../../e2e/snapshot-blocks';

/** Printed with every failure; `COPIED_DISKS_SEED=… COPIED_DISKS=…` look elsewhere, or longer. */
const SEED = Number(process.env.COPIED_DISKS_SEED ?? 20_261_127);
const RUNS = Number(process.env.COPIED_DISKS ?? 15);
const BLOCK = 512 * 1024;
/** Disks of this size have two shards. */
const TWO_SHARDS = 513 * BLOCK;

/** Where the image is, and what the app asks for. */
interface Import {
  readonly file: 'image' | 'first of an OVA' | 'second of an OVA';
  readonly copy: 'every block' | 'every block, encrypted' | 'allocated blocks';
}

const kind = fc.constantFrom(...KINDS).map((one) => ({ ...one, toString: () => nameOf(one) }));
const largeDisk = guestDisk.map((disk) => ({ ...disk, sectors: disk.sectors + TWO_SHARDS / 512 }));
const guest = fc.oneof({ weight: 19, arbitrary: guestDisk }, { weight: 1, arbitrary: largeDisk });
const imported: fc.Arbitrary<Import> = fc.record({
  file: fc.oneof({ weight: 3, arbitrary: fc.constant<Import['file']>('image') }, fc.constantFrom<Import['file']>('first of an OVA', 'second of an OVA')),
  copy: fc.constantFrom('every block', 'every block, encrypted', 'allocated blocks'),
});

const hasQemu = spawnSync('qemu-img', ['--version'], { stdio: 'ignore' }).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'copied-disks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the properties of a resource, and the object that it imports. */
function objectOf({ file, copy }: Import, { format }: Kind, image: Buffer): { readonly properties: Properties; readonly object: Uint8Array } {
  const options = { 'every block': {}, 'every block, encrypted': { Encrypted: 'true' }, 'allocated blocks': { OmitUnallocatedBlocks: 'true' } }[copy];
  const Disk = { S3Bucket: 'exports', S3Key: 'data.raw' };
  if (file === 'image') return { properties: { Disk: { ...Disk, Format: format }, ...options }, object: image };
  const other = Buffer.alloc(4 * BLOCK, 'the other disk');
  const [first, second] = file === 'first of an OVA' ? [image, other] : [other, image];
  return {
    properties: { Disk: { ...Disk, Format: 'OVA', OvaDisk: file === 'first of an OVA' ? '0' : '1' }, ...options },
    object: tar([['server.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', first], ['rhel9-disk2.vmdk', second]]),
  };
}

function isZero(disk: Buffer, index: number): boolean {
  return disk.subarray(index * BLOCK, (index + 1) * BLOCK).every((byte) => byte === 0);
}

(hasQemu ? test : test.skip)(`the snapshot of a disk that qemu-img wrote has the bytes that qemu-img reads (seed ${SEED}, ${RUNS} disks)`, async () => {
  await fc.assert(fc.asyncProperty(kind, guest, imported, async (one, disk, request) => {
    const [source, path, raw] = ['source', 'image', 'raw'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(source, contentsOf(disk));
    convert(one, source, path);
    run('qemu-img', ['convert', '-f', one.qemu, '-O', 'raw', path, raw]);
    const expected = readFileSync(raw);
    const { properties, object } = objectOf(request, one, readFileSync(path));

    const rig = new SnapshotRig(object);
    const result = await rig.end(properties);
    expect(result).toMatchObject({ kind: 'done', attributes: { VolumeSize: '1' } });
    const [snapshot] = await rig.snapshots();
    expect(snapshot?.Encrypted).toBe(request.copy === 'every block, encrypted');

    const differing = await differingBlocks(rig.aws.ebs, snapshot?.SnapshotId ?? '', expected, expected.length);
    const written = rig.rig.cloud.writtenBlocks(snapshot?.SnapshotId ?? '');
    // What is left out reads as zeros, and may be nothing else.
    const isLeftOut = (index: number) => request.copy === 'allocated blocks' && index > 0 && !written.has(index) && isZero(expected, index);
    expect(differing.filter((index) => !isLeftOut(index))).toEqual([]);
    expect(await rig.remove()).toMatchObject({ kind: 'done' });
    expect(await rig.snapshots()).toEqual([]);
  }), { seed: SEED, numRuns: RUNS, endOnFailure: true });
}, 900_000);
