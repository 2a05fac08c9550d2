import { Token } from 'aws-cdk-lib';
import { DiskFormat } from '../../disk-format';
import { formatOfName } from '../../shared/disk-image/import-format';

/**
 * Returns the format that a file name stands for. A name that only partly consists of tokens, such as
 * `exports/${parameter}.ova`, still has its extension.
 */
export function formatOf(fileName: string): DiskFormat | undefined {
  const format = formatOfName(Token.isUnresolved(fileName) ? fileName.replace(/\$\{Token\[[^\]]*\]\}/g, '') : fileName);
  return Object.values(DiskFormat).find((known) => known === format);
}
