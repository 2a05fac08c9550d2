import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DiskFormat } from '../../disk-format';
import { formatOfName, KNOWN_EXTENSIONS } from '../../shared/disk-image/import-format';
import { ValidationError } from '../validation/requirements';

const COMPRESSED = 'is compressed: decompress it first';
const NO_DISK_IMAGE: Readonly<Record<string, string>> = {
  '7z': COMPRESSED,
  'bz2': COMPRESSED,
  'gz': COMPRESSED,
  'iso': 'is a CD image, not a disk: install the system into a disk image, and import that',
  'ovf': 'is a descriptor without its disks: pack it together with them as an OVA, or name the disks themselves',
  'qed': 'has a format that cannot be imported: convert it with qemu-img convert -O raw',
  'vdi': 'has a format that cannot be imported: convert it with qemu-img convert -O raw',
  'xz': COMPRESSED,
  'zip': COMPRESSED,
  'zst': COMPRESSED,
};

/**
 * Returns the format that the extension of a file stands for. A name that only partly consists of tokens, such as
 * `exports/${parameter}.ova`, still has its extension. A file without a known one is an error that says what the file is.
 */
export function inferFormat(scope: Construct, fileName: string): DiskFormat {
  const text = Token.isUnresolved(fileName) ? fileName.replace(/\$\{Token\[[^\]]*\]\}/g, '') : fileName;
  const inferred = formatOfName(text);
  const format = Object.values(DiskFormat).find((known) => known === inferred);
  if (format !== undefined) {
    return format;
  }
  if (fileName.endsWith('/')) {
    throw new ValidationError(`${fileName} is a folder: use the key of a disk image in it.`, scope);
  }
  const name = Token.isUnresolved(fileName) ? 'a name that is only known at deployment' : fileName;
  const otherwise = NO_DISK_IMAGE[text.slice(text.lastIndexOf('.') + 1).toLowerCase()];
  throw new ValidationError(
    otherwise === undefined
      ? `The format of ${name} cannot be inferred, as its extension is not one of ${KNOWN_EXTENSIONS}: set the option format.`
      : `${name} ${otherwise}.`,
    scope,
  );
}
