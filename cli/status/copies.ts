/** Disks that are copied into snapshots: what stack events request, what EC2 lists, and how far the state machine is. */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { CopyProgress, ImportView, Stage } from './import-view';
import { changesUnderWay, readProperties, RequestUnderWay, stateOf } from './request';
import { text } from '../../lambda/aws/fields';
import type { Snapshot } from '../../lambda/aws/snapshots';
import { isOfFamily, parseImportId, type ImportFamily } from '../../lambda/cloudformation/physical-id';
import { describeExecution, executionArn, percentOf } from '../../lambda/snapshot/observe';
import { parseSnapshotRequest, snapshotFamilyOf, type SnapshotRequest } from '../../lambda/snapshot/request';
import { BLOCK_SIZE, type DiskCopyInput } from '../../src/shared/contract/disk-copy';
import { ID_TAG, SNAPSHOT_RESOURCE_TYPE, SOURCE_ETAG_TAG } from '../../src/shared/contract/names';
import { Account } from '../account/account';
import { Stack } from '../account/stacks';

/** A copy that CloudFormation requests right now. */
export interface CopyUnderWay extends Pick<RequestUnderWay, 'stack' | 'logicalId' | 'startedAt' | 'state'> {
  readonly family: ImportFamily;
  readonly request: SnapshotRequest;
}

/** Returns the copies that the newest operation of a stack requests. `events` are newest first. */
export function copiesUnderWay(stack: Stack, events: readonly StackEvent[]): CopyUnderWay[] {
  return [...changesUnderWay(stack, events, SNAPSHOT_RESOURCE_TYPE)].flatMap(([logicalId, of]) => readProperties(stack, logicalId, of, (event) => {
    const request = parseSnapshotRequest(event);
    return { stack, logicalId, request, family: snapshotFamilyOf(event, request), startedAt: Number(of[0]?.Timestamp), state: stateOf(of.at(-1)) };
  }) ?? []);
}

/** What one look saw of copies. */
export interface CopiesSeen {
  /** All that carry the id of an import. */
  readonly snapshots: readonly Snapshot[];
  readonly stacks: readonly Stack[];
  readonly copies: readonly CopyUnderWay[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Returns what `status` shows of copies. Asks the state machine how far those are that run. */
export async function viewsOfCopies(account: Account, { snapshots, stacks, copies, now }: CopiesSeen): Promise<ImportView[]> {
  const stackByUuid = new Map(stacks.map((stack) => [stack.uuid, stack]));
  // Snapshots of converted disks carry no ETag.
  const copied = snapshots.filter(({ tags }) => tags[SOURCE_ETAG_TAG] !== undefined);
  const found = new Set<CopyUnderWay>();
  const views: ImportView[] = [];
  for (const snapshot of copied) {
    const id = text(snapshot.tags[ID_TAG]);
    const name = parseImportId(id);
    const stack = name && stackByUuid.get(name.stack);
    const copy = copies.find(({ family }) => isOfFamily(family, id));
    if (copy !== undefined) {
      found.add(copy);
    }
    const stage = await stageOf(account, snapshot, copy, now);
    views.push({ id, stackName: stack?.name, stackId: stack?.id, snapshotId: snapshot.id, ...requestOf(copy), stage });
  }
  return [...views, ...copies.filter((copy) => !found.has(copy) && copy.state.kind !== 'done').map(unstartedView)];
}

function unstartedView(copy: CopyUnderWay): ImportView {
  const { stack: { name: stackName, id: stackId }, state } = copy;
  return { stackName, stackId, ...requestOf(copy), stage: state.kind === 'failed' ? { kind: 'failed', reason: state.reason } : { kind: 'writing' } };
}

/** For a copy that is done, the start of the running update says nothing about its duration. */
function requestOf(copy: CopyUnderWay | undefined): Partial<ImportView> {
  return copy === undefined ? {} : { logicalId: copy.logicalId, ...(copy.state.kind === 'waiting' ? { startedAt: copy.startedAt } : {}) };
}

async function stageOf(account: Account, { state, stateReason, tags }: Snapshot, copy: CopyUnderWay | undefined, now: number): Promise<Stage> {
  if (copy?.state.kind === 'failed') {
    return { kind: 'failed', reason: copy.state.reason };
  }
  switch (state) {
    case 'completed':
      return { kind: 'available' };
    case 'error':
      return { kind: 'failed', reason: `EBS gave up the snapshot: ${stateReason}` };
    case 'pending':
      return { kind: 'writing', copy: copy && await progressOf(account, text(tags[ID_TAG]), copy.request, now) };
  }
}

/** Asks the state machine how far the last attempt is. */
async function progressOf(account: Account, id: string, request: SnapshotRequest, now: number): Promise<CopyProgress | undefined> {
  let progress: CopyProgress | undefined;
  for (let attempt = 1; ; attempt++) {
    const execution = await describeExecution(account, executionArn({ id, request }, attempt));
    if (execution === undefined) {
      return progress;
    }
    const { copy: { blocks } }: DiskCopyInput = JSON.parse(text(execution.input));
    const percent = execution.status === 'SUCCEEDED' ? 100 : await percentOf(account, execution);
    const blocksWritten = Math.floor((blocks * percent) / 100);
    const seconds = (now - Number(execution.startDate)) / 1_000;
    progress = { blocks, blocksWritten, bytesPerSecond: blocksWritten === 0 ? undefined : Math.round((blocksWritten * BLOCK_SIZE) / seconds) };
  }
}
