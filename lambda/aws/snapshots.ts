import { DescribeSnapshotsCommand, type Snapshot as SnapshotDescription } from '@aws-sdk/client-ec2';
import { unlessMissing } from './errors';
import { list, text, type Described } from './fields';
import { fromEc2Tags, type Tags } from './tags';
import { ID_TAG } from '../../src/shared/contract/names';

/** A snapshot as EC2 describes it. */
export interface Snapshot {
  readonly id: string;
  readonly state: 'pending' | 'completed' | 'error';
  /** Says why the state is `error`. */
  readonly stateReason: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** GiB. */
  readonly volumeSize: number;
  readonly encryption: 'encrypted' | 'none';
  readonly keyId?: string;
  readonly tags: Tags;
  /** Empty if the snapshot does not have the id tag. */
  readonly importId: string;
}

/** Returns the account's own snapshots whose import id matches a filter pattern of EC2, in which `*` matches anything. */
export async function snapshotsOfImport(aws: Described, pattern: string): Promise<Snapshot[]> {
  return describeSnapshots(aws, [{ Name: `tag:${ID_TAG}`, Values: [pattern] }]);
}

/** Returns those of the snapshots that exist. It uses a filter, because a request for a missing id is an error. */
export async function snapshotsByIds(aws: Described, ids: readonly string[]): Promise<Snapshot[]> {
  return ids.length === 0 ? [] : describeSnapshots(aws, [{ Name: 'snapshot-id', Values: [...ids] }]);
}

/** Returns whether a snapshot exists, by a read of its id. */
export async function snapshotExists(aws: Described, id: string): Promise<boolean> {
  const found = await unlessMissing(aws.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }), { abortSignal: aws.signal }));
  return found !== undefined;
}

/** EC2 recommends pages: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html */
const PAGE = 1_000;

async function describeSnapshots(aws: Described, Filters: { Name: string; Values: string[] }[]): Promise<Snapshot[]> {
  const found: SnapshotDescription[] = [];
  let NextToken: string | undefined;
  do {
    const request = new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters, MaxResults: PAGE, NextToken });
    const page = await aws.ec2.send(request, { abortSignal: aws.signal });
    found.push(...list(page.Snapshots));
    NextToken = page.NextToken;
  } while (NextToken);
  return found.map(snapshotOf);
}

function snapshotOf(snapshot: SnapshotDescription): Snapshot {
  const tags = fromEc2Tags(snapshot.Tags);
  return {
    id: text(snapshot.SnapshotId),
    state: stateOf(snapshot.State),
    stateReason: text(snapshot.StateMessage),
    createdAt: Number(snapshot.StartTime),
    volumeSize: Number(snapshot.VolumeSize),
    encryption: snapshot.Encrypted ? 'encrypted' : 'none',
    keyId: snapshot.KmsKeyId,
    tags,
    importId: text(tags[ID_TAG]),
  };
}

/** A snapshot in the recycle bin, or on its way back from it, is not there for now. */
function stateOf(state: string | undefined): Snapshot['state'] {
  return state === 'completed' || state === 'error' ? state : 'pending';
}
