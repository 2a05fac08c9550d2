import { Expectation, Inflate, Inspection, inspectSync, LIMITS, SyncReader } from '../../../src/shared/disk-image';
import { nodeInflate } from '../../../src/shared/disk-image/reading/node-inflate';
import { SparseFile } from '../../disk-images/sparse-file';

/** An archive may cost as much for itself, and for each of its disks. */
const MOST_LOOKS = 25;

/** A reader that fails the test that leaves the file or reads more than the limits allow. */
export function strictReader(file: SparseFile): SyncReader {
  let reads = 0;
  let bytes = 0;
  return {
    length: file.length,
    read(offset, size) {
      reads += 1;
      bytes += size;
      if (!Number.isInteger(offset) || !Number.isInteger(size) || offset < 0 || size <= 0 || offset + size > file.length) {
        throw new Error(`read of ${size} bytes at ${offset} of a file of ${file.length}`);
      }
      if (reads > LIMITS.reads * MOST_LOOKS || bytes > LIMITS.bytes * MOST_LOOKS) throw new Error(`${reads} reads of ${bytes} bytes`);
      return file.read(offset, size);
    },
  };
}

export function inspect(file: SparseFile | Uint8Array, expectation: Partial<Expectation> = {}, inflate: Inflate = nodeInflate): Inspection {
  const seen = inspectSync({
    reader: strictReader(file instanceof SparseFile ? file : SparseFile.ofBytes(file)),
    inflate,
    expectation: { fileName: 'disk.img', role: 'image', ...expectation },
  });
  const looks = seen.format === 'OVA' ? 1 + seen.disks.length : 1;
  expect(seen.cost.reads).toBeLessThanOrEqual(LIMITS.reads * looks);
  expect(seen.cost.bytes).toBeLessThanOrEqual(LIMITS.bytes * looks);
  return seen;
}

export function codes({ findings }: Inspection): string[] {
  return findings.map(({ code }) => code);
}

/** The partition table of an image that has one. */
export function tableOf(inspection: Inspection): unknown {
  return 'partitionTable' in inspection ? inspection.partitionTable : undefined;
}
