/** The passes of `Custom::VmImportSnapshot`: a disk image in Amazon S3 becomes an EBS snapshot. */
import { planSnapshot } from './plan';
import { reconcileSnapshot } from './reconcile';
import { removeSnapshot } from './removal';
import { parsePreviousSnapshotRequest, parseSnapshotRequest, snapshotContentOf, snapshotFamilyOf, type SnapshotRequest } from './request';
import { ANSWERED_WITHIN } from '../../src/shared/contract/limits';
import { formatDuration } from '../../src/shared/duration';
import type { Aws } from '../aws/clients';
import { describeError, unlessTransient } from '../aws/errors';
import { firstThatExists } from '../aws/listed';
import type { Log } from '../aws/log';
import { snapshotExists, snapshotsOfImport, type Snapshot } from '../aws/snapshots';
import { waitOutErrors, type PassResult, type Refusals } from '../aws/wait-out-errors';
import { Failure } from '../cloudformation/failure';
import { abandonedIds, idsToDelete, madeSince, removeAbandoned, removeEach, snapshotsOfFamily } from '../cloudformation/made-since';
import { importIdOf, isOfFamily, parseImportId, requestPart, type ImportFamily, type ImportOwner } from '../cloudformation/physical-id';
import { isStillWanted } from '../cloudformation/request-state';
import type { CloudFormationRequest, IsCompleteRequest, PassTime } from '../cloudformation/requests';
import { isRollingBack } from '../cloudformation/stack';
import { phaseOf } from '../import/handover';
import { lookAtDefaultKey } from '../preflight/encryption';
import { LOOKS_WITHIN_MS } from '../timing';

export interface NamedSnapshot {
  readonly id: string;
  /** The update rolls back one that CloudFormation gave up on before it learned the name of its import. */
  readonly rollsBack: boolean;
  /** The import that the request begins. Absent if the request changes or deletes an import. */
  readonly copies?: SnapshotRequest;
}

/** Returns the physical id of a request: names a new import, or finds the one that exists. Changes nothing in AWS. */
export async function nameSnapshot(event: CloudFormationRequest, aws: Aws): Promise<NamedSnapshot> {
  if (event.RequestType === 'Delete') {
    return { id: event.PhysicalResourceId, rollsBack: false };
  }
  const request = parseSnapshotRequest(event);
  const family = snapshotFamilyOf(event, request);
  const begins = { id: importIdOf({ ...family, request: requestPart(event) }), rollsBack: false, copies: request };
  if (event.RequestType === 'Create') {
    return begins;
  }
  if (isOfFamily(family, event.PhysicalResourceId)) {
    return { id: event.PhysicalResourceId, rollsBack: snapshotContentOf(parsePreviousSnapshotRequest(event)) !== family.content };
  }
  // A rollback returns to the previous snapshot. Without an answer the disk is copied once more: that fails nothing.
  const existing = await unlessTransient(findExistingSnapshot(aws, family));
  return existing === undefined ? begins : { id: existing.importId, rollsBack: false };
}

async function findExistingSnapshot(aws: Aws, family: ImportFamily): Promise<Snapshot | undefined> {
  const completed = (await snapshotsOfFamily(aws, family)).filter(({ state }) => state === 'completed');
  return firstThatExists(completed, async ({ id }) => snapshotExists(aws, id));
}

/**
 * Looks at a disk, and asks which key would encrypt its snapshot, before its copy starts.
 *
 * @throws Failure if the disk cannot be imported. Whatever else goes wrong is a line in the log: the passes look again.
 */
