import { Annotations, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError, requireText, requireObject, requireOneOf } from './requirements';
import type { DiskContainerConfig } from '../../disk-container';
import { DiskFormat } from '../../disk-format';

/** What `DiskContainer.bind` returned, whoever wrote it. */
export function validateDisk(scope: Construct, disk: DiskContainerConfig): void {
  requireObject(scope, 'The result of bind', disk, 'a DiskContainerConfig');
  requireOneOf(scope, 'The format of a disk container', disk.format, Object.values(DiskFormat));
  requireText(scope, 'The description of a disk container', disk.description);
  requireText(scope, 'The deviceName of a disk container', disk.deviceName);
  if (disk.deviceName !== undefined && /^(?:sd|xvd|hd|nvme)[a-z0-9]*$/.test(disk.deviceName) && !/^xvd[a-z]{1,2}$/.test(disk.deviceName)) {
    Annotations.of(scope).addWarningV2('cdk-vm-import:deviceName', `The deviceName ${disk.deviceName} is not a path: use /dev/${disk.deviceName}.`);
  }
  const object = disk.bucket !== undefined && disk.objectKey !== undefined;
  const sources = [disk.snapshotId !== undefined, disk.url !== undefined || object].filter(Boolean);
  if (sources.length !== 1) {
    throw new ValidationError(
      `A disk container is bound to ${sources.length === 0 ? 'nothing' : 'a snapshot and to an object'}: return either snapshotId, or url, or bucket and objectKey from bind.`,
      scope,
    );
  }
  if (disk.deleteSourceOnSuccess && !object) {
    throw new ValidationError('deleteSourceOnSuccess is set for a disk container without an object in a bucket: remove it.', scope);
  }
}

/** Refuses disks that VM Import/Export does not import, and disks that exclude each other. */
export function validateDisks(scope: Construct, disks: readonly DiskContainerConfig[]): void {
  if (disks.some(({ format }) => format === DiskFormat.QCOW2)) {
    throw new ValidationError('The format of a disk is QCOW2, which VM Import/Export does not import: use VmImportAmi, or convert it (qemu-img convert -O raw).', scope);
  }
  if (disks.some(({ ovaDisk }) => ovaDisk !== undefined)) {
    throw new ValidationError('ovaDisk is set, but VmImportImage imports all disks of an OVA: remove it, or use VmImportAmi.', scope);
  }
  const devices = disks.flatMap(({ deviceName }) => (deviceName === undefined || Token.isUnresolved(deviceName) ? [] : [deviceName]));
  const twice = devices.find((device, index) => devices.indexOf(device) !== index);
  if (twice !== undefined) {
    throw new ValidationError(`Two disk containers have the deviceName ${twice}: use a different one for each disk.`, scope);
  }
}
