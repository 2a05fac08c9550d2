import { BootVerdict } from './boot-verdict';
import { deriveBoot } from './derive-boot';
import { EfiSystem, readEfiSystem } from './efi-system-partition';
import { systemHint } from './system-hint';
import { BackupReads } from '../partitions/gpt';
import { PartitionTable, readPartitionTable } from '../partitions/partition-table';
import { GuestReader } from '../reading/guest';
import { Reading } from '../reading/image-file';

/** What a disk holds, whichever container it is in. */
export interface DiskContent {
  readonly partitionTable: PartitionTable;
  readonly efi: EfiSystem;
  readonly boot: BootVerdict;
  /** The operating system that it seems to hold; empty where nothing names it. */
  readonly system: string;
}

/** A disk whose content cannot be seen. */
export const UNSEEN_CONTENT: DiskContent = { partitionTable: { kind: 'unknown' }, efi: { kind: 'none' }, boot: { kind: 'unknown' }, system: '' };

/** Reads partitions and boot loaders of a disk. */
export function* readContent(guest: GuestReader, virtualSize: number, reads: BackupReads): Reading<DiskContent> {
  const partitionTable = yield* readPartitionTable(guest, virtualSize, reads);
  const partitions = partitionTable.kind === 'mbr' || partitionTable.kind === 'gpt' ? partitionTable.partitions : [];
  const efi = yield* readEfiSystem(partitions, guest);
  return { partitionTable, efi, boot: deriveBoot(partitionTable, efi), system: systemHint(partitionTable, efi) };
}
