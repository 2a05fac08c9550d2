/** What exists of a snapshot, asked of AWS on every pass. While its blocks are written, that is one call. */
import { DescribeExecutionCommand, GetExecutionHistoryCommand, type DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import type { CopyObserved, SnapshotObserved, SnapshotSeen } from './decide';
import type { SnapshotRequest } from './request';
import { FATAL_DISK_COPY_ERRORS, type DiskCopyInput, type DiskCopyTotal } from '../../src/shared/contract/disk-copy';
import { ARCHITECTURE_TAG, BOOT_MODE_TAG, ID_TAG, SOURCE_ETAG_TAG } from '../../src/shared/contract/names';
import type { BootAttributes, SnapshotResourceAttributes } from '../../src/shared/contract/snapshot-resource';
import type { Aws } from '../aws/clients';
import { list, text } from '../aws/fields';
import { snapshotsOfImport, type Snapshot } from '../aws/snapshots';
import { tagChange } from '../aws/tags';

/** One snapshot as every pass sees it. */
export interface SnapshotResource {
  readonly id: string;
  readonly request: SnapshotRequest;
}

/** What an execution is asked of. */
type StepFunctions = Pick<Aws, 'stepFunctions' | 'signal'>;

/** What was seen, for the decision, and what the resource answers once the snapshot is completed. */
export interface Seen extends SnapshotSeen {
  readonly attributes: Readonly<Record<string, string>>;
}

export async function observeSnapshot(aws: Aws, resource: SnapshotResource, now: number): Promise<Seen> {
  const copy = await lastCopy(aws, resource, now);
  if (copy.kind === 'running') {
    // The copy leads to its snapshot: there is nothing to decide before it ends.
    return { snapshot: { kind: 'none' }, copy, attributes: {} };
  }
  const snapshots = (await snapshotsOfImport(aws, resource.id)).filter((snapshot) => snapshot.importId === resource.id);
  const completed = snapshots.find(({ state }) => state === 'completed');
  return {
    snapshot: snapshotObserved(resource, snapshots, completed),
    copy,
    attributes: completed === undefined ? {} : { ...attributesOf(completed) },
  };
}

function attributesOf({ id, volumeSize, tags }: Snapshot): SnapshotResourceAttributes & Partial<BootAttributes> {
  const Architecture = tags[ARCHITECTURE_TAG];
  return {
    SnapshotId: id,
    VolumeSize: String(volumeSize),
    ...(Architecture === undefined ? {} : { Architecture, BootMode: text(tags[BOOT_MODE_TAG]) }),
  };
}

function snapshotObserved({ id, request }: SnapshotResource, snapshots: readonly Snapshot[], completed: Snapshot | undefined): SnapshotObserved {
  if (completed !== undefined) {
    const change = tagChange({ kind: 'ec2', resource: 'snapshot', id: completed.id }, completed.tags, { ...request.tags, [ID_TAG]: id }, request.retiredTagKeys);
    return { kind: 'completed', snapshotId: completed.id, tagChanges: change === undefined ? [] : [change] };
  }
  const pending = snapshots.find(({ state }) => state === 'pending');
  if (pending !== undefined) {
    return { kind: 'pending', snapshotId: pending.id, eTag: text(pending.tags[SOURCE_ETAG_TAG]) };
  }
  const [spoiled] = snapshots;
  return spoiled === undefined ? { kind: 'none' } : { kind: 'error', snapshotId: spoiled.id, reason: spoiled.stateReason };
}

/** The last attempt. The n-th one is not started before the one before it has failed. */
async function lastCopy(aws: Aws, resource: SnapshotResource, now: number): Promise<CopyObserved> {
  let last: CopyObserved = { kind: 'none' };
  for (let attempt = 1; ; attempt++) {
    const execution = await describeExecution(aws, executionArn(resource, attempt));
    if (execution === undefined) {
      return last;
    }
    last = await copyObserved(aws, execution, attempt, now);
    if (last.kind !== 'failed') {
      return last;
    }
  }
}

/**
 * The name of an execution says which attempt it is, so that the same attempt is never started twice. It begins with the UUID of the
 * stack, which the permissions of the provider name, and has at most the 80 characters that Step Functions takes.
 */
export function executionName(id: string, attempt: number): string {
  return `${id.replace(/^vm-import-/, '')}-${attempt}`;
}

export function executionArn({ id, request: { stateMachineArn } }: SnapshotResource, attempt: number): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(id, attempt)}`;
}

export async function describeExecution(aws: StepFunctions, arn: string): Promise<DescribeExecutionOutput | undefined> {
  try {
    return await aws.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }), { abortSignal: aws.signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') {
      return undefined;
    }
    throw error;
  }
}

async function copyObserved(aws: Aws, execution: DescribeExecutionOutput, attempt: number, now: number): Promise<CopyObserved> {
  switch (execution.status) {
    case 'RUNNING':
      return { kind: 'running', attempt, progress: String(await percentOf(aws, execution)) };
    case 'SUCCEEDED': {
      const total: DiskCopyTotal = JSON.parse(text(execution.output));
      return { kind: 'succeeded', attempt, total, ago: (now - Number(execution.stopDate)) / 1_000 };
    }
    default:
      return { kind: 'failed', attempt, ...failureOf(execution) };
  }
}

/** Events that a shard adds to the history: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const EVENTS_PER_SHARD = 7;

/** Returns the percent that an execution has done, estimated from the number of its last event: nothing else tells how far a Map is. */
export async function percentOf(aws: StepFunctions, { executionArn: arn, input }: DescribeExecutionOutput): Promise<number> {
  const { shards }: DiskCopyInput = JSON.parse(text(input));
  const { events } = await aws.stepFunctions.send(
    new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1, reverseOrder: true, includeExecutionData: false }),
    { abortSignal: aws.signal },
  );
  const [last] = list(events);
  return Math.min(99, Math.floor((100 * Number(last?.id ?? 0)) / (shards.length * EVENTS_PER_SHARD)));
}

/** What a function threw, in its own words. */
function failureOf({ status, error, cause }: DescribeExecutionOutput): { readonly reason: string; readonly again: 'worth-a-try' | 'in-vain' } {
  const again = FATAL_DISK_COPY_ERRORS.some((fatal) => fatal === error) || status === 'ABORTED' ? 'in-vain' : 'worth-a-try';
  return { reason: `The disk could not be copied: ${messageOf(cause) ?? String(status)}`, again };
}

/** A Lambda function that throws gives `{"errorType", "errorMessage", "trace"}` as the cause. */
function messageOf(cause: string | undefined): string | undefined {
  try {
    const { errorMessage }: { readonly errorMessage?: string } = JSON.parse(text(cause));
    return errorMessage;
  } catch {
    return cause;
  }
}
