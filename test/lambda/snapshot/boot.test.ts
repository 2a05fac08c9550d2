import { SnapshotRig } from './snapshot-rig';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { bootOf as bootOfDisk } from '../../../lambda/snapshot/boot';
import { planSnapshot } from '../../../lambda/snapshot/plan';
import { recordedImages } from '../../disk-images/image-library';
import { patched } from '../../disk-images/patch';
import { tagsOf } from '../tags-of';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const recordedDisk = (name: string): Uint8Array => recorded.get(name)?.bytes() ?? new Uint8Array(0);

const BIOS = recordedDisk('mbr-raw');
const UEFI = recordedDisk('gpt-uefi-raw');
/** The same disk with the boot loader of arm64. */
const ARM64 = patched(UEFI, [Buffer.from(UEFI).indexOf('BOOTX64 EFI'), 'BOOTAA64EFI']);
/** The EFI system partition in an MBR with boot code for BIOS, without the GPT. */
const BOTH = patched(UEFI, [0, BIOS.subarray(0, 512)], [446 + 4, [0xef]], [512, new Uint8Array(512)], [UEFI.length - 512, new Uint8Array(512)]);
/** BIOS on x86_64, UEFI on arm64. */
const TWO_ARCHITECTURES = patched(BOTH, [Buffer.from(BOTH).indexOf('BOOTX64 EFI'), 'BOOTAA64EFI']);
/** Boot code of an unfamiliar loader, which may do without an active partition. */
const UNKNOWN = patched(BIOS, [446, [0]], [0, '\xeb\x10\x90\0\0\0\0']);

function bootOf(disk: Uint8Array, boot: Properties = {}, change: Properties = {}) {
  const rig = new SnapshotRig(disk);
  return planSnapshot(rig.aws, rig.resource({ Boot: { Required: 'true', ...boot }, ...change }).request).then((plan) => plan.boot);
}

describe('a boot disk', () => {
  test.each<[string, Uint8Array, Properties, object]>([
    ['of BIOS', BIOS, {}, { architecture: 'x86_64', bootMode: 'legacy-bios' }],
    ['of UEFI on x86_64', UEFI, {}, { architecture: 'x86_64', bootMode: 'uefi' }],
    ['of UEFI on arm64', ARM64, {}, { architecture: 'arm64', bootMode: 'uefi' }],
    ['of both', BOTH, {}, { architecture: 'x86_64', bootMode: 'uefi-preferred' }],
    ['of both that is declared uefi', BOTH, { BootMode: 'uefi' }, { architecture: 'x86_64', bootMode: 'uefi' }],
    ['of both that is declared legacy-bios', BOTH, { BootMode: 'legacy-bios' }, { architecture: 'x86_64', bootMode: 'legacy-bios' }],
    ['of two architectures', TWO_ARCHITECTURES, {}, { architecture: 'x86_64', bootMode: 'legacy-bios' }],
    ['of two architectures that is declared arm64', TWO_ARCHITECTURES, { Architecture: 'arm64' }, { architecture: 'arm64', bootMode: 'uefi' }],
    ['that is declared as it is', ARM64, { Architecture: 'arm64', BootMode: 'uefi' }, { architecture: 'arm64', bootMode: 'uefi' }],
  ])('%s boots so', async (_what, disk, declared, boot) => {
    expect(await bootOf(disk, declared)).toEqual(boot);
  });

  test.each<[string, Uint8Array, Properties, RegExp]>([
    ['for another architecture', ARM64, { Architecture: 'x86_64' }, /^s3:\/\/exports\/data\.raw cannot be the boot disk of an AMI: .* is declared as x86_64, but its boot loader is for arm64\. Declare the architecture arm64\. To skip this check, set preflight to false\.$/],
    ['for BIOS, declared uefi', BIOS, { BootMode: 'uefi' }, /is declared to boot in uefi mode, but has no EFI system partition/],
    ['for UEFI, declared legacy-bios', UEFI, { BootMode: 'legacy-bios' }, /boots by UEFI only/],
    ['for UEFI, declared uefi-preferred', UEFI, { BootMode: 'uefi-preferred' }, /^The app declares uefi-preferred, but s3:\/\/exports\/data\.raw boots by UEFI on x86_64: correct architecture and bootMode, or remove them\.$/],
    ['for BIOS, declared uefi-preferred', BIOS, { Architecture: 'x86_64', BootMode: 'uefi-preferred' }, /^The app declares x86_64 and uefi-preferred, but .* boots by BIOS on x86_64: /],
    ['without a partition table', new Uint8Array(1_048_576), {}, /cannot be the boot disk of an AMI: .* has no partition table/],
  ])('%s is refused', async (_what, disk, declared, sentence) => {
    await expect(bootOf(disk, declared)).rejects.toThrow(sentence);
  });

  test('is read in parts that its end bounds', async () => {
    const parts: (readonly [number, number])[] = [];
    const read = async (offset: number, length: number) => {
      parts.push([offset, length]);
      return UEFI.subarray(offset, offset + length);
    };
    await bootOfDisk({ size: UEFI.length, read } as never, { name: 'disk', declared: {}, preflight: 'on' });
    expect(parts.filter(([offset, length]) => offset + length > UEFI.length)).toEqual([]);
    expect(Math.max(...parts.map(([, length]) => length))).toBeLessThan(UEFI.length / 2);
  });

  test('is not looked at without a preflight', async () => {
    expect(await bootOf(new Uint8Array(512), { Architecture: 'arm64', BootMode: 'uefi' }, { Preflight: 'false' })).toEqual({ architecture: 'arm64', bootMode: 'uefi' });
    expect(await bootOf(new Uint8Array(512), {}, { Preflight: 'false' })).toEqual({ architecture: 'x86_64', bootMode: undefined });
  });

  test('that shows nothing certain needs an architecture', async () => {
    await expect(bootOf(UNKNOWN)).rejects.toThrow('The preflight cannot determine how s3://exports/data.raw boots: set architecture and bootMode.');
    expect(await bootOf(UNKNOWN, { Architecture: 'x86_64' })).toEqual({ architecture: 'x86_64', bootMode: undefined });
  });
});

describe('the snapshot of a boot disk', () => {
  test.each<[string, Uint8Array, Properties, object]>([
    ['that the preflight knows', ARM64, {}, { Architecture: 'arm64', BootMode: 'uefi' }],
    ['that nobody knows', BIOS, { Preflight: 'false' }, { Architecture: 'x86_64', BootMode: '' }],
  ])('carries and answers how it boots: one %s', async (_what, disk, change, attributes) => {
    const rig = new SnapshotRig(disk);
    expect(await rig.end({ Boot: { Required: 'true' }, ...change })).toMatchObject({ kind: 'done', attributes });
    const [snapshot] = await rig.snapshots();
    expect(Object.values(tagsOf(snapshot?.Tags))).toEqual(expect.arrayContaining(Object.values(attributes)));
  });
});
