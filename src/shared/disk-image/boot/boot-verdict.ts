/** A processor architecture of EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html */
export type Architecture = 'x86_64' | 'arm64';

/** A boot mode of an AMI: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html */
export type BootMode = 'legacy-bios' | 'uefi' | 'uefi-preferred';

/** An architecture that the disk boots on, with the boot mode that uses everything the disk has for it. */
export interface BootWay {
  readonly architecture: Architecture;
  /** `uefi-preferred`: the disk boots both by UEFI and by BIOS. */
  readonly bootMode: BootMode;
}

/** Whether a machine on EC2 boots from a disk, as far as its partitions and boot loaders show. */
export type BootVerdict =
  /** At least one way; x86_64 comes first. */
  | { readonly kind: 'boots'; readonly ways: readonly BootWay[] }
  | { readonly kind: 'does not boot'; readonly obstacle: BootObstacle }
  /** The disk was not looked at, or what was read proves neither. */
  | { readonly kind: 'unknown' };

/** Why a machine on EC2 does not boot from a disk. */
export type BootObstacle =
  | 'no partition table'
  | 'no partition'
  | 'nothing to boot from'
  | 'no removable path'
  | 'no EFI file system'
  | 'no boot code'
  | 'no active partition'
  | 'no protective MBR'
  | 'damaged partition table'
  | 'sectors of 4,096 bytes';

const OBSTACLES: Record<BootObstacle, string> = {
  'no partition table': 'it has no partition table',
  'no partition': 'its partition table is empty',
  'nothing to boot from': 'it has neither an EFI system partition nor a BIOS boot partition',
  'no removable path': 'its EFI system partition has neither EFI/BOOT/BOOTX64.EFI nor EFI/BOOT/BOOTAA64.EFI, and it has no boot code for BIOS',
  'no EFI file system': 'its EFI system partition holds no FAT file system, and it has no boot code for BIOS',
  'no boot code': 'its master boot record has no boot code',
  'no active partition': 'no partition is marked active',
  'no protective MBR': 'its GPT has no protective MBR',
  'damaged partition table': 'both copies of its GPT are damaged',
  'sectors of 4,096 bytes': 'its GPT is laid out for sectors of 4,096 bytes, and EBS volumes have sectors of 512 bytes',
};

const MODES: Record<BootMode, string> = { 'uefi': 'UEFI', 'legacy-bios': 'BIOS', 'uefi-preferred': 'UEFI and BIOS' };

/** Says a verdict in words, such as "boots by UEFI on x86_64". */
export function describeBoot(verdict: BootVerdict): string {
  switch (verdict.kind) {
    case 'boots': return `boots ${verdict.ways.map(({ architecture, bootMode }) => `by ${MODES[bootMode]} on ${architecture}`).join(', and ')}`;
    case 'does not boot': return `does not boot on EC2: ${OBSTACLES[verdict.obstacle]}`;
    case 'unknown': return 'not known whether it boots on EC2';
  }
}
