export interface Partition {
  /** GUID of the type in a GPT, two hexadecimal digits in an MBR. */
  readonly type: string;
  readonly role: 'efi system' | 'bios boot' | 'other';
  /** Byte at which it begins on the disk. */
  readonly offset: number;
  readonly length: number;
  /** Whether firmware is told to boot from it (MBR). */
  readonly active: 'active' | 'inactive';
  /** Full-disk encryption that its first sector names. */
  readonly encryption: 'none' | 'LUKS' | 'BitLocker' | 'not looked at';
}
