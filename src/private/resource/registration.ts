import { IResolvable } from 'aws-cdk-lib';
import { launchPermissionProperties } from './ami-resource';
import { DiskSnapshot } from './disk-snapshot';
import { WrittenObject } from './written';
import { Platform } from '../../image-options';
import { AmiResourceProperties } from '../../shared/contract/ami-resource';
import type { VmImportAmiProps } from '../../vm-import-ami';

/** An AMI to register. */
export interface RegistrationDescription {
  readonly props: VmImportAmiProps;
  /** The boot disk first. */
  readonly disks: readonly DiskSnapshot[];
  readonly tags: IResolvable;
  /** The name of the import in events. Resolves to nothing if nobody listens. */
  readonly events: IResolvable;
}

/** Returns the properties of the custom resource that registers an AMI. */
export function registrationProperties({ props, disks, tags, events }: RegistrationDescription): WrittenObject<AmiResourceProperties> {
  const [boot] = disks;
  const rootDeviceName = rootDeviceNameOf(props);
  const deviceNames = deviceNamesOf(rootDeviceName, disks);
  return {
    Registration: {
      Architecture: boot?.architecture ?? '',
      BootMode: boot?.bootMode ?? '',
      RootDeviceName: rootDeviceName,
      EnaSupport: props.enaSupport ?? true,
      TpmSupport: props.tpm === true ? 'v2.0' : undefined,
      UefiData: props.uefiData,
      ImdsSupport: props.imdsv2 === false ? undefined : 'v2.0',
      BlockDeviceMappings: disks.map((disk, index) => ({
        DeviceName: deviceNames[index] ?? '',
        SnapshotId: disk.snapshotId,
        VolumeType: props.volumeType ?? 'gp3',
      })),
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

function rootDeviceNameOf({ platform, rootDeviceName }: VmImportAmiProps): string {
  return rootDeviceName ?? (platform === Platform.WINDOWS ? '/dev/sda1' : '/dev/xvda');
}

/** EC2 recommends /dev/sd[f-p] for data volumes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
function deviceNamesOf(rootDeviceName: string, [, ...data]: readonly DiskSnapshot[]): string[] {
  const taken = new Set([rootDeviceName, ...data.flatMap(({ deviceName }) => deviceName ?? [])]);
  const free = [...'fghijklmnopqrstuvwxyz'].map((letter) => `/dev/sd${letter}`).filter((name) => !taken.has(name));
  return [rootDeviceName, ...data.map(({ deviceName }) => deviceName ?? free.shift() ?? '')];
}
