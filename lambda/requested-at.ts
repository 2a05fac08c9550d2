import type { Aws } from './aws';
import type { CloudFormationRequest } from './cloudformation';
import { describeStackResource } from './stack-resource';

/** Milliseconds after which a delivery is not taken for one of the request that CloudFormation noted. */
const DELIVERED_WITHIN = 15 * 60 * 1000;

/**
 * When CloudFormation sent a request, in milliseconds since the epoch. The request does not say, and the time of its
 * delivery is not the same twice: then the provider framework finds its state machine running for the same request
 * with another input, and answers FAILED under a name whose Delete it swallows, while the import goes on. So
 * CloudFormation is asked; where it does not answer, now has to do.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (idempotent for the same name and input)
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (delivered at least once)
 */
export async function requestedAt(aws: Aws, event: CloudFormationRequest, now: number): Promise<number> {
  try {
    const resource = await describeStackResource(aws, event);
    return resource?.state === 'in-progress' && Math.abs(now - resource.changedAt) <= DELIVERED_WITHIN ? resource.changedAt : now;
  } catch {
    return now;
  }
}
