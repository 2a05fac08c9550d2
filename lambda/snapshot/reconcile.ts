/** One pass towards a completed snapshot: observe, decide, act, until there is nothing to do but wait. */
import { completeSnapshot, startCopy, startSnapshot } from './act';
import { decideSnapshot, type SnapshotAction, type SnapshotCircumstances, type SnapshotObserved } from './decide';
import { observeSnapshot, type SnapshotResource } from './observe';
import { bareETag, planSnapshot } from './plan';
import type { BootAttributes, SnapshotResourceAttributes } from '../../src/shared/contract/snapshot-resource';
import type { Aws } from '../aws/clients';
import { applyTagChanges } from '../aws/tags';
import type { PassResult } from '../aws/wait-out-errors';
import { isUnwanted, type AskedRequest } from '../cloudformation/request-state';

export interface SnapshotPass extends Omit<SnapshotCircumstances, 'maxAttempts'>, AskedRequest {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Asks CloudFormation whether it rolls the stack back. */
  readonly isRollingBack: () => Promise<boolean>;
}

/** Attempts at a copy in all, and snapshots that are started in all. */
const MOST_ATTEMPTS = 2;

/** What the resource answers if its snapshot is gone: `Fn::GetAtt` of a missing attribute would fail the stack. */
const NO_ATTRIBUTES: SnapshotResourceAttributes & BootAttributes = { SnapshotId: '', VolumeSize: '', Architecture: '', BootMode: '' };

export async function reconcileSnapshot(aws: Aws, resource: SnapshotResource, pass: SnapshotPass): Promise<PassResult> {
  for (let tagged = false; ; tagged = true) {
    const seen = await observeSnapshot(aws, resource, pass.now);
    const action = decideSnapshot(seen, { ...pass, maxAttempts: MOST_ATTEMPTS });
    switch (action.kind) {
      case 'wait':
      case 'fail':
        return action;
      case 'gone':
        // A rollback that fails leaves the stack stuck.
        return (await pass.isRollingBack()) ? { kind: 'done', attributes: { ...NO_ATTRIBUTES } } : { kind: 'fail', reason: action.reason };
      case 'done':
        return { kind: 'done', attributes: seen.attributes };
      case 'tag':
        if (tagged) {
          return { kind: 'wait', on: 'EC2 to show the new tags of the snapshot' };
        }
        if (await isUnwanted(pass)) {
          // A late delivery of a request that was answered must not undo the tags of a later one.
          return { kind: 'done', attributes: seen.attributes };
        }
        await applyTagChanges(aws, resource.id, action.changes);
        break;
      case 'complete':
        return completeSnapshot(aws, action);
      case 'start-snapshot':
      case 'start-copy':
        return start(aws, resource, pass, { action, snapshot: seen.snapshot });
    }
  }
}

interface Start {
  readonly action: SnapshotAction & { readonly kind: 'start-snapshot' | 'start-copy' };
  readonly snapshot: SnapshotObserved;
}

async function start(aws: Aws, resource: SnapshotResource, pass: SnapshotPass, { action, snapshot }: Start): Promise<PassResult> {
  const plan = await planSnapshot(aws, resource.request);
  if (snapshot.kind === 'pending' && snapshot.eTag !== bareETag(plan)) {
    return { kind: 'fail', reason: `s3://${plan.source.bucket}/${plan.source.key} was overwritten while it was copied; deploy again` };
  }
  if (await isUnwanted(pass)) {
    return { kind: 'fail', reason: 'CloudFormation does not wait for this snapshot any more, so it was not started' };
  }
  const copy = action.kind === 'start-copy'
    ? action
    : { snapshotId: await startSnapshot(aws, resource, plan, action.attempt), attempt: action.attempt };
  await startCopy(aws, resource, plan, copy);
  return { kind: 'wait', on: `the copy of the disk into ${copy.snapshotId} was started` };
}
