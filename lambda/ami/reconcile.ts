/**
 * One pass over an AMI resource: observe, decide, act, until there is nothing to do but wait, or it is done or has failed.
 */
import { changeAmi } from './act';
import { copyAmi } from './copy';
import { decideAmi, decideAmiRemoval, type AmiAction, type AmiRemovalCircumstances } from './decide';
import type { AmiResource } from './kept-ami';
import { observeAmi, observeAmiRemoval } from './observe';
import type { AmiRequest } from './request';
import type { Aws } from '../aws/clients';
import { waitOutErrors, type PassResult } from '../aws/wait-out-errors';
import { applyTagChanges } from '../import/act';
import { CANCELLED_NO_SOONER, type PassCircumstances } from '../import/reconcile';
import { removeImport } from '../removal/act';

export interface AmiPassCircumstances extends Pick<PassCircumstances, 'phase' | 'elapsed' | 'isStillWanted'> {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function reconcileAmi(aws: Aws, resource: AmiResource, circumstances: AmiPassCircumstances): Promise<PassResult> {
  const { request: { sourceAmiId, name } } = resource;
  const performed = new Set<AmiAction['kind']>();
  return waitOutErrors(circumstances.elapsed, async () => {
    for (;;) {
      const { kept, importId, snapshotIds } = await observeAmi(aws, resource, circumstances.now);
      const action = decideAmi(kept, { ...circumstances, sourceAmiId, name });
      switch (action.kind) {
        case 'wait':
        case 'fail':
          return action;
        case 'done':
          return { kind: 'done', attributes: { AmiId: action.amiId, SnapshotIds: snapshotIds.join(',') } };
        case 'copy':
        case 'change':
      }
      if (performed.has(action.kind)) {
        // EC2 does not show yet what was just done.
        return { kind: 'wait', on: `the result of ${action.kind} is not visible yet` };
      }
      performed.add(action.kind);
      if (!(await isStillWanted(circumstances))) {
        return { kind: 'fail', reason: 'CloudFormation does not wait for this AMI any more, so it was left as it is' };
      }
      if (action.kind === 'copy') {
        return copyAmi(aws, resource, action.name, circumstances.elapsed);
      }
      await changeAmi(aws, { amiId: action.amiId, importId }, action.changes);
      await applyTagChanges(aws, resource, action.tagChanges);
    }
  });
}

/** A late pass may belong to a request that CloudFormation has given up on, and must not undo what came after it. */
async function isStillWanted({ elapsed, isStillWanted: ask }: AmiPassCircumstances): Promise<boolean> {
  return elapsed < CANCELLED_NO_SOONER || ask();
}

export interface AmiRemoval {
  readonly request: AmiRequest;
  /** The ids that copies may carry. */
  readonly ids: readonly string[];
}

export interface AmiRemovalPass extends Pick<AmiRemovalCircumstances, 'elapsed' | 'after'> {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One pass towards no copy being left, or the imported AMI being as it was. */
export function reconcileAmiRemoval(aws: Aws, { request, ids }: AmiRemoval, { now, ...circumstances }: AmiRemovalPass): Promise<PassResult> {
  let changed = false;
  return waitOutErrors(circumstances.elapsed, async () => {
    for (;;) {
      const action = decideAmiRemoval(await observeAmiRemoval(aws, request, ids, now), { onDelete: request.onDelete, ...circumstances });
      switch (action.kind) {
        case 'wait':
        case 'fail':
          return action;
        case 'done':
          return { kind: 'done', attributes: {} };
        case 'change':
          if (changed) {
            return { kind: 'wait', on: 'the result of change is not visible yet' };
          }
          changed = true;
          for (const amiId of action.amiIds) {
            // The description goes back to the one that was noted: no tag is written.
            await changeAmi(aws, { amiId, importId: '' }, action.changes);
          }
          break;
        case 'remove': {
          const held = await removeImport(aws, { id: '' }, { ...action, images: [], untaggedIds: [] });
          if (held !== undefined) {
            return { kind: 'wait', on: held };
          }
          return action.then === 'done' ? { kind: 'done', attributes: {} } : { kind: 'wait', on: 'a second look, whether anything is left' };
        }
      }
    }
  });
}
