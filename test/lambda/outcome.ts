import type { Outcome } from './rig';

export function succeeded(outcome: Outcome): Outcome & { readonly status: 'SUCCESS' } {
  if (outcome.status === 'FAILED') {
    throw new Error(`the request failed: ${outcome.reason}`);
  }
  return outcome;
}

/** Why a request failed. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.status === 'SUCCESS') {
    throw new Error('the request succeeded');
  }
  return outcome.reason;
}
