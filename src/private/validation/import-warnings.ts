import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DiskContainerConfig } from '../../disk-container';
import { DiskFormat } from '../../disk-format';
import { Architecture, BootMode, LicenseType, Platform } from '../../image-options';
import type { VmImportImageProps } from '../../vm-import-image';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html */
const WINDOWS_LICENSE_FROM_AWS = 'RunInstances:0002';

/** What AWS advises against, or does not document, but may well accept. */
export function addImportWarnings(scope: Construct, props: VmImportImageProps): void {
  const warnings = Annotations.of(scope);
  if (props.importTaskId !== undefined) {
    return;
  }
  if (props.licenseType === undefined && props.usageOperation === undefined) {
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
    warnings.addWarningV2(
      'cdk-vm-import:licenseType',
      'AWS says: "AWS VM Import/Export strongly recommends specifying a value for either the --license-type or --usage-operation parameter when you create a new VM Import task. This ensures your operating system is licensed appropriately and your billing is optimized." Set licenseType or usageOperation.',
    );
  }
  if (isWindowsClient(props) && (props.licenseType === LicenseType.AWS || props.usageOperation === WINDOWS_LICENSE_FROM_AWS)) {
    // https://docs.aws.amazon.com/vm-import/latest/userguide/licensing.html
    warnings.addWarningV2(
      'cdk-vm-import:windowsClientLicense',
      `AWS has no licenses for Windows clients such as ${JSON.stringify(props.osVersion)}, according to its documentation: set licenseType to BYOL, and run the instances on Dedicated Hosts or Dedicated Instances.`,
    );
  }
  if (props.platform === Platform.LINUX && props.architecture === Architecture.I386) {
    warnings.addWarningV2(
      'cdk-vm-import:linuxI386',
      'EC2 imports 64-bit Linux only, according to its documentation: the import will probably fail.',
    );
  }
  if (props.platform === Platform.LINUX && /\bwindows\b/i.test(props.osVersion ?? '')) {
    warnings.addWarningV2('cdk-vm-import:platformOfOsVersion', `platform is Linux, but osVersion is ${JSON.stringify(props.osVersion)}: set platform to WINDOWS.`);
  }
  if (props.bootMode === BootMode.UEFI) {
    addUefiWarnings(warnings, props);
  }
}

/** https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html#vmimport-image-formats */
export function addDiskWarnings(scope: Construct, disks: readonly DiskContainerConfig[]): void {
  if (disks.length > 1 && disks.some(({ format }) => format === DiskFormat.OVA)) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:ovaWithOtherDisks',
      `An OVA is a whole machine with all its disks, but is one of ${disks.length} disk containers, which EC2 documents for single disks only: use the OVA alone, or each disk as VMDK, VHD, VHDX or RAW.`,
    );
  }
}

/** What the operating system is, is told by `osVersion` only, in whatever words. */
function isWindowsClient({ platform, osVersion = '' }: VmImportImageProps): boolean {
  return platform === Platform.WINDOWS && /\bwindows\s+(xp|vista|7|8(\.1)?|10|11)\b/i.test(osVersion);
}

/** https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html#vmimport-boot-modes */
function addUefiWarnings(warnings: Annotations, props: VmImportImageProps): void {
  if (props.encrypted === true || props.encryptionKey !== undefined) {
    warnings.addWarningV2(
      'cdk-vm-import:uefiEncryption',
      'EC2 does not support encryption for UEFI imports, as its documentation has it: import without it, and encrypt a copy of the AMI.',
    );
  }
  if (props.licenseConfigurationArns !== undefined && props.licenseConfigurationArns.length > 0) {
    warnings.addWarningV2(
      'cdk-vm-import:uefiLicenseConfiguration',
      'EC2 does not support license configurations for UEFI imports, as its documentation has it: attach them to the AMI afterwards.',
    );
  }
}
