/**
 * One pass of whatever a request asks for, and of what becomes of it where CloudFormation has given up on it for good.
 */
import { amiPass, isAmiRequest, removeCopy } from './ami/handlers';
import type { Aws } from './aws/clients';
import type { PassResult } from './aws/wait-out-errors';
import { givenUpAt } from './cloudformation/given-up';
import type { PassTime } from './cloudformation/pass-time';
import type { IsCompleteRequest } from './cloudformation/requests';
import { locationOf } from './cloudformation/stack-location';
import { importPass } from './import/pass';
import { CANCELLED_NO_SOONER, type ImagesInProgress } from './import/reconcile';
import { parseRequest } from './import/request';
import { removalPass } from './removal/pass';
import { reconcileRemoval } from './removal/reconcile';

export interface Pass extends PassTime {
  /** Seconds between two passes. */
  readonly pollInterval: number;
  readonly imagesInProgress: ImagesInProgress;
}

export type SegmentResult = PassResult | { readonly kind: 'hand-over'; readonly on: string };

/** Whether the import ended with a pass. */
export function isEnd(result: SegmentResult): result is SegmentResult & { readonly kind: 'done' | 'fail' } {
  return result.kind === 'done' || result.kind === 'fail';
}

export async function takePass(aws: Aws, event: IsCompleteRequest, pass: Pass): Promise<SegmentResult> {
  const result = await passOf(event)(aws, event, pass);
  const ended = result.kind !== 'wait' && pass.elapsed >= CANCELLED_NO_SOONER ? await givenUpAt(aws, event) : undefined;
  return ended === undefined ? result : takeBack(aws, event, { elapsed: (pass.now - ended) / 1_000, now: pass.now });
}

function passOf(event: IsCompleteRequest): (aws: Aws, event: IsCompleteRequest, pass: Pass) => Promise<SegmentResult> {
  if (isAmiRequest(event)) {
    return amiPass;
  }
  return event.RequestType === 'Delete' ? removalPass : importPass;
}

/** Removes what nobody will ask to be removed, as its Delete would that came when CloudFormation gave up on it. */
async function takeBack(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const removal = await (isAmiRequest(event)
    ? removeCopy(aws, event, { elapsed, now })
    : reconcileRemoval(aws, { id: event.PhysicalResourceId, request: parseRequest(event), location: locationOf(event.StackId) }, elapsed));
  return removal.kind === 'done' ? { kind: 'fail', reason: 'CloudFormation does not wait for this request any more, so what it made was removed' } : removal;
}
