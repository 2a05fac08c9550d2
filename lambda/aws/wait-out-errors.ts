/** How a pass ends, and what of AWS it waits out. */
import { describeError, kindOf } from './errors';
import { hintFor } from './hints';

export type PassResult =
  | {
    readonly kind: 'done';
    readonly attributes: Readonly<Record<string, string>>;
    /** What became of the disk images that were to be deleted, in words. */
    readonly sources?: string;
  }
  | { readonly kind: 'wait'; readonly on: string; readonly taskId?: string; readonly progress?: string }
  | { readonly kind: 'fail'; readonly reason: string };

/** IAM propagates a new role within a minute or two; what is refused for longer than this is refused. */
export const ROLES_PROPAGATE_WITHIN = 300;

/** Takes a pass; an error of AWS in it is waited out where it may pass by itself. */
export async function waitOutErrors(elapsed: number, pass: () => Promise<PassResult>): Promise<PassResult> {
  try {
    return await pass();
  } catch (error) {
    return afterError(error, elapsed);
  }
}

/** Whatever may pass by itself is waited for; only a definite failure ends an import. */
function afterError(error: unknown, elapsed: number): PassResult {
  const said = describeError(error);
  switch (kindOf(error)) {
    case 'transient':
    case 'not-found':
    case 'in-use':
    case 'token-used':
      return { kind: 'wait', on: `AWS to answer (${said})` };
    case 'quota':
      return { kind: 'wait', on: `a free slot: queued, because too many imports run in this account and Region (${said})` };
    case 'service-role':
      return { kind: 'wait', on: `IAM to propagate the service role (${said})` };
    case 'access-denied':
      return elapsed < ROLES_PROPAGATE_WITHIN
        ? { kind: 'wait', on: `IAM to propagate the provider's permissions (${said})` }
        : { kind: 'fail', reason: `The provider of VmImportImage lacks a permission: ${said}` };
    case 'definite':
      return { kind: 'fail', reason: `AWS refused a call of the VM import: ${said}${hintFor(said)}` };
  }
}
