import type { Answers } from './emulator/unknowns';
import type { IdleClock } from './idle-clock';
import type { CustomResourceRequest, CustomResourceResponse, ProviderFramework } from './provider-framework';

/** What CloudFormation makes of one request to a custom resource. */
export type CallOutcome =
  | { readonly kind: 'success'; readonly physicalId: string; readonly data: { readonly [name: string]: unknown } }
  | { readonly kind: 'failed'; readonly physicalId: string; readonly reason: string };

export interface CallOptions {
  readonly clock: IdleClock;
  readonly framework: ProviderFramework;
  /** When, in milliseconds from now, each delivery of the request arrives: one as a rule, at least one by contract. */
  readonly deliveries: readonly number[];
  /** Whether each delivery after the first one has a ResponseURL of its own. */
  readonly redelivery: Answers['deliveries'];
  /** Takes the place of a physical id that the provider never told. */
  readonly generatedId: string;
  /** Another resource failed: CloudFormation does not wait for this one any longer. */
  readonly cancelled: AbortSignal;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html : "The total size of the response object can't exceed 4096 bytes". */
const RESPONSE_LIMIT_BYTES = 4096;
/** The same page: the physical id "can be up to 1 KB in size", and must not be empty. */
const PHYSICAL_ID_LIMIT_BYTES = 1024;
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html : ServiceTimeout, an hour if not given. */
const DEFAULT_SERVICE_TIMEOUT_S = 3600;

/** One request to a custom resource. `ended` settles when nothing works on it any more, which may be long after the outcome. */
export interface Call {
  readonly outcome: Promise<CallOutcome>;
  readonly ended: Promise<void>;
}

/** Sends a request as CloudFormation does, and takes the first answer that arrives in time. */
export function call(request: CustomResourceRequest, options: CallOptions): Call {
  const { clock, framework, cancelled } = options;
  const deadline = clock.now() + 1000 * serviceTimeout(request);
  // Where a resource exists already, an answer that says nothing leaves its name as it is.
  const fallbackId = request.PhysicalResourceId ?? options.generatedId;
  let answer: (outcome: CallOutcome) => void = () => undefined;
  const outcome = new Promise<CallOutcome>((resolve) => {
    answer = resolve;
  });
  let open = true;
  const settle = (result: CallOutcome) => {
    open = false;
    cancelled.removeEventListener('abort', cancel);
    answer(result);
  };
  const fail = (reason: string) => settle({ kind: 'failed', physicalId: fallbackId, reason });
  const cancel = () => fail(`Resource ${request.RequestType === 'Create' ? 'creation' : 'update'} cancelled`);
  cancelled.addEventListener('abort', cancel, { once: true });
  const tick = () => {
    if (open && clock.now() >= deadline) {
      fail(`CloudFormation did not receive a response from your custom resource. Please check your logs for requestId [${request.RequestId}].`);
    }
  };
  const respond = (response: CustomResourceResponse) => {
    tick();
    if (open) {
      settle(judge(response, fallbackId));
    }
  };
  const deliver = async (delay: number, index: number) => {
    if (delay > 0) {
      await clock.pause(delay);
      tick();
    }
    const isPresignedAnew = options.redelivery === 'presignedAnew' && index > 0;
    await framework.deliver(isPresignedAnew ? { ...request, ResponseURL: `${request.ResponseURL}?delivery=${index}` } : request, respond, tick);
  };
  const workOff = async () => {
    await Promise.all(options.deliveries.map(deliver));
    if (open && clock.now() < deadline) {
      await clock.pause(deadline - clock.now());
    }
    tick();
  };
  return { outcome, ended: workOff() };
}

function judge(response: CustomResourceResponse, fallbackId: string): CallOutcome {
  const physicalId = response.PhysicalResourceId;
  if (Buffer.byteLength(JSON.stringify(response)) > RESPONSE_LIMIT_BYTES) {
    return { kind: 'failed', physicalId: fallbackId, reason: 'Response object is too long.' };
  }
  if (physicalId === '' || Buffer.byteLength(physicalId) > PHYSICAL_ID_LIMIT_BYTES) {
    return { kind: 'failed', physicalId: fallbackId, reason: 'Invalid PhysicalResourceId' };
  }
  switch (response.Status) {
    case 'SUCCESS':
      return { kind: 'success', physicalId, data: response.Data ?? {} };
    case 'FAILED':
      return {
        kind: 'failed',
        physicalId,
        reason: `Received response status [FAILED] from custom resource. Message returned: ${response.Reason} (RequestId: ${response.RequestId})`,
      };
  }
}

function serviceTimeout(request: CustomResourceRequest): number {
  return Number(request.ResourceProperties.ServiceTimeout ?? DEFAULT_SERVICE_TIMEOUT_S);
}
