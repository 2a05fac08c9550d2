import type { ResolvedProperties } from './cloudformation-template';
import type { Answers } from './emulator/unknowns';
import type { IdleClock } from './idle-clock';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
export interface CustomResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  readonly ResponseURL: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: ResolvedProperties;
  readonly PhysicalResourceId?: string;
  readonly OldResourceProperties?: ResolvedProperties;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
export interface CustomResourceResponse {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly [name: string]: unknown };
}

/** A handler as AWS Lambda calls it: what it expects is its own affair (`never` accepts any), what it gets is parsed JSON. */
export type Handler = (event: never, context: never) => Promise<unknown>;

export interface UserHandlers {
  readonly onEvent: Handler;
  readonly isComplete?: Handler;
}

export interface ProviderFrameworkOptions {
  readonly handlers: UserHandlers;
  readonly clock: IdleClock;
  /** Whether executions of the waiter have the name of their request: aws-cdk-lib before and after aws/aws-cdk#35988. @default 'named' */
  readonly executions?: Answers['executions'];
  /** Provider.queryInterval. */
  readonly queryIntervalMs: number;
  /** Provider.totalTimeout. */
  readonly totalTimeoutMs: number;
  /** The time-outs of the two functions. */
  readonly onEventTimeoutMs: number;
  readonly isCompleteTimeoutMs: number;
}

/**
 * Thrown by a handler to say that the framework's own function died around it: nobody answers CloudFormation,
 * Lambda delivers the request again, or Step Functions calls again after its interval.
 */
export class FunctionDied extends Error {
  public readonly name = 'FunctionDied';
}

/** A failed Create that has no physical id yet answers with this one, and its Delete is swallowed. */
export const CREATE_FAILED_MARKER = 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED';
const MISSING_PHYSICAL_ID_MARKER = 'AWSCDK::CustomResourceProviderFramework::MISSING_PHYSICAL_ID';

/** A function invoked asynchronously is tried again twice, after one and after two minutes: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const ASYNC_RETRY_DELAYS_MS = [60_000, 120_000];

type Respond = (response: CustomResourceResponse) => void;

type Event = CustomResourceRequest & { readonly PhysicalResourceId: string; readonly Data?: { readonly [name: string]: unknown } };

/**
 * The provider framework of aws-cdk-lib/custom-resources over two handlers that run in this process: the same
 * protocol as its framework.js and cfn-response.js, with its state machine, on a clock of the test's choice.
 */
export class ProviderFramework {
  /** Executions by name, as StartExecution knows them. */
  private readonly executions = new Map<string, { readonly input: string; running: boolean }>();

  constructor(private readonly options: ProviderFrameworkOptions) {}

  /**
   * One delivery of a request: runs until there is nothing left to do for it. Answers by `respond`, which may be
   * called more than once over several deliveries, or never. `tick` is called whenever time has passed.
   */
  public async deliver(request: CustomResourceRequest, respond: Respond, tick: () => void): Promise<void> {
    for (const delay of [...ASYNC_RETRY_DELAYS_MS, undefined]) {
      try {
        return await this.frameworkOnEvent(request, respond, tick);
      } catch (error) {
        if (!(error instanceof FunctionDied) || delay === undefined) {
          return;
        }
        await this.options.clock.pause(delay);
        tick();
      }
    }
  }

  private async frameworkOnEvent(request: CustomResourceRequest, respond: Respond, tick: () => void): Promise<void> {
    if (request.RequestType === 'Delete' && request.PhysicalResourceId === CREATE_FAILED_MARKER) {
      respond(answer('SUCCESS', request));
      return;
    }
    let event: Event;
    try {
      const result = await this.invoke('onEvent', request);
      event = mergeOnEventResult(request, result);
      if (!this.options.handlers.isComplete) {
        respond(answer('SUCCESS', event));
        return;
      }
      if (!this.startExecution(event)) {
        return;
      }
    } catch (error) {
      respond(failure(request, error));
      return;
    }
    await this.waiter(event, respond, tick);
  }

  /**
   * StartExecution: true when it started one, false when the very same one is running. Without a name, each call starts one.
   * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html : the same name with another input, or after its end, is an error.
   */
  private startExecution(event: Event): boolean {
    if (this.options.executions === 'unnamed') {
      return true;
    }
    const input = JSON.stringify(event);
    const known = this.executions.get(event.RequestId);
    if (!known) {
      this.executions.set(event.RequestId, { input, running: true });
      return true;
    }
    if (known.running && known.input === input) {
      return false;
    }
    throw new Error(`Execution Already Exists: '${event.RequestId}'`);
  }

