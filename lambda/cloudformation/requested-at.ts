import type { CloudFormationRequest } from './requests';
import { describeStackResource, SAME_REQUEST_WITHIN } from './stack-resource';
import type { Aws } from '../aws/clients';

/** Milliseconds after which a delivery is not taken for one of the request that CloudFormation noted. */
const DELIVERED_WITHIN = 15 * 60 * 1000;

/** Milliseconds after which CloudFormation is asked again; by then it tells of this request, and not of the one before. */
const ASKED_AGAIN_AFTER = 10_000;

export interface Time {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/**
 * When CloudFormation sent a request, in milliseconds since the epoch. The request does not say, and the time of its
 * delivery is not the same twice: then the provider framework finds its state machine running for the same request
 * with another input, and answers FAILED under a name whose Delete it swallows, while the import goes on. So
 * CloudFormation is asked; where it does not answer, now has to do.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (idempotent for the same name and input)
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (delivered at least once)
 */
export async function requestedAt(aws: Aws, event: CloudFormationRequest, time: Time): Promise<number> {
  const delivered = time.now();
  const noted = await notedAt(aws, event);
  if (noted === undefined || Math.abs(delivered - noted) <= SAME_REQUEST_WITHIN) {
    return noted ?? delivered;
  }
  // Either this is a second delivery, perhaps of a request that has ended already, or CloudFormation tells of what was before
  // this one; then `isStillWanted` would take this one for given up.
  await time.pause(ASKED_AGAIN_AFTER);
  const settled = await notedAt(aws, event);
  return settled !== undefined && Math.abs(delivered - settled) <= DELIVERED_WITHIN ? settled : delivered;
}

/** Nothing where CloudFormation does not tell; long ago where it tells of no request of this kind. */
async function notedAt(aws: Aws, event: CloudFormationRequest): Promise<number | undefined> {
  try {
    const resource = await describeStackResource(aws, event);
    return resource?.state === 'other' ? 0 : resource?.changedAt;
  } catch {
    return undefined;
  }
}