export async function checkDisk(aws: Aws, request: SnapshotRequest, log: Log): Promise<void> {
  const signal = AbortSignal.any([aws.signal, AbortSignal.timeout(LOOKS_WITHIN_MS)]);
  await unlessUnclear(log, async () => {
    const { format, virtualSize } = await planSnapshot({ s3: aws.s3, signal }, request);
    log({ action: 'preflight', status: `${format}, ${virtualSize} bytes` });
  });
  await unlessUnclear(log, async () => {
    const { KmsKeyArn, Encrypted } = request.encryption;
    const look = await lookAtDefaultKey(aws.ec2, { user: 'the provider\'s functions', keyId: KmsKeyArn, encrypted: Encrypted }, signal);
    if (look.kind === 'refused') {
      throw new Failure(`The disk cannot be copied: ${look.sentence} (preflight: false skips this look.)`);
    }
  });
}

async function unlessUnclear(log: Log, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (error instanceof Failure) {
      throw error;
    }
    log({ action: 'preflight', status: `could not look: ${describeError(error)}` });
  }
}

export interface SnapshotPassTime extends PassTime {
  readonly refusals: Refusals;
}

export async function snapshotPass(aws: Aws, event: IsCompleteRequest, time: SnapshotPassTime): Promise<PassResult> {
  const isDelete = event.RequestType === 'Delete';
  const request = parseSnapshotRequest(event);
  const pass = isDelete ? removalPass : copyPass;
  const result = await waitOutErrors({ id: event.PhysicalResourceId, ...time }, () => pass(aws, event, request, time));
  const budget = isDelete ? ANSWERED_WITHIN : request.timeout;
  return result.kind === 'wait' && time.elapsed >= budget
    ? {
      kind: 'fail',
      reason: `The snapshot was not ${isDelete ? 'removed' : 'completed'} within ${formatDuration(budget)}; it was last waiting for: ${result.on}` +
        `${result.progress === undefined ? '' : ` (${result.progress} %)`}`,
    }
    : result;
}

async function copyPass(aws: Aws, event: IsCompleteRequest, request: SnapshotRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const result = await reconcileSnapshot(aws, { id: event.PhysicalResourceId, request }, {
    phase: phaseOf(event), elapsed, now, isStillWanted: () => isStillWanted(aws, event), isRollingBack: () => isRollingBack(aws, event),
  });
  if (result.kind === 'done' && event.RequestType === 'Update' && event.Data.RollsBack === 'true') {
    const removal = await removeAbandonedSnapshots(aws, event, parsePreviousSnapshotRequest(event), { elapsed, now });
    return removal.kind === 'done' ? result : removal;
  }
  return result;
}

async function removalPass(aws: Aws, event: IsCompleteRequest, request: SnapshotRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const id = event.PhysicalResourceId;
  if (parseImportId(id) === undefined) {
    // CloudFormation gave up on the Create before it was answered, and made this id up.
    return removeAbandonedSnapshots(aws, event, request, { elapsed, now });
  }
  const ids = await idsToDelete(aws, event, { now, elapsed }, {
    made: () => snapshotsOfImport(aws, id), idsSince: (owner, began) => copiesSince(aws, owner, began),
  });
  return removeEach(ids, (each) => removeSnapshot(aws, { id: each, request }, elapsed));
}

/** Removes what a request created that nobody will ask to delete. */
export async function takeBackSnapshot(aws: Aws, event: IsCompleteRequest, elapsed: number): Promise<PassResult> {
  return removeSnapshot(aws, { id: event.PhysicalResourceId, request: parseSnapshotRequest(event) }, elapsed);
}

/** Removes the snapshots that CloudFormation gave up on before it learned their names. Older ones were retained, and stay. */
async function removeAbandonedSnapshots(
  aws: Aws, event: IsCompleteRequest, request: SnapshotRequest, { elapsed, now }: PassTime,
): Promise<PassResult> {
  const ids = await abandonedIds(aws, event, now, (began) => copiesSince(aws, snapshotFamilyOf(event, request), began));
  return removeAbandoned(ids, elapsed, (id) => removeSnapshot(aws, { id, request }, elapsed));
}

async function copiesSince(aws: Aws, family: ImportFamily | ImportOwner, began: () => Promise<number>): Promise<ReadonlySet<string>> {
  return madeSince(began, await snapshotsOfFamily(aws, family), []);
}
