import { Annotations, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { addAmiWarnings, validateAmi } from './ami';
import { requireObject, requireOneOf, requirePlatform, requireText, shown, ValidationError } from './requirements';
import { requireTypes } from './types';
import type { DiskContainer } from '../../disk-container';
import { Architecture, BootMode, Platform } from '../../image-options';
import type { VmImportAmiProps } from '../../vm-import-ami';

/** The root device, and a data disk for each name from /dev/sdf to /dev/sdz. */
const MOST_DISKS = 22;
/** Current instance types have these architectures: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html */
const ARCHITECTURES = [Architecture.X86_64, Architecture.ARM64];
/**
 * Types of root volumes. Provisioned IOPS types need a number of IOPS, and st1 and sc1 cannot be root volumes.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
 */
const VOLUME_TYPES = [ec2.EbsDeviceVolumeType.GP3, ec2.EbsDeviceVolumeType.GP2, ec2.EbsDeviceVolumeType.STANDARD];
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
const DEVICE = /^\/dev\/(sd[a-z]([1-9]|1[0-5])?|xvd[a-d]?[a-z])$/;
/** Bytes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html (UefiData) */
const MOST_UEFI_DATA = 64 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The disks of an AMI: the boot disk, then data disks. */
interface Disks {
  readonly diskContainers: readonly [DiskContainer, ...DiskContainer[]];
}

/** Refuses what EC2 would refuse to register, and warns of what would not boot. Returns the disks. */
export function validateRegistration(scope: Construct, props: VmImportAmiProps): Disks {
  requireObject(scope, 'The third argument of VmImportAmi', props, 'an object with its properties');
  requireTypes(scope, props);
  const { architecture, bootMode, diskContainers, encryptionKey, platform = Platform.LINUX, volumeType } = props;
  const disks = validateDisks(scope, diskContainers);
  requirePlatform(scope, platform);
  requireOneOf(scope, 'architecture', architecture, ARCHITECTURES);
  requireOneOf(scope, 'bootMode', bootMode, Object.values(BootMode));
  requireOneOf(scope, 'volumeType', volumeType, VOLUME_TYPES);
  if (platform === Platform.MACOS) {
    throw new ValidationError('platform is macOS, whose AMIs EC2 does not register from a disk: use LINUX or WINDOWS.', scope);
  }
  if (architecture === Architecture.ARM64 && bootMode !== undefined && bootMode !== BootMode.UEFI) {
    throw new ValidationError(`bootMode is ${bootMode}, but arm64 boots by UEFI only: use UEFI, or remove bootMode.`, scope);
  }
  validateFirmware(scope, props);
  const options = { ...props, name: props.amiName, requireImdsv2: props.imdsv2 };
  validateAmi(scope, { encrypted: props.encrypted, encryptionKey }, options);
  addAmiWarnings(scope, options, encryptionKey);
  if (platform === Platform.WINDOWS) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:windowsAsItIs',
      'A Windows disk that is copied as it is has neither the billing codes of AWS nor the drivers of EC2: use VmImportImage for Windows.',
    );
  }
  return disks;
}

function validateDisks(scope: Construct, disks: readonly DiskContainer[]): Disks {
  if (!Array.isArray(disks)) {
    throw new ValidationError(`diskContainers is ${shown(disks)}: use a list with the boot disk first.`, scope);
  }
  const [boot, ...data]: readonly DiskContainer[] = disks;
  if (boot === undefined || disks.length > MOST_DISKS) {
    throw new ValidationError(`diskContainers has ${disks.length} disks: use 1 to ${MOST_DISKS}, the boot disk first.`, scope);
  }
  return { diskContainers: [boot, ...data] };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html */
function validateFirmware(scope: Construct, { architecture, bootMode, tpm, uefiData }: VmImportAmiProps): void {
  if (tpm === true && architecture === Architecture.ARM64) {
    throw new ValidationError('tpm is true, but EC2 has no TPM for arm64: remove tpm.', scope);
  }
  if (tpm === true && bootMode !== undefined && bootMode !== BootMode.UEFI) {
    throw new ValidationError(`tpm requires the bootMode UEFI, but bootMode is ${bootMode}: use UEFI, or remove tpm.`, scope);
  }
  if (uefiData === undefined) {
    return;
  }
  if (bootMode === BootMode.LEGACY_BIOS) {
    throw new ValidationError('uefiData requires UEFI, but bootMode is legacy-bios: remove one of them.', scope);
  }
  requireText(scope, 'uefiData', uefiData);
  if (!Token.isUnresolved(uefiData) && (!BASE64.test(uefiData) || Buffer.from(uefiData, 'base64').byteLength > MOST_UEFI_DATA)) {
    throw new ValidationError('uefiData is not base64 of at most 64 KiB: use the output of python-uefivars.', scope);
  }
}

/** The device names of an AMI. */
export interface DeviceNames {
  readonly rootDeviceName?: string;
  /** The name that the disk container of the boot disk has. */
  readonly bootDeviceName?: string;
  /** All names, the root device first. */
  readonly deviceNames: readonly string[];
}

/** Refuses device names that EC2 does not have, and names that two disks have. */
export function validateDeviceNames(scope: Construct, { rootDeviceName, bootDeviceName, deviceNames }: DeviceNames): void {
  if (rootDeviceName !== undefined && bootDeviceName !== undefined && rootDeviceName !== bootDeviceName) {
    throw new ValidationError(`rootDeviceName is ${rootDeviceName}, but the boot disk has the deviceName ${bootDeviceName}: remove one of them.`, scope);
  }
  const known = deviceNames.filter((name) => !Token.isUnresolved(name));
  const wrong = known.find((name) => !DEVICE.test(name));
  if (wrong !== undefined) {
    throw new ValidationError(`${shown(wrong)} is not a device name of EC2: use /dev/xvda or /dev/sda1 for the boot disk, and /dev/sdf to /dev/sdz for data disks.`, scope);
  }
  const twice = known.find((name, index) => known.indexOf(name) < index);
  if (twice !== undefined) {
    throw new ValidationError(`Two disks have the device name ${twice}: use another deviceName for one of them.`, scope);
  }
}
