import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DiskContainerBindOptions } from '../../disk-container';
import { DiskFormat } from '../../disk-format';
import { expectationOf } from '../../shared/disk-image/expectation';
import { inspectFile } from '../../shared/disk-image/inspect-file';
import { ValidationError } from '../validation/requirements';

/** Looks at a local disk image: what EC2 refuses is an error, and what it may accept a warning. */
export function inspectAsset(scope: Construct, path: string, format: DiskFormat | undefined, options: DiskContainerBindOptions): void {
  const { architecture, bootDisk, bootMode, platform } = options;
  const importer = importerOf(options);
  const role = bootDisk ? 'image' : 'data disk';
  const { findings } = inspectFile(path, expectationOf({ fileName: path, format, architecture, bootMode, platform, importer, role }));
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const sentences = errors.map(({ message, remedy }) => `${message} ${remedy}`).join(' ');
    throw new ValidationError(`${sentences} (preflight: false imports it all the same.)`, scope);
  }
  for (const { code, message, remedy } of findings.filter(({ severity }) => severity === 'warning')) {
    Annotations.of(scope).addWarningV2(`cdk-vm-import:${code}`, `${message} ${remedy}`);
  }
}

function importerOf({ asItIs, bootDisk }: DiskContainerBindOptions): 'VmImportImage' | 'VmImportAmi' | 'VmImportSnapshot' {
  if (asItIs !== true) {
    return 'VmImportImage';
  }
  return bootDisk ? 'VmImportAmi' : 'VmImportSnapshot';
}
