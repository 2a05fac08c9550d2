import type { CopyImageRequest } from '@aws-sdk/client-ec2';
import { encryptionOf } from '../encryption';
import type { AmiResource, CopyPlan, SnapshotResource, World } from '../world';

/** A copy that has begun: its snapshots stand, but the AMI does not name them until it is available. */
export function makeCopy(
  request: CopyImageRequest, source: AmiResource, plan: CopyPlan, world: World,
): { ami: AmiResource; snapshots: readonly SnapshotResource[] } {
  const now = world.clock.now();
  const tagsOf = (type: string) => new Map((request.TagSpecifications ?? [])
    .filter(({ ResourceType }) => ResourceType === type)
    .flatMap(({ Tags }) => (Tags ?? []).map(({ Key = '', Value = '' }): [string, string] => [Key, Value])));
  const id = world.newId('ami');
  const snapshots = source.snapshotIds.map((from): SnapshotResource => {
    const copied = world.snapshots.get(from)?.description;
    const encryption = encryptionOf(world.settings, { encrypted: request.Encrypted === true || copied?.Encrypted === true, key: request.KmsKeyId });
    return {
      kind: 'snapshot',
      id: world.newId('snap'),
      serial: world.newSerial(),
      createdAt: now,
      tags: tagsOf('snapshot'),
      origin: 'copy',
      description: {
        ...copied,
        Description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id} for SourceSnapshot ${from}`,
        Encrypted: encryption.encrypted,
        KmsKeyId: encryption.key,
        Progress: '0%',
        StartTime: new Date(now),
        State: 'pending',
      },
    };
  });
  const { DeprecationTime, DeregistrationProtection, ...copied } = source.description;
  return {
    snapshots,
    ami: {
      kind: 'ami',
      id,
      serial: world.newSerial(),
      createdAt: now,
      tags: tagsOf('image'),
      launchPermissions: [],
      copy: plan,
      snapshotIds: snapshots.map((snapshot) => snapshot.id),
      description: {
        ...copied,
        BlockDeviceMappings: [],
        CreationDate: new Date(now).toISOString(),
        Description: request.Description,
        ImageLocation: `${world.settings.account}/${request.Name}`,
        Name: request.Name,
        Public: false,
        SourceImageId: source.id,
        SourceImageRegion: request.SourceRegion,
        State: 'pending',
      },
    },
  };
}

/** Ends a copy whose time has come. */
export function endCopy(ami: AmiResource, world: World, now: number): void {
  if (ami.copy === undefined || ami.description.State !== 'pending' || now < ami.copy.endsAt) {
    return;
  }
  const { failure } = ami.copy;
  if (failure !== undefined) {
    ami.description = { ...ami.description, State: 'failed', StateReason: { Code: 'Client.InvalidParameterValue', Message: failure } };
    return;
  }
  const snapshots = ami.snapshotIds.flatMap((id) => world.snapshots.get(id) ?? []);
  for (const snapshot of snapshots) {
    snapshot.description = { ...snapshot.description, Progress: '100%', State: 'completed' };
  }
  ami.description = {
    ...ami.description,
    State: 'available',
    BlockDeviceMappings: snapshots.map(({ id, description }, index) => ({
      DeviceName: index === 0 ? ami.description.RootDeviceName : `/dev/sd${String.fromCharCode('e'.charCodeAt(0) + index)}`,
      Ebs: { DeleteOnTermination: true, Encrypted: description.Encrypted, SnapshotId: id, VolumeSize: description.VolumeSize, VolumeType: 'gp2' },
    })),
  };
}
