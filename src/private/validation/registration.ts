import { Annotations, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { validateAmi } from './ami';
import { requireList, requireOneOf, requirePlatform, ValidationError } from './requirements';
import { Architecture, BootMode, Platform } from '../../image-options';
import type { VmImportAmiProps } from '../../vm-import-ami';

/** Disks of one AMI: the root device, and /dev/sdf to /dev/sdz. */
const MOST_DISKS = 21;
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html */
const ARCHITECTURES = [Architecture.X86_64, Architecture.ARM64];
const VOLUME_TYPES = [ec2.EbsDeviceVolumeType.GP3, ec2.EbsDeviceVolumeType.GP2, ec2.EbsDeviceVolumeType.STANDARD, ec2.EbsDeviceVolumeType.SC1, ec2.EbsDeviceVolumeType.ST1];
const DEVICE = /^(\/dev\/sda1|\/dev\/xvda|\/dev\/sd[b-z][1-9]?|\/dev\/xvd[a-z]{1,2})$/;
/** 64 KiB in base64. */
const MOST_UEFI_DATA = 87_384;
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html (UefiData) */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Refuses what EC2 would refuse to register, and warns of what it would register in vain. */
export function validateRegistration(scope: Construct, props: VmImportAmiProps): void {
  const { architecture, bootMode, diskContainers, platform = Platform.LINUX, rootDeviceName, tpm, uefiData, volumeType } = props;
  requireList(scope, 'diskContainers', diskContainers);
  if (diskContainers.length === 0 || diskContainers.length > MOST_DISKS) {
    throw new ValidationError(`There are ${diskContainers.length} disk containers, but an AMI has 1 to ${MOST_DISKS}: set the boot disk first, then data disks.`, scope);
  }
  requirePlatform(scope, platform);
  requireOneOf(scope, 'architecture', architecture, ARCHITECTURES);
  requireOneOf(scope, 'bootMode', bootMode, Object.values(BootMode));
  requireOneOf(scope, 'volumeType', volumeType, VOLUME_TYPES);
  if (platform === Platform.MACOS) {
    throw new ValidationError('platform is macOS, which needs an AMI of Apple hardware that EC2 does not register from a disk: use LINUX or WINDOWS.', scope);
  }
  if (architecture === Architecture.ARM64 && bootMode !== undefined && bootMode !== BootMode.UEFI) {
    throw new ValidationError(`bootMode is ${bootMode}, but ARM machines boot by UEFI only: remove bootMode, or use UEFI.`, scope);
  }
  if (rootDeviceName !== undefined && !Token.isUnresolved(rootDeviceName) && !DEVICE.test(rootDeviceName)) {
    throw new ValidationError(`rootDeviceName is ${JSON.stringify(rootDeviceName)}: use /dev/xvda or /dev/sda1.`, scope);
  }
  const needsUefi = tpm === true ? 'tpm' : uefiData === undefined ? undefined : 'uefiData';
  if (needsUefi !== undefined && bootMode === BootMode.LEGACY_BIOS) {
    throw new ValidationError(`${needsUefi} requires UEFI, but bootMode is legacy-bios: remove one of them.`, scope);
  }
  if (uefiData !== undefined && !Token.isUnresolved(uefiData) && (!BASE64.test(uefiData) || uefiData.length > MOST_UEFI_DATA)) {
    throw new ValidationError('uefiData is not base64 of at most 64 KiB: use the output of python-uefivars.', scope);
  }
  validateAmi(scope, props, { ...props, name: props.amiName, requireImdsv2: props.imdsv2 });
  if (platform === Platform.WINDOWS) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:windowsAsItIs',
      'A Windows disk that is copied as it is has neither the billing codes of AWS nor the drivers of EC2: use VmImportImage for Windows.',
    );
  }
}
