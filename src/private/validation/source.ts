import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError, requireList, shown } from './requirements';
import type { DiskContainer } from '../../disk-container';
import { Platform } from '../../image-options';
import { MOST_DISKS } from '../../shared/contract/limits';
import type { VmImportImageProps } from '../../vm-import-image';

/** What only ImportImage takes, which does not run for a task that somebody already ran. */
const IMPORT_IMAGE_ONLY = [
  'architecture',
  'bootMode',
  'clientData',
  'encrypted',
  'encryptionKey',
  'hypervisor',
  'importDescription',
  'licenseConfigurationArns',
  'licenseType',
  'maxAttempts',
  'role',
  'usageOperation',
] as const satisfies readonly (keyof VmImportImageProps)[];

/** Where the AMI comes from: disks, or a task that somebody already ran. */
export type GivenSource =
  | { readonly kind: 'disks'; readonly diskContainers: readonly DiskContainer[] }
  | { readonly kind: 'task'; readonly importTaskId: string };

/** The one source that is given. */
export function validateSource(scope: Construct, props: VmImportImageProps): GivenSource {
  const { diskContainers, importTaskId } = props;
  if (diskContainers !== undefined && importTaskId !== undefined) {
    throw new ValidationError('Both diskContainers and importTaskId are set: set only one of them.', scope);
  }
  if (diskContainers !== undefined) {
    validateDisks(scope, diskContainers, props.platform);
    return { kind: 'disks', diskContainers };
  }
  if (importTaskId !== undefined) {
    validateTask(scope, importTaskId, props);
    return { kind: 'task', importTaskId };
  }
  throw new ValidationError('Neither diskContainers nor importTaskId is set: set exactly one of them.', scope);
}

function validateDisks(scope: Construct, disks: readonly Partial<DiskContainer>[], platform: Platform): void {
  requireList(scope, 'diskContainers', disks);
  const count = disks.length;
  if (count === 0 || count > MOST_DISKS) {
    throw new ValidationError(
      `There are ${count} disk containers, but an import has 1 to ${MOST_DISKS}: ${count === 0 ? 'add at least one' : 'remove some, and attach them as volumes'}.`,
      scope,
    );
  }
  const wrong = disks.findIndex((disk?: Partial<DiskContainer>) => typeof disk?.bind !== 'function');
  if (wrong >= 0) {
    throw new ValidationError(
      `The disk container ${wrong + 1} is ${shown(disks[wrong])}: use one that DiskContainer.fromBucket, fromAsset, fromSnapshot or fromUrl makes.`,
      scope,
    );
  }
  if (platform === Platform.MACOS) {
    throw new ValidationError('platform is macOS, but EC2 does not import disks of macOS: set importTaskId, or use another platform.', scope);
  }
}

function validateTask(scope: Construct, importTaskId: string, props: VmImportImageProps): void {
  if (!Token.isUnresolved(importTaskId) && !/^import-ami-[0-9a-z]{8,17}$/.test(importTaskId)) {
    throw new ValidationError(
      `${JSON.stringify(importTaskId)} is not the id of an EC2 import task: use one like import-ami-0123456789abcdef0.`,
      scope,
    );
  }
  const idle = IMPORT_IMAGE_ONLY.find((name) => props[name] !== undefined);
  if (idle !== undefined) {
    throw new ValidationError(`${idle} has no effect on the import task ${importTaskId}, which already ran: remove it.`, scope);
  }
}
