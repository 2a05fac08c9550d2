/**
 * One pass over an AMI resource: observe, decide, act, until it waits, is done or has failed.
 */
import { changeAmi } from './act';
import { copyAmi } from './copy';
import { decideAmi, decideAmiRemoval, type AmiAction, type AmiRemovalCircumstances } from './decide';
import { observeAmi, observeAmiRemoval } from './observe';
import { registerAmi } from './register';
import type { AmiRequest, AmiResource } from './request';
import type { AmiResourceAttributes } from '../../src/shared/contract/ami-resource';
import type { Aws } from '../aws/clients';
import { deleteInOrder } from '../aws/deletion';
import { text } from '../aws/fields';
import { applyTagChanges } from '../aws/tags';
import type { PassResult } from '../aws/wait-out-errors';
import { isUnwanted, type AskedRequest } from '../cloudformation/request-state';

export interface AmiPassCircumstances extends AskedRequest {
  readonly phase: 'creating' | 'updating';
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Asks CloudFormation whether it rolls the stack back. */
  readonly isRollingBack: () => Promise<boolean>;
}

export async function reconcileAmi(aws: Aws, resource: AmiResource, circumstances: AmiPassCircumstances): Promise<PassResult> {
  const { source } = resource.request;
  const performed = new Set<AmiAction['kind']>();
  for (;;) {
    const { target, importId, attributes } = await observeAmi(aws, resource, circumstances.now);
    const action = decideAmi(target, { ...circumstances, source });
    switch (action.kind) {
      case 'wait':
      case 'fail':
        return action;
      case 'lost':
        if (!(await circumstances.isRollingBack())) {
          return { kind: 'fail', reason: action.reason };
        }
        if (action.changes.length > 0 && !(await isUnwanted(circumstances))) {
          await changeAmi(aws, { amiId: text(attributes.AmiId), importId }, action.changes);
        }
        // A rollback that fails leaves the stack stuck.
        return { kind: 'done', attributes: { ...NO_ATTRIBUTES, ...(source.kind === 'imported' && { AmiId: source.amiId }), ...attributes } };
      case 'done':
        return { kind: 'done', attributes };
      case 'copy':
      case 'register':
      case 'change':
    }
    if (performed.has(action.kind)) {
      return { kind: 'wait', on: `EC2 to show the result of ${action.kind}` };
    }
    performed.add(action.kind);
    // A late pass must not undo what came after its request.
    if (await isUnwanted(circumstances)) {
      return { kind: 'fail', reason: 'CloudFormation no longer waits for this AMI, so it was left unchanged' };
    }
    switch (action.kind) {
      case 'copy':
        return copyAmi(aws, resource, action, circumstances.elapsed);
      case 'register':
        return registerAmi(aws, resource, action, circumstances.elapsed);
      case 'change':
        await changeAmi(aws, { amiId: action.amiId, importId }, action.changes);
        await applyTagChanges(aws, resource.id, action.tagChanges);
    }
  }
}

/** What the resource answers if its AMI is gone: `Fn::GetAtt` of a missing attribute would fail the stack. */
const NO_ATTRIBUTES: AmiResourceAttributes = { AmiId: '', SnapshotIds: '', Architecture: '', BootMode: '', RootDeviceName: '' };

export interface AmiRemoval {
  readonly request: AmiRequest;
  /** The ids that copies may carry. */
  readonly ids: readonly string[];
}

export interface AmiRemovalPass extends Pick<AmiRemovalCircumstances, 'elapsed' | 'after'> {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Runs one pass towards the absence of copies, or towards the imported AMI as it was. */
export async function reconcileAmiRemoval(aws: Aws, { request, ids }: AmiRemoval, { now, ...circumstances }: AmiRemovalPass): Promise<PassResult> {
  let changed = false;
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
          return { kind: 'wait', on: 'EC2 to show the result of change' };
        }
        changed = true;
        for (const amiId of action.amiIds) {
          // The recorded description is restored, so no tag is written.
          await changeAmi(aws, { amiId, importId: '' }, action.changes);
        }
        break;
      case 'remove': {
        const held = await deleteInOrder(aws, { ...action, imageArns: [] });
        if (held !== undefined) {
          return { kind: 'wait', on: held };
        }
        return action.then === 'done' ? { kind: 'done', attributes: {} } : { kind: 'wait', on: 'a second look for leftovers' };
      }
    }
  }
}
