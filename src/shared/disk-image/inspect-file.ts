import * as fs from 'node:fs';
import { Inspection, inspectSync } from './inspection';
import { Expectation } from './judge/finding';
import { nodeInflate } from './reading/node-inflate';

/**
 * Inspects a local file, named in findings as the expectation says.
 *
 * @throws the error of `node:fs` where the file cannot be read
 */
export function inspectFile(path: string, expectation: Expectation): Inspection {
  const file = fs.openSync(path, 'r');
  try {
    const read = (offset: number, size: number) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, fs.readSync(file, bytes, 0, size, offset));
    };
    return inspectSync({ reader: { length: fs.fstatSync(file).size, read }, inflate: nodeInflate, expectation });
  } finally {
    fs.closeSync(file);
  }
}
