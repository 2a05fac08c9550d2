import { describeError, kindOf } from './errors';
import { hintFor } from './hints';
import { ROLES_PROPAGATE_WITHIN } from '../timing';

/** How a pass ends. */
export type PassResult =
  | {
    readonly kind: 'done';
    readonly attributes: Readonly<Record<string, string>>;
    /** A sentence about the disk images that were to be deleted. */
    readonly sources?: string;
  }
  | {
    readonly kind: 'wait';
    readonly on: string;
    readonly taskId?: string;
    readonly progress?: string;
    /**
     * The import waits for a free slot. `refused`: EC2 refused to start it in this pass. `postponed`: the pass left that call to a
     * later one, so it does not show whether AWS still refuses the call.
     */
    readonly queued?: 'refused' | 'postponed';
    /** Nothing is left to do, but AWS may show late what a request started before CloudFormation ended it. */
    readonly settles?: true;
  }
  | { readonly kind: 'fail'; readonly reason: string };

/** A pass that leaves the rest to the next one. */
export type Wait = PassResult & { readonly kind: 'wait' };

/**
 * When AWS first refused a permission, in milliseconds since the epoch, by import id. AWS Lambda may start a new function for any
 * pass. It knows of no refusal, and waits a little longer.
 */
export type Refusals = Map<string, number>;

export interface Patience {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly refusals: Refusals;
}

/**
 * Runs a pass. If AWS answers with an error that can end by itself, the result is to wait. Applied once around every pass.
 *
 * One refusal proves nothing: IAM may not have propagated a policy, or a tag that the policy requires may be new. Only a refusal
 * that lasts is final.
 */
export async function waitOutErrors({ id, now, refusals }: Patience, pass: () => Promise<PassResult>): Promise<PassResult> {
  try {
    const result = await pass();
    if (!(result.kind === 'wait' && result.queued === 'postponed')) {
      refusals.delete(id);
    }
    return result;
  } catch (error) {
    const kind = kindOf(error);
    if (kind !== 'access-denied' && kind !== 'unsettled') {
      return afterError(error, 0);
    }
    const since = refusals.get(id) ?? now;
    refusals.set(id, since);
    return afterError(error, (now - since) / 1_000);
  }
}

function afterError(error: unknown, refusedFor: number): PassResult {
  const message = describeError(error);
  switch (kindOf(error)) {
    case 'transient':
    case 'not-found':
    case 'in-use':
    case 'token-used':
      return { kind: 'wait', on: `AWS to answer (${message})` };
    case 'quota':
      return { kind: 'wait', on: `a free slot: queued because too many imports run in this account and Region (${message})` };
    case 'service-role':
      return { kind: 'wait', on: `IAM to propagate the service role (${message})` };
    case 'access-denied':
      return refusedFor < ROLES_PROPAGATE_WITHIN
        ? { kind: 'wait', on: `IAM to propagate the provider's permissions (${message})` }
        : { kind: 'fail', reason: `The functions of VmImportProvider lack a permission: ${message}${hintFor(message)}` };
    case 'unsettled':
      return refusedFor < ROLES_PROPAGATE_WITHIN ? { kind: 'wait', on: `AWS to accept the call (${message})` } : refusedCall(message);
    case 'definite':
      return refusedCall(message);
  }
}

function refusedCall(message: string): PassResult {
  return { kind: 'fail', reason: `AWS refused a call of the VM import: ${message}${hintFor(message)}` };
}