  /** The state machine: one call, then as many retries as the interval fits into the total time-out. */
  private async waiter(event: Event, respond: Respond, tick: () => void): Promise<void> {
    const { clock, queryIntervalMs, totalTimeoutMs } = this.options;
    const maxAttempts = Math.floor(totalTimeoutMs / queryIntervalMs);
    for (let attempt = 0; attempt <= maxAttempts; attempt++) {
      if (attempt > 0) {
        await clock.pause(queryIntervalMs);
        tick();
      }
      const outcome = await this.frameworkIsComplete(event);
      if (outcome) {
        this.endExecution(event);
        respond(outcome);
        return;
      }
    }
    this.endExecution(event);
    respond(answer('FAILED', event, 'Operation timed out'));
  }

  private endExecution(event: Event): void {
    const execution = this.executions.get(event.RequestId);
    if (execution) {
      execution.running = false;
    }
  }

  /** One pass; undefined asks for another one. */
  private async frameworkIsComplete(event: Event): Promise<CustomResourceResponse | undefined> {
    try {
      const result = await this.invoke('isComplete', event);
      if (result.IsComplete === true) {
        return answer('SUCCESS', { ...event, ...result, Data: { ...event.Data, ...(result.Data as object | undefined) } });
      }
      if (Object.keys((result.Data as object | undefined) ?? {}).length > 0) {
        throw new Error('"Data" is not allowed if "IsComplete" is "False"');
      }
      return undefined;
    } catch (error) {
      if (error instanceof FunctionDied) {
        return undefined;
      }
      return failure(event, error);
    }
  }

  /** A synchronous Lambda invocation: JSON in, JSON out, within the function's time-out. */
  private async invoke(name: 'onEvent' | 'isComplete', event: CustomResourceRequest): Promise<{ readonly [name: string]: unknown }> {
    const { clock, handlers } = this.options;
    const timeout = name === 'onEvent' ? this.options.onEventTimeoutMs : this.options.isCompleteTimeoutMs;
    const started = clock.now();
    const context = {
      functionName: name,
      awsRequestId: `${event.RequestId}-${name}-${started}`,
      getRemainingTimeInMillis: () => Math.max(0, started + timeout - clock.now()),
    };
    try {
      const result = await clock.during(async () => handlers[name]?.(JSON.parse(JSON.stringify(event)) as never, context as never));
      if (clock.now() - started > timeout) {
        throw new Error(`Task timed out after ${(timeout / 1000).toFixed(2)} seconds`);
      }
      return JSON.parse(JSON.stringify(result ?? {})) as { readonly [name: string]: unknown };
    } catch (error) {
      throw error instanceof FunctionDied ? error : new UserFunctionError(name, error);
    }
  }
}

/** What the framework makes of an error of a user's function: the message, the log group, and the trace without its first line. */
class UserFunctionError extends Error {
  constructor(functionName: string, cause: unknown) {
    const { message, stack } = cause instanceof Error ? cause : new Error(String(cause));
    super([message, '', `Logs: /aws/lambda/${functionName}`, ''].join('\n'));
    this.stack = [this.message, ...(stack ?? '').split('\n').slice(1)].join('\n');
  }
}

function mergeOnEventResult(request: CustomResourceRequest, result: { readonly [name: string]: unknown }): Event {
  const given = typeof result.PhysicalResourceId === 'string' && result.PhysicalResourceId !== '' ? result.PhysicalResourceId : undefined;
  const physicalId = given ?? (request.RequestType === 'Create' ? request.RequestId : request.PhysicalResourceId);
  if (physicalId === undefined) {
    throw new Error(`Invalid "RequestType" in request "${JSON.stringify(request)}"`);
  }
  if (request.RequestType === 'Delete' && physicalId !== request.PhysicalResourceId) {
    throw new Error(
      `DELETE: cannot change the physical resource ID from "${request.PhysicalResourceId}" to "${physicalId}" during deletion`,
    );
  }
  return { ...request, ...result, PhysicalResourceId: physicalId };
}

function failure(event: CustomResourceRequest, error: unknown): CustomResourceResponse {
  if (error instanceof FunctionDied) {
    throw error;
  }
  const known = event.PhysicalResourceId ?? (event.RequestType === 'Create' ? CREATE_FAILED_MARKER : undefined);
  return answer('FAILED', { ...event, PhysicalResourceId: known }, error instanceof Error ? error.stack : String(error));
}

function answer(
  status: 'SUCCESS' | 'FAILED', event: CustomResourceRequest & { readonly Data?: { readonly [name: string]: unknown } }, reason: string = status,
): CustomResourceResponse {
  return {
    Status: status,
    Reason: reason,
    StackId: event.StackId,
    RequestId: event.RequestId,
    PhysicalResourceId: event.PhysicalResourceId ?? MISSING_PHYSICAL_ID_MARKER,
    LogicalResourceId: event.LogicalResourceId,
    Data: event.Data,
  };
}
