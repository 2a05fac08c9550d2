import { BootVerdict } from './boot/boot-verdict';
import { identify } from './formats/identify';
import { bootDiskOf, Image } from './formats/image';
import { Inflate } from './formats/vmdk-sparse';
import { Expectation, Finding, Importer, IMPORTERS } from './judge/finding';
import { judge } from './judge/judge';
import { AsyncReader, runAsync, runSync, SyncReader } from './reading/drivers';
import { ImageFile, Reading } from './reading/image-file';

/** What a file is, and what that means for its import. */
export type Inspection = Image & {
  readonly fileSize: number;
  /**
   * How a machine on EC2 boots from this disk; of an OVA, from its first disk. Unknown if a part of the file is missing.
   * @see describeBoot for the same in words
   */
  readonly boot: BootVerdict;
  /** Gravest first. */
  readonly findings: readonly Finding[];
  /** The constructs that take the disk: VmImportSnapshot takes it as a data disk. */
  readonly takenBy: readonly Importer[];
  /** What the inspection read. */
  readonly cost: { readonly reads: number; readonly bytes: number };
};

/** What a session needs beside the bytes. */
export interface InspectionRequest<Reader> {
  readonly reader: Reader;
  readonly inflate: Inflate;
  readonly expectation: Expectation;
}

/**
 * Inspects a file that can be read at once.
 *
 * @throws only what the reader throws
 */
export function inspectSync({ reader, inflate, expectation }: InspectionRequest<SyncReader>): Inspection {
  return runSync(reader, file => inspect(file, inflate, expectation));
}

/**
 * Inspects a file that answers later.
 *
 * @throws only what the reader throws
 */
export async function inspectAsync({ reader, inflate, expectation }: InspectionRequest<AsyncReader>): Promise<Inspection> {
  return runAsync(reader, file => inspect(file, inflate, expectation));
}

function* inspect(file: ImageFile, inflate: Inflate, expectation: Expectation): Reading<Inspection> {
  const image = yield* identify(file, inflate);
  const takenBy = IMPORTERS.filter((importer) => {
    const role = importer === 'VmImportSnapshot' ? 'data disk' : expectation.role;
    return judge(image, { ...expectation, importer, role }, file.unseen).every(({ severity }) => severity !== 'error');
  });
  const disk = bootDiskOf(image);
  const boot: BootVerdict = disk === undefined || disk.truncated !== undefined ? { kind: 'unknown' } : disk.boot;
  return { ...image, takenBy, boot, fileSize: file.length, findings: judge(image, expectation, file.unseen), cost: file.cost };
}
