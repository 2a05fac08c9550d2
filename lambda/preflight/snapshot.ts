import { DescribeSnapshotsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { refused, type Look } from './look';
import { kindOf } from '../aws/errors';

/** Whether a snapshot stands, and is complete. */
export async function lookAtSnapshot(ec2: EC2Client, snapshotId: string, signal: AbortSignal): Promise<Look> {
  try {
    const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }), { abortSignal: signal });
    const incomplete = Snapshots.find(({ State }) => State !== 'completed');
    return incomplete === undefined
      ? { kind: 'stands' }
      : refused(`The snapshot ${snapshotId} is not complete (${incomplete.State}, ${incomplete.Progress}): wait until it is.`);
  } catch (error) {
    if (kindOf(error) === 'not-found') {
      return refused(`There is no snapshot ${snapshotId} in this account and Region: check its id.`);
    }
    throw error;
  }
}
