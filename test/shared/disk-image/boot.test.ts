import { codes, inspect } from './look';
import { describeBoot, Expectation } from '../../../src/shared/disk-image';
import { FatContent, fatFileSystem } from '../../disk-images/fat';
import { GENERIC, GptPartition, gptDisk, GptShape, GRUB, MIB, mbrDisk, MbrPartition, UNFAMILIAR } from '../../disk-images/partition-tables';
import { SparseFile } from '../../disk-images/sparse-file';

const SIZE = 16 * MIB;
const X64 = { 'EFI/BOOT/BOOTX64.EFI': 'a boot loader' };
const AA64 = { 'EFI/BOOT/BOOTAA64.EFI': 'a boot loader' };
const ELSEWHERE: FatContent = { files: { 'EFI/UBUNTU/GRUBX64.EFI': 'grub', 'EFI/MICROSOFT/BOOTMGR.EFI': 'x' }, longNames: { 'EFI/UBUNTU': 'ubuntu', 'EFI/MICROSOFT': 'Microsoft' } };

const EFI: GptPartition = { type: 'efi', first: 4096, last: 12_287 };
const LINUX: GptPartition = { type: 'linux', first: 12_288, last: 28_000 };
const BIOS_BOOT: GptPartition = { type: 'bios boot', first: 2048, last: 4095 };

/** A GPT disk whose partition at 2 MiB holds a FAT file system with this content. */
function gpt(content: FatContent, partitions: readonly GptPartition[] = [EFI, LINUX], shape: GptShape = {}): SparseFile {
  return gptDisk(SIZE, partitions, shape).write(2 * MIB, fatFileSystem('FAT16', content).bytes());
}

const ROOT: MbrPartition = { type: 0x83, start: 12_288, count: 16_384 };
const ACTIVE: MbrPartition = { ...ROOT, status: 'active' };
const ESP: MbrPartition = { type: 0xef, start: 4096, count: 8192 };
function mbr(partitions: readonly MbrPartition[], code: Uint8Array, content?: FatContent): SparseFile {
  const disk = mbrDisk(SIZE, partitions, code);
  return content === undefined ? disk : disk.write(2 * MIB, fatFileSystem('FAT12', content).bytes());
}

const bios = gpt({ files: {} }, [BIOS_BOOT, LINUX], { code: GRUB });
const NO_CODE = new Uint8Array(0);
const NO_LOADER = 'its EFI system partition has neither EFI/BOOT/BOOTX64.EFI nor EFI/BOOT/BOOTAA64.EFI, and it has no boot code for BIOS';

