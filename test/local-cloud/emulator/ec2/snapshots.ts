import type { DeleteSnapshotRequest, DescribeSnapshotsRequest, DescribeSnapshotsResult, Snapshot } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call, isVisible, listed } from '../call';
import { SnapshotResource } from '../world';
import { checkPaging, describePage } from './describe-page';
import { checkDryRun } from './dry-run';
import { filterBy } from './filters';
import { amiUsing } from './images';
import { tagList } from './tags';

const FILTERS = ['description', 'encrypted', 'owner-id', 'progress', 'snapshot-id', 'start-time', 'status', 'volume-id', 'volume-size'];

export function describeSnapshots(request: DescribeSnapshotsRequest, call: Call): DescribeSnapshotsResult {
  checkDryRun(request.DryRun);
  const { SnapshotIds: ids, OwnerIds: owners } = request;
  checkPaging(request, ids, { min: 5, max: 1000 });
  const named = ids?.length
    ? [...new Set(ids)].map((id) => snapshotNamed(id, call))
    : listed(call, call.world.snapshots, call.world.deletedSnapshots);
  const owned = named.filter(() => !owners?.length || owners.some((owner) => owner === 'self' || owner === call.world.settings.account));
  const found = filterBy(owned, request.Filters, FILTERS, (snapshot) => ({ tags: snapshot.tags, fields: fieldsOf(snapshot) }));
  const page = describePage(found, request, call);
  page.items.forEach(({ id }) => call.touched.add(id));
  return { Snapshots: page.items.map(describe), NextToken: page.nextToken };
}

export function deleteSnapshot(request: DeleteSnapshotRequest, call: Call): undefined {
  const snapshot = snapshotNamed(request.SnapshotId ?? '', call);
  checkDryRun(request.DryRun);
  const ami = amiUsing(snapshot.id, call);
  if (ami) {
    throw new AwsError('InvalidSnapshot.InUse', `The snapshot ${snapshot.id} is currently in use by ${ami.id}`);
  }
  call.world.deleteSnapshot(snapshot);
  call.touched.add(snapshot.id);
  return undefined;
}

export function snapshotNamed(id: string, call: Call): SnapshotResource {
  if (!/^snap-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id)) {
    throw new AwsError('InvalidSnapshotID.Malformed', `Invalid id: "${id}" (expecting "snap-...")`);
  }
  const snapshot = call.world.snapshots.get(id);
  if (!snapshot || !isVisible(call, 'get', snapshot)) {
    throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
  }
  return snapshot;
}

function describe({ id, description, tags }: SnapshotResource): Snapshot {
  return { SnapshotId: id, ...description, Tags: tagList(tags) };
}

function fieldsOf({ id, description }: SnapshotResource): Record<string, readonly string[]> {
  return {
    'description': [description.Description ?? ''],
    'encrypted': [String(description.Encrypted)],
    'owner-id': [description.OwnerId ?? ''],
    'progress': [description.Progress ?? ''],
    'snapshot-id': [id],
    'start-time': [description.StartTime?.toISOString() ?? ''],
    'status': [description.State ?? ''],
    'volume-id': [description.VolumeId ?? ''],
    'volume-size': [String(description.VolumeSize)],
  };
}
