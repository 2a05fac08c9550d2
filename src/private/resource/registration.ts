import { IResolvable } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { launchPermissionProperties } from './ami-resource';
import { DiskSnapshot } from './disk-snapshot';
import { WrittenObject } from './written';
import { Platform } from '../../image-options';
import { AmiResourceProperties } from '../../shared/contract/ami-resource';
import type { VmImportAmiProps } from '../../vm-import-ami';
import { validateDeviceNames } from '../validation/registration';

/** An AMI to register. */
export interface RegistrationDescription {
  readonly props: VmImportAmiProps;
  readonly boot: DiskSnapshot;
  readonly data: readonly DiskSnapshot[];
  readonly tags: IResolvable;
  /** The name of the import in events. Resolves to nothing if nobody listens. */
  readonly events: IResolvable;
}

/** Returns the properties of the custom resource that registers an AMI. */
export function registrationProperties(
  scope: Construct, { props, boot, data, tags, events }: RegistrationDescription,
): WrittenObject<AmiResourceProperties> {
  const root = props.rootDeviceName ?? boot.deviceName ?? (props.platform === Platform.WINDOWS ? '/dev/sda1' : '/dev/xvda');
  const devices = [{ DeviceName: root, disk: boot }, ...namedDevices(root, data)];
  validateDeviceNames(scope, {
    rootDeviceName: props.rootDeviceName,
    bootDeviceName: boot.deviceName,
    deviceNames: devices.map(({ DeviceName }) => DeviceName),
  });
  return {
    Registration: {
      Architecture: boot.attribute('Architecture'),
      BootMode: boot.attribute('BootMode'),
      RootDeviceName: root,
      EnaSupport: props.enaSupport ?? true,
      TpmSupport: props.tpm === true ? 'v2.0' : undefined,
      UefiData: props.uefiData,
      ImdsSupport: props.imdsv2 === false ? undefined : 'v2.0',
      BlockDeviceMappings: devices.map(({ DeviceName, disk }) => ({ DeviceName, SnapshotId: disk.snapshotId, VolumeType: props.volumeType ?? 'gp3' })),
    },
    Name: props.amiName,
    Description: props.description,
    LaunchPermissions: props.launchPermissions && launchPermissionProperties(props.launchPermissions),
    DeprecateAt: props.deprecateAt,
    DeregistrationProtection: props.deregistrationProtection && `${props.deregistrationProtection}`,
    LiftProtection: props.liftProtectionOnDelete === true ? true : undefined,
    Tags: tags,
    Events: events,
  };
}

/** EC2 recommends /dev/sdf and the following for data volumes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
function namedDevices(root: string, data: readonly DiskSnapshot[]) {
  const taken = new Set([root, ...data.map(({ deviceName }) => deviceName)]);
  const free = [...'fghijklmnopqrstuvwxyz'].map((letter) => `/dev/sd${letter}`).filter((name) => !taken.has(name));
  return data.map((disk) => ({ DeviceName: disk.deviceName ?? String(free.shift()), disk }));
}
