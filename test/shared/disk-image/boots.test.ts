import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describeBoot } from '../../../src/shared/disk-image';
import { BootVerdict } from '../../../src/shared/disk-image/boot/boot-verdict';
import { inspectFile } from '../../../src/shared/disk-image/inspect-file';
import { architectureOf, BOOT_DISKS, BootDisk, BOOTED, makeBootDisk } from '../../disk-images/boot-disk';
import { canStart, Firmware, start } from '../../disk-images/machine';

/** QEMU emulates the processor, so a start takes 2 to 5 seconds of it. `DISK_IMAGE_BOOTS=all` starts every disk; by default, only these two under BIOS. */
const QUICK: readonly BootDisk[] = ['BIOS from an MBR', 'no boot code'];
const DISKS = process.env.DISK_IMAGE_BOOTS === 'all' ? BOOT_DISKS : QUICK;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'boots-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Returns the ways in which a disk is started: those that the verdict promises or, if it promises none, all that the machine has. */
function waysOf(disk: BootDisk, verdict: BootVerdict): readonly Firmware[] {
  if (verdict.kind !== 'boots') return architectureOf(disk) === 'arm64' ? ['UEFI'] : DISKS === QUICK ? ['BIOS'] : ['BIOS', 'UEFI'];
  const modes = verdict.ways.map(({ bootMode }) => bootMode);
  return [...(modes.includes('uefi') ? [] : ['BIOS' as const]), ...(modes.includes('legacy-bios') ? [] : ['UEFI' as const])];
}

/** Returns the line that the guest prints; it calls arm64 aarch64. */
function saidOf(verdict: BootVerdict, firmware: Firmware): string | undefined {
  const architecture = verdict.kind === 'boots' ? verdict.ways[0]?.architecture.replace('arm64', 'aarch64') : undefined;
  return architecture === undefined ? undefined : `cdk-vm-import: this disk boots by ${firmware} on ${architecture}`;
}

/** The words and findings of the preflight for each disk. The machine below has the last word. */
const VERDICTS: Record<BootDisk, readonly [verdict: RegExp, codes: readonly string[]]> = {
  'BIOS from an MBR': [/^boots by BIOS on x86_64$/, []],
  'BIOS from a GPT': [/^boots by BIOS on x86_64$/, []],
  'UEFI on x86_64': [/^boots by UEFI on x86_64$/, []],
  'UEFI on arm64': [/^boots by UEFI on arm64$/, []],
  'BIOS and UEFI': [/^boots by UEFI and BIOS on x86_64$/, []],
  'UEFI from an MBR': [/^boots by UEFI on x86_64$/, []],
  'UEFI from a primary GPT that is gone': [/^boots by UEFI on x86_64$/, ['partition-table-damaged']],
  'UEFI without the removable path': [/^does not boot on EC2: its EFI system partition has neither EFI\/BOOT\/BOOTX64\.EFI/, ['efi-loader-missing']],
  'UEFI without a protective MBR': [/^does not boot on EC2: its GPT has no protective MBR$/, ['partition-table-unusable']],
  'UEFI with a protective MBR of size 0': [/^boots by UEFI on x86_64$/, []],
  'a GPT for sectors of 4,096 bytes': [/^does not boot on EC2: its GPT is laid out for sectors of 4,096 bytes/, ['partition-table-sector-size']],
  'no boot code': [/^does not boot on EC2: its master boot record has no boot code$/, ['boot-code-missing']],
  'no active partition': [/^does not boot on EC2: no partition is marked active$/, ['partition-not-active']],
};

/** Makes every disk first, and says why if one cannot be made. */
const MADE = DISKS.map((name) => {
  if (canStart(architectureOf(name)) === 'no') return { name, made: 'not started: no QEMU or no firmware', disk: undefined };
  const disk = makeBootDisk(name, folder);
  return { name, made: disk === undefined ? 'not started: no packages of Debian' : 'started', disk };
});

describe.each(MADE)('a disk of Debian with $name, $made', ({ name, disk }) => {
  const seen = disk === undefined ? undefined : inspectFile(disk, { fileName: 'disk.raw', format: 'RAW', role: 'image', importer: 'VmImportAmi' });
  // Jest lists the tests of a disk that is not started as skipped.
  const withMachine = seen === undefined ? test.concurrent.skip : test.concurrent;
  const verdict: BootVerdict = seen?.boot ?? { kind: 'unknown' };

  withMachine('has the verdict and the findings that it deserves', () => {
    const [words, codes] = VERDICTS[name];
    expect(describeBoot(verdict)).toMatch(words);
    expect(seen?.findings.map(({ code }) => code)).toEqual(codes);
  });

  withMachine.each(waysOf(name, verdict))('does under %s what the preflight says', async (firmware) => {
    expect(await start(disk ?? '', architectureOf(name), firmware, BOOTED)).toBe(saidOf(verdict, firmware));
  }, 300_000);
});
