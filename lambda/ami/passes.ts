/**
 * The passes of `Custom::VmImportAmi`: the properties of an imported AMI, the copy that a name requires, or an AMI registered from
 * snapshots. It is a separate resource, so that updating it is not an import, and so that CloudFormation's cleanup deletes the
 * previous AMI.
 */
import { amiFamilyOf } from './name';
import { reconcileAmi, reconcileAmiRemoval, type AmiRemovalPass } from './reconcile';
import { parseAmiRequest, parsePreviousAmiRequest, type AmiRequest } from './request';
import { ANSWERED_WITHIN } from '../../src/shared/contract/limits';
import { formatDuration } from '../../src/shared/duration';
import { amisByImportId } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { waitOutErrors, type PassResult, type Refusals } from '../aws/wait-out-errors';
import { abandonedIds, amisOfFamily, idsToDelete, madeSince, snapshotsOfFamily } from '../cloudformation/made-since';
import { isNamedBy, locationOf, parseImportId, type ImportFamily, type ImportOwner } from '../cloudformation/physical-id';
import { isStillWanted } from '../cloudformation/request-state';
import type { IsCompleteRequest, PassTime } from '../cloudformation/requests';
import { isRollingBack } from '../cloudformation/stack';

export interface AmiPass extends PassTime {
  readonly refusals: Refusals;
}

export async function amiPass(aws: Aws, event: IsCompleteRequest, time: AmiPass): Promise<PassResult> {
  const isDelete = event.RequestType === 'Delete';
  const result = isDelete ? await amiRemovalPass(aws, event, time) : await amiUpdatePass(aws, event, time);
  return result.kind === 'wait' && time.elapsed >= ANSWERED_WITHIN
    ? {
      kind: 'fail',
      reason: `The AMI was not ${isDelete ? 'removed' : 'ready'} within ${formatDuration(ANSWERED_WITHIN)}; it was last waiting for: ${result.on}`,
    }
    : result;
}

async function amiUpdatePass(aws: Aws, event: IsCompleteRequest, { elapsed, now, refusals }: AmiPass): Promise<PassResult> {
  const id = event.PhysicalResourceId;
  const phase = event.RequestType === 'Update' && !isNamedBy(event, id) ? 'updating' : 'creating';
  const resource = { id, request: parseAmiRequest(event), location: locationOf(event.StackId) };
  const circumstances = {
    phase, elapsed, now, isStillWanted: () => isStillWanted(aws, event), isRollingBack: () => isRollingBack(aws, event),
  } as const;
  const result = await waitOutErrors({ id, now, refusals }, () => reconcileAmi(aws, resource, circumstances));
  if (result.kind === 'done' && event.RequestType === 'Update' && event.Data.RollsBack === 'true') {
    const removal = await waitOutErrors({ id, now, refusals }, () =>
      removeAbandonedCopies(aws, event, parsePreviousAmiRequest(event), { elapsed, now, after: 'no-answer' }));
    // A copy that cannot be removed must not keep the stack from rolling back.
    return removal.kind === 'wait' && elapsed < ANSWERED_WITHIN ? removal : result;
  }
  return result;
}

async function amiRemovalPass(aws: Aws, event: IsCompleteRequest, { elapsed, now, refusals }: AmiPass): Promise<PassResult> {
  const request = parseAmiRequest(event);
  const id = event.PhysicalResourceId;
  return waitOutErrors({ id, now, refusals }, async () => {
    if (parseImportId(id) === undefined) {
      // CloudFormation gave up on the Create before it was answered, and made this id up.
      return removeAbandonedCopies(aws, event, request, { elapsed, now, after: 'no-answer' });
    }
    const ids = request.source.kind === 'imported' ? [id] : await idsToDelete(aws, event, { now, elapsed }, {
      made: () => amisByImportId(aws, id), idsSince: (owner, began) => copiesSince(aws, owner, began),
    });
    return ids.length === 0 ? { kind: 'done', attributes: {} } : reconcileAmiRemoval(aws, { request, ids }, { elapsed, now, after: 'an-answer' });
  });
}

/** Removes the copy of a request that was never answered. */
export async function removeCopy(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  return reconcileAmiRemoval(aws, { request: parseAmiRequest(event), ids: [event.PhysicalResourceId] }, { elapsed, now, after: 'no-answer' });
}

/** Removes the copies that CloudFormation gave up on before it learned their names. */
async function removeAbandonedCopies(aws: Aws, event: IsCompleteRequest, request: AmiRequest, circumstances: AmiRemovalPass): Promise<PassResult> {
  const ids = request.source.kind === 'imported'
    ? []
    : await abandonedIds(aws, event, circumstances.now, (began) => copiesSince(aws, amiFamilyOf(event, request), began));
  return reconcileAmiRemoval(aws, { request, ids: [...ids] }, circumstances);
}

/** Includes the ids of snapshots whose AMI is gone. What was retained from an earlier life of the resource is older. */
async function copiesSince(aws: Aws, family: ImportFamily | ImportOwner, began: () => Promise<number>): Promise<ReadonlySet<string>> {
  const copies = await amisOfFamily(aws, family);
  return madeSince(began, copies, await snapshotsOfFamily(aws, family));
}
