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
  | { readonly kind: 'wait'; readonly on: string; readonly taskId?: string; readonly progress?: string }
  | { readonly kind: 'fail'; readonly reason: string };

/** Runs a pass. If AWS answers with an error that can end by itself, the result is to wait. Applied once around every pass. */
export async function waitOutErrors(elapsed: number, pass: () => Promise<PassResult>): Promise<PassResult> {
  try {
    return await pass();
  } catch (error) {
    return afterError(error, elapsed);
  }
}

function afterError(error: unknown, elapsed: number): PassResult {
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
      return elapsed < ROLES_PROPAGATE_WITHIN
        ? { kind: 'wait', on: `IAM to propagate the provider's permissions (${message})` }
        : { kind: 'fail', reason: `The provider of VmImportImage lacks a permission: ${message}` };
    case 'definite':
      return { kind: 'fail', reason: `AWS refused a call of the VM import: ${message}${hintFor(message)}` };
  }
}
