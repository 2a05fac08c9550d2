/** One pass towards no snapshot being left: stop what writes it, delete it, look again. */
import { DeleteSnapshotCommand } from '@aws-sdk/client-ec2';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describeExecution, executionArn, type SnapshotResource } from './observe';
import type { Aws } from '../aws/clients';
import { unlessHeld } from '../aws/errors';
import { snapshotsOfImport } from '../aws/snapshots';
import type { PassResult } from '../aws/wait-out-errors';
import { DELETE_SETTLES_AFTER } from '../timing';

export async function removeSnapshot(aws: Aws, resource: SnapshotResource, elapsed: number): Promise<PassResult> {
  await stopCopies(aws, resource);
  const snapshots = (await snapshotsOfImport(aws, resource.id)).filter((snapshot) => snapshot.importId === resource.id);
  for (const { id } of snapshots) {
    const holder = await unlessHeld(() => aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), { abortSignal: aws.signal }));
    if (holder !== undefined) {
      return { kind: 'wait', on: `snapshot ${id} is held: ${holder}` };
    }
  }
  // A snapshot that stands complete was the last thing that this import started. Otherwise one may not be listed yet.
  return snapshots.some(({ state }) => state === 'completed') || elapsed >= DELETE_SETTLES_AFTER
    ? { kind: 'done', attributes: {} }
    : { kind: 'wait', on: 'a second look, whether EC2 lists nothing of this snapshot', settles: true };
}

/** Stops the execution that runs. The functions it has called end by themselves: they find no snapshot to write to. */
async function stopCopies(aws: Aws, resource: SnapshotResource): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const arn = executionArn(resource, attempt);
    const execution = await describeExecution(aws, arn);
    if (execution === undefined) {
      return;
    }
    if (execution.status === 'RUNNING') {
      await aws.stepFunctions.send(new StopExecutionCommand({ executionArn: arn }), { abortSignal: aws.signal });
    }
  }
}
