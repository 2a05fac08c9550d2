/** One pass of a Delete, or of a rollback that removes what it was to replace with. */
import { reconcileRemoval } from './reconcile';
import type { Aws } from '../aws/clients';
import { waitOutErrors, type PassResult } from '../aws/wait-out-errors';
import { formatDuration } from '../cloudformation/duration';
import type { PassTime } from '../cloudformation/pass-time';
import { familyOf, parseImportId } from '../cloudformation/physical-id';
import type { IsCompleteRequest } from '../cloudformation/requests';
import { locationOf } from '../cloudformation/stack-location';
import { operationBeganAt } from '../cloudformation/stack-operation';
import { DELETE_SETTLES_AFTER } from '../import/decide';
import { findAbandonedImports, isOnlyTakenUp, madeOf } from '../import/family';
import type { Import } from '../import/import';
import { parseRequest, type ImportRequest } from '../import/request';

/** Seconds that a Delete may take, so that it is answered well within CloudFormation's hour. */
export const DELETE_BUDGET = 50 * 60;

export async function removalPass(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const request = parseRequest(event);
  // Only the first segment owns the import.
  if (request.segment.previous !== undefined) {
    return { kind: 'done', attributes: {} };
  }
  const id = event.PhysicalResourceId;
  const result = parseImportId(id) === undefined
    // CloudFormation made this id up, because it gave up on the Create before it was answered.
    ? await removeAbandoned(aws, event, request, elapsed, now)
    : await removeNamed(aws, event, { id, request, location: locationOf(event.StackId) }, { elapsed, now });
  return result.kind === 'wait' && elapsed >= DELETE_BUDGET
    ? { kind: 'fail', reason: `The VM import ${id} could not be deleted within ${formatDuration(DELETE_BUDGET)}: ${result.on}` }
    : result;
}

async function removeNamed(aws: Aws, event: IsCompleteRequest, import_: Import, { elapsed, now }: PassTime): Promise<PassResult> {
  return waitOutErrors(elapsed, async () => (
    (await isOnlyTakenUp(aws, event, { now, elapsed }, () => madeOf(aws, import_)))
      ? { kind: 'done', attributes: {} }
      : reconcileRemoval(aws, import_, elapsed)));
}

/** Removes the imports that CloudFormation gave up on before it learned their names. */
export async function removeAbandoned(aws: Aws, event: IsCompleteRequest, request: ImportRequest, elapsed: number, now: number): Promise<PassResult> {
  const import_ = { request, location: locationOf(event.StackId) };
  return waitOutErrors(elapsed, async () => {
    const ids = await findAbandonedImports(aws, familyOf(event, request), import_, () => operationBeganAt(aws, event, now));
    for (const id of ids) {
      const result = await reconcileRemoval(aws, { ...import_, id }, elapsed);
      if (result.kind !== 'done') {
        return result;
      }
    }
    return elapsed < DELETE_SETTLES_AFTER ? { kind: 'wait', on: 'a second look, whether anything was started' } : { kind: 'done', attributes: {} };
  });
}