describe('whether a disk boots on EC2', () => {
  test.each<[disk: string, file: SparseFile, verdict: string, found: string[]]>([
    ['a loader for x86_64', gpt({ files: X64 }), 'boots by UEFI on x86_64', []],
    ['a loader for arm64', gpt({ files: AA64 }), 'boots by UEFI on arm64', []],
    ['loaders for both architectures', gpt({ files: { ...AA64, ...X64 } }), 'boots by UEFI on x86_64, and by UEFI on arm64', []],
    ['a loader for x86_64 and GRUB for BIOS', gpt({ files: X64 }, [BIOS_BOOT, EFI, LINUX], { code: GRUB }), 'boots by UEFI and BIOS on x86_64', []],
    ['a loader for arm64 and GRUB for BIOS', gpt({ files: AA64 }, [BIOS_BOOT, EFI, LINUX], { code: GRUB }), 'boots by BIOS on x86_64, and by UEFI on arm64', []],
    ['a loader behind many deleted files', gpt({ files: X64, deleted: 60 }), 'boots by UEFI on x86_64', []],
    ['a loader in a FAT partition that is not marked as EFI system partition', gpt({ files: X64 }, [{ ...EFI, type: 'ms data' }]), 'boots by UEFI on x86_64', []],
    ['a loader in an MBR partition of type ef', mbr([ESP, ROOT], NO_CODE, { files: X64 }), 'boots by UEFI on x86_64', []],
    ['a loader on a GPT without a protective MBR', gpt({ files: X64 }).write(446, new Uint8Array(64)), 'does not boot on EC2: its GPT has no protective MBR', ['partition-table-unusable']],
    ['a loader of 0 bytes', gpt({ files: { 'EFI/BOOT/BOOTX64.EFI': '' } }), `does not boot on EC2: ${NO_LOADER}`, ['efi-loader-missing']],
    ['a folder with the name of a loader', gpt({ files: { 'EFI/BOOT/BOOTX64.EFI/A': 'a' } }), `does not boot on EC2: ${NO_LOADER}`, ['efi-loader-missing']],
    ['loaders of its systems only', gpt(ELSEWHERE), `does not boot on EC2: ${NO_LOADER}`, ['efi-loader-missing']],
    ['an EFI system partition that is empty', gpt({ files: {} }), `does not boot on EC2: ${NO_LOADER}`, ['efi-loader-missing']],
    ['an EFI system partition without a file system', gptDisk(SIZE, [EFI, LINUX]), 'does not boot on EC2: its EFI system partition holds no FAT file system, and it has no boot code for BIOS', ['efi-partition-unreadable']],
    ['a FAT partition of data', gpt({ files: { 'A.TXT': 'a' } }, [{ ...EFI, type: 'ms data' }]), 'does not boot on EC2: it has neither an EFI system partition nor a BIOS boot partition', ['boot-partition-missing']],
    ['GRUB and a BIOS boot partition', bios, 'boots by BIOS on x86_64', []],
    ['a BIOS boot partition without boot code', gptDisk(SIZE, [BIOS_BOOT, LINUX]), 'does not boot on EC2: its master boot record has no boot code', ['boot-code-missing']],
    ['a BIOS boot partition with the code of a generic MBR', gptDisk(SIZE, [BIOS_BOOT, LINUX], { code: GENERIC }), 'does not boot on EC2: its master boot record has no boot code', ['boot-code-missing']],
    ['a BIOS boot partition with unfamiliar boot code', gptDisk(SIZE, [BIOS_BOOT, LINUX], { code: UNFAMILIAR }), 'boots by BIOS on x86_64', []],
    ['a GPT with GRUB and no BIOS boot partition', gptDisk(SIZE, [LINUX], { code: GRUB }), 'not known whether it boots on EC2', []],
    ['GRUB and a BIOS boot partition, but no primary GPT', gptDisk(SIZE, [BIOS_BOOT, LINUX], { code: GRUB, copies: 'backup' }), 'not known whether it boots on EC2', ['partition-table-damaged']],
    ['a GPT with sectors of 4,096 bytes', gptDisk(SIZE, [{ type: 'efi', first: 512, last: 1535 }], { sectorSize: 4096 }).write(2 * MIB, fatFileSystem('FAT16', { files: X64 }).bytes()),
      'does not boot on EC2: its GPT is laid out for sectors of 4,096 bytes, and EBS volumes have sectors of 512 bytes', ['partition-table-sector-size']],
    ['a GPT without partitions', gptDisk(SIZE, []), 'does not boot on EC2: its partition table is empty', ['boot-partition-missing']],
    ['GRUB in an MBR', mbr([ROOT], GRUB), 'boots by BIOS on x86_64', []],
    ['generic code in an MBR and an active partition', mbr([ACTIVE], GENERIC), 'boots by BIOS on x86_64', []],
    ['generic code in an MBR and no active partition', mbr([ROOT], GENERIC), 'does not boot on EC2: no partition is marked active', ['partition-not-active']],
    ['unfamiliar code in an MBR and an active partition', mbr([ACTIVE], UNFAMILIAR), 'boots by BIOS on x86_64', []],
    ['unfamiliar code in an MBR and no active partition', mbr([ROOT], UNFAMILIAR), 'not known whether it boots on EC2', []],
    ['an MBR without boot code and an active partition', mbr([ACTIVE], NO_CODE), 'does not boot on EC2: its master boot record has no boot code', ['boot-code-missing']],
    ['an MBR without boot code and without an active partition', mbr([ROOT], NO_CODE), 'does not boot on EC2: no partition is marked active', ['partition-not-active']],
  ])('%s: its verdict, and what VmImportAmi has to know', (_, file, verdict, found) => {
    const seen = inspect(file, { format: 'RAW', importer: 'VmImportAmi' });
    expect(describeBoot(seen.boot)).toBe(verdict);
    expect(codes(seen)).toEqual(found);
  });

  test('is decided by a loader in what is seen to be a FAT file system', () => {
    expect(inspect(gpt({ files: X64 }))).toMatchObject({ partitionTable: { partitions: [{ content: 'FAT', label: 'TESTDISK' }, {}] } });
  });

  test('is decided by the second EFI system partition where the first has no loader', () => {
    const second: GptPartition = { type: 'efi', first: 14_336, last: 24_000 };
    const disk = gpt(ELSEWHERE, [EFI, second]).write(7 * MIB, fatFileSystem('FAT12', { files: X64 }).bytes());
    expect(inspect(disk)).toMatchObject({ efi: { kind: 'read', partition: 2, loaders: ['x86_64'] } });
  });

  test('is not known where the EFI system partition is behind the end of the file', () => {
    const seen = inspect(mbrDisk(2 * MIB, [{ type: 0xef, start: 4096, count: 1024 }], NO_CODE));
    expect(seen).toMatchObject({ efi: { kind: 'not read', partition: 1 }, boot: { kind: 'unknown' } });
    expect(codes(seen)).toEqual(['partition-beyond-disk']);
  });

  test('takes no file for a file system because it has the signature of a boot sector', () => {
    const at = 2 * MIB;
    const disk = gptDisk(SIZE, [EFI]).write(at + 510, Buffer.of(0x55, 0xaa));
    const fields: readonly (readonly [offset: number, value: number])[] = [[12, 2], [13, 1], [16, 1], [22, 9]];
    const withFields = (some: typeof fields) => some.reduce((file, [offset, value]) => file.write(at + offset, Buffer.of(value)), disk.copy());
    expect(inspect(disk)).toMatchObject({ efi: { kind: 'no file system' } });
    // Sector size, sectors of a cluster, number of tables, sectors of a table: each of them is needed.
    for (const missing of fields) {
      expect(inspect(withFields(fields.filter(field => field !== missing)))).toMatchObject({ efi: { kind: 'no file system' } });
    }
    expect(inspect(withFields(fields))).toMatchObject({ efi: { kind: 'read', loaders: [] } });
  });
});

