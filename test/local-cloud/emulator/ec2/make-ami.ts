import { PlatformValues } from '@aws-sdk/client-ec2';
import type { BlockDeviceMapping, ImportImageRequest } from '@aws-sdk/client-ec2';
import { encryptionOf } from '../encryption';
import type { AmiResource, SnapshotResource, World } from '../world';
import type { ImportTask } from './task';

const GIB = 1024 ** 3;

/** What a completed import leaves: an AMI named like its task, and a new snapshot per disk. */
export function makeAmi(task: ImportTask, at: number, world: World): { ami: AmiResource; snapshots: readonly SnapshotResource[] } {
  const { request } = task;
  const id = world.newId('ami');
  const snapshots = makeSnapshots(task, at, world);
  const windows = request.Platform === 'Windows';
  return {
    snapshots,
    ami: {
      kind: 'ami',
      id,
      serial: world.newSerial(),
      createdAt: at,
      tags: tagsFrom(task, world),
      snapshotIds: snapshots.map((snapshot) => snapshot.id),
      launchPermissions: [],
      description: {
        Architecture: architectureOf(request),
        BlockDeviceMappings: snapshots.map((snapshot, index) => mappingOf(request, snapshot, index)),
        BootMode: request.BootMode,
        CreationDate: new Date(at).toISOString(),
        Description: `AWS-VMImport service: ${request.Platform ?? 'Linux'} - ${task.id}`,
        EnaSupport: true,
        Hypervisor: 'xen',
        ImageLocation: `${world.settings.account}/${task.id}`,
        ImageType: 'machine',
        Name: task.id,
        OwnerId: world.settings.account,
        Platform: windows ? PlatformValues.Windows : undefined,
        PlatformDetails: windows ? 'Windows' : 'Linux/UNIX',
        Public: false,
        RootDeviceName: deviceName(request, 0),
        RootDeviceType: 'ebs',
        State: 'available',
        UsageOperation: usageOperationOf(request),
        VirtualizationType: 'hvm',
      },
    },
  };
}

export function makeSnapshots(task: ImportTask, at: number, world: World): readonly SnapshotResource[] {
  return (task.request.DiskContainers ?? []).map((_, index) => makeSnapshot(task, index, at, world));
}

export function architectureOf(request: ImportImageRequest): 'i386' | 'x86_64' {
  return request.Architecture === 'i386' ? 'i386' : 'x86_64';
}

/**
 * RunInstances:0002 is Windows with the licence included, :0800 Windows that brings its own.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html
 */
export function usageOperationOf({ UsageOperation, Platform, LicenseType }: ImportImageRequest): string {
  if (UsageOperation) {
    return UsageOperation;
  }
  if (Platform !== 'Windows') {
    return 'RunInstances';
  }
  return LicenseType === 'BYOL' ? 'RunInstances:0800' : 'RunInstances:0002';
}

function tagsFrom(task: ImportTask, world: World): Map<string, string> {
  return new Map(world.answer('taskTags') === 'reach' ? task.tags : []);
}

function makeSnapshot(task: ImportTask, index: number, at: number, world: World): SnapshotResource {
  const { request } = task;
  const sourceId = request.DiskContainers?.[index]?.SnapshotId;
  const source = sourceId ? world.snapshots.get(sourceId) : undefined;
  const read = task.disks.kind === 'read' ? task.disks.digests[index] : undefined;
  const encryption = encryptionOf(world.settings, { encrypted: request.Encrypted ?? source?.description.Encrypted, key: request.KmsKeyId });
  return {
    kind: 'snapshot',
    id: world.newId('snap'),
    serial: world.newSerial(),
    createdAt: at,
    tags: tagsFrom(task, world),
    origin: 'import',
    description: {
      Description: `Created by AWS-VMImport service for ${task.id}`,
      Encrypted: encryption.encrypted,
      KmsKeyId: encryption.key,
      OwnerId: world.settings.account,
      Progress: '100%',
      StartTime: new Date(at),
      State: 'completed',
      VolumeId: 'vol-ffffffff',
      VolumeSize: source?.description.VolumeSize ?? Math.max(1, Math.ceil((read?.size ?? 0) / GIB)),
    },
  };
}

function mappingOf(request: ImportImageRequest, snapshot: SnapshotResource, index: number): BlockDeviceMapping {
  const { Encrypted, VolumeSize } = snapshot.description;
  return {
    DeviceName: deviceName(request, index),
    Ebs: { DeleteOnTermination: true, Encrypted, SnapshotId: snapshot.id, VolumeSize, VolumeType: 'gp2' },
  };
}

function deviceName(request: ImportImageRequest, index: number): string {
  const given = request.DiskContainers?.[index]?.DeviceName;
  return given ?? (index === 0 ? '/dev/sda1' : `/dev/sd${String.fromCharCode('e'.charCodeAt(0) + index)}`);
}