describe('a disk against what is declared', () => {
  const uefi = gpt({ files: X64 });
  const arm = gpt({ files: AA64 });
  const either = gpt({ files: X64 }, [BIOS_BOOT, EFI, LINUX], { code: GRUB });
  const grub = mbr([ACTIVE], GRUB);
  const image: Partial<Expectation> = { importer: 'VmImportImage' };
  const ami: Partial<Expectation> = { importer: 'VmImportAmi' };

  test.each<[disk: string, file: SparseFile, expectation: Partial<Expectation>, found: readonly (readonly [code: string, severity: string])[]]>([
    ['for arm64, by VmImportImage', arm, image, [['architecture-not-importable', 'error']]],
    ['for arm64, by VmImportAmi', arm, ami, []],
    ['for arm64, declared as x86_64', arm, { ...ami, architecture: 'x86_64' }, [['architecture-differs', 'error']]],
    ['for x86_64, declared as arm64', uefi, { ...image, architecture: 'arm64' }, [['architecture-differs', 'warning']]],
    ['for x86_64, declared as i386', uefi, { ...image, architecture: 'i386', bootMode: 'uefi' }, []],
    ['for UEFI, without a boot mode, by VmImportImage', uefi, image, [['boot-mode-undeclared', 'info']]],
    ['for UEFI, declared as legacy-bios', uefi, { ...ami, bootMode: 'legacy-bios' }, [['boot-mode-legacy-on-gpt', 'error']]],
    ['for UEFI, declared as uefi-preferred', uefi, { ...ami, bootMode: 'uefi-preferred' }, []],
    ['for UEFI and BIOS, declared as legacy-bios', either, { ...image, bootMode: 'legacy-bios' }, []],
    ['for UEFI and BIOS, declared as uefi', either, { ...image, bootMode: 'uefi' }, []],
    ['for BIOS, declared as uefi', grub, { ...ami, bootMode: 'uefi' }, [['boot-mode-needs-efi-partition', 'error']]],
    ['for BIOS, declared as uefi-preferred', grub, { ...ami, bootMode: 'uefi-preferred' }, []],
    ['for BIOS with an EFI system partition without a loader, declared as uefi', mbr([ACTIVE, ESP], GRUB, ELSEWHERE), { ...image, bootMode: 'uefi' }, [['efi-loader-missing', 'error']]],
    ['for BIOS with an EFI system partition without a file system, declared as uefi', mbr([ACTIVE, ESP], GRUB), { ...ami, bootMode: 'uefi' }, [['efi-partition-unreadable', 'error']]],
    ['for BIOS with an EFI system partition that cannot be read, declared as uefi',
      mbrDisk(2 * MIB, [{ ...ACTIVE, start: 2048, count: 16 }, { type: 0xef, start: 4096, count: 1024 }], GRUB), { ...ami, bootMode: 'uefi' }, [['partition-beyond-disk', 'warning']]],
    ['whose GRUB has no BIOS boot partition, declared as legacy-bios', gptDisk(SIZE, [LINUX], { code: GRUB }), { ...ami, bootMode: 'legacy-bios' }, [['boot-mode-legacy-on-gpt', 'error']]],
    ['with GRUB and no active partition, by VmImportImage', mbr([ROOT], GRUB), image, [['partition-not-active', 'warning']]],
    ['with GRUB, no active partition and a loader for UEFI, by VmImportImage', mbr([ESP, ROOT], GRUB, { files: X64 }), image, []],
    ['without a loader for UEFI, by VmImportImage', gpt(ELSEWHERE), { ...image, bootMode: 'uefi' }, [['efi-loader-missing', 'error']]],
    ['without a loader for UEFI, as a data disk', gpt(ELSEWHERE), { ...image, role: 'data disk' }, []],
  ])('%s has the findings it deserves', (_, file, expectation, found) => {
    expect(inspect(file, { format: 'RAW', ...expectation }).findings.map(({ code, severity }) => [code, severity])).toEqual(found);
  });

  test.each<[string, SparseFile, Partial<Expectation>, string]>([
    ['another construct', arm, image, 'disk.img boots on arm64 only, which VM Import/Export does not import. Use the construct VmImportAmi, which writes the disk as it is.'],
    ['the architecture to declare', arm, { ...ami, architecture: 'x86_64' }, 'disk.img is declared as x86_64, but its boot loader is for arm64. Declare the architecture arm64.'],
    ['all architectures of its loaders', gpt({ files: { ...X64, ...AA64 } }), { ...ami, architecture: 'x86_64', bootMode: 'legacy-bios' }, 'disk.img is declared to boot in legacy-bios mode, but boots by UEFI only. Declare the boot mode uefi.'],
    ['no loaders where there are none', gpt({ files: {} }), ami,
      'The EFI system partition of disk.img has no boot loader where EC2 looks for it (EFI/BOOT/BOOTX64.EFI, or BOOTAA64.EFI for arm64). In the guest, install it there (grub-install --removable on Linux; on Windows, copy EFI\\Microsoft\\Boot\\bootmgfw.efi to EFI\\Boot\\bootx64.efi), then export the disk again.'],
    ['the loaders that it has elsewhere', gpt(ELSEWHERE), ami,
      'The EFI system partition of disk.img has no boot loader where EC2 looks for it (EFI/BOOT/BOOTX64.EFI, or BOOTAA64.EFI for arm64); it has EFI/ubuntu, EFI/Microsoft. In the guest, install it there (grub-install --removable on Linux; on Windows, copy EFI\\Microsoft\\Boot\\bootmgfw.efi to EFI\\Boot\\bootx64.efi), then export the disk again.'],
  ])('names %s', (_, file, expectation, says) => {
    expect(inspect(file, expectation).findings.map(({ message, remedy }) => `${message} ${remedy}`)).toEqual([says]);
  });
});

/** A partition at 2 MiB that is large enough for Btrfs. */
const bigDisk = () => gptDisk(32 * MIB, [{ type: 'linux', first: 4096, last: 4096 + 16 * MIB / 512 - 1 }]);

describe('the operating system that a disk seems to hold', () => {
  test.each<[string, SparseFile, string]>([
    ['a folder of the EFI system partition', gpt(ELSEWHERE), 'Ubuntu'],
    ['the type of a partition', gpt({ files: X64 }, [EFI, { type: 'ms reserved', first: 12_288, last: 14_000 }]), 'Windows'],
    ['the label of a file system', gptDisk(SIZE, [LINUX]).write(6 * MIB + 1080, Buffer.of(0x53, 0xef)).write(6 * MIB + 1144, Buffer.from('cloudimg-rootfs')), 'Ubuntu'],
    ['the label of XFS', gptDisk(SIZE, [LINUX]).write(6 * MIB, Buffer.from('XFSB')).write(6 * MIB + 108, Buffer.from('nixos')), 'NixOS'],
    ['the label of Btrfs', bigDisk().write(2 * MIB + 64 * 1024 + 64, Buffer.from('_BHRfS_M')).write(2 * MIB + 64 * 1024 + 299, Buffer.from('nixos')), 'NixOS'],
    ['a file system of Btrfs', bigDisk().write(2 * MIB + 64 * 1024 + 64, Buffer.from('_BHRfS_M')), 'Linux'],
    ['zeros in a large partition', bigDisk(), ''],
    ['a file system of Linux', gptDisk(SIZE, [LINUX]).write(6 * MIB, Buffer.from('XFSB')), 'Linux'],
    ['a file system of Windows', gptDisk(SIZE, [{ ...LINUX, type: 'ms data' }]).write(6 * MIB + 3, Buffer.from('NTFS    ')), 'Windows'],
    ['a dynamic disk', gptDisk(SIZE, [{ ...LINUX, type: 'dynamic' }]), 'Windows'],
    ['nothing', gptDisk(SIZE, [LINUX]), ''],
    ['nothing, without a partition table', new SparseFile(MIB), ''],
  ])('is named by %s', (_, file, system) => {
    expect(inspect(file)).toMatchObject({ system });
  });
});
