import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { AwsClients } from '../../lambda/aws/clients';
import { copyShard, type ShardRuntime } from '../../lambda/disk-copy/copy-shard';
import { Pace } from '../../lambda/disk-copy/pace';
import { sumUp } from '../../lambda/disk-copy/sum-up';
import { FATAL_DISK_COPY_ERRORS, type DiskCopyInput, type DiskCopyTotal, type ShardResult } from '../../src/shared/contract/disk-copy';
import type { SdkRequestHandler } from '../local-cloud/emulator';

/** How an execution ends. */
type End = { readonly status: 'SUCCEEDED'; readonly output: string } | { readonly status: 'FAILED'; readonly error: string; readonly cause: string };

interface Execution {
  readonly input: string;
  readonly startedAt: number;
  readonly end: Promise<End>;
  readonly results: ShardResult[];
  stoppedAt?: number;
  /** When its functions had ended. */
  endedAt?: number;
}

interface Asked {
  readonly name?: string;
  readonly input?: string;
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly maxResults?: number;
  readonly reverseOrder?: boolean;
}

interface Answer {
  readonly statusCode: number;
  readonly body: object;
}

export interface StateMachineDoubleOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Waits so many milliseconds, on a clock that moves on by itself. */
  readonly pause?: (ms: number) => Promise<void>;
  /** Those of the functions that copy. */
  readonly clients: Pick<AwsClients, 'ebs' | 's3'> & Partial<Pick<AwsClients, 'stepFunctions'>>;
}

/**
 * The part of AWS Step Functions that the handlers call, on its wire protocol. An execution runs the real functions of lambda/disk-copy.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export class StateMachineDouble {
  /** Milliseconds that an execution takes. */
  durationMs = 60_000;
  /** What runs in an execution before the disk is copied. It may throw. */
  before?: (input: DiskCopyInput) => void;
  /** The codes of errors that calls get, by action. */
  readonly failures = new Map<string, string>();
  history: 'told' | 'empty' = 'told';
  readonly calls: string[] = [];
  readonly executions = new Map<string, Execution>();
  private server?: Server;

  constructor(private readonly options: StateMachineDoubleOptions) {}

  /** The names of the executions that run. */
  running(): string[] {
    return [...this.executions].flatMap(([arn, execution]) => (execution.stoppedAt === undefined && this.isUnderWay(execution) ? [arn.replace(/^.*:/, '')] : []));
  }

  private isUnderWay({ startedAt, endedAt }: Execution): boolean {
    const hasTimeLeft = this.options.now() < startedAt + this.durationMs;
    return this.options.pause === undefined ? hasTimeLeft : hasTimeLeft || endedAt === undefined;
  }

  client(region: string): SFNClient {
    return new SFNClient({ region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, requestHandler: this.requestHandler(), maxAttempts: 1 });
  }

  /** The way in of other processes and of clients that only know an endpoint; returns it. */
  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) {
          chunks.push(chunk as Buffer);
        }
        const { statusCode, body } = await this.handle(String(request.headers['x-amz-target']), Buffer.concat(chunks).toString());
        response.writeHead(statusCode, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
      })();
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
  }

  private async handle(target: string, body: string): Promise<Answer> {
    const action = target.replace(/^.*\./, '');
    this.calls.push(action);
    return this.answer(action, JSON.parse(body) as Asked);
  }

  requestHandler(): SdkRequestHandler {
    return {
      handle: async ({ headers = {}, body }) => {
        const target = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1] ?? '';
        const { statusCode, body: answer } = await this.handle(target, new TextDecoder().decode(body as Uint8Array));
        return { response: { statusCode, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(JSON.stringify(answer)) } };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    };
  }

  private async answer(action: string, asked: Asked): Promise<Answer> {
    const failure = this.failures.get(action);
    if (failure !== undefined) {
      return refusal(failure);
    }
    if (action === 'StartExecution') {
      return this.start(asked);
    }
    const execution = this.executions.get(asked.executionArn ?? '');
    if (execution === undefined) {
      return refusal('ExecutionDoesNotExist');
    }
    switch (action) {
      case 'DescribeExecution':
        return { statusCode: 200, body: await this.describe(asked.executionArn ?? '', execution) };
      case 'StopExecution':
        execution.stoppedAt ??= this.options.now();
        return { statusCode: 200, body: { stopDate: execution.stoppedAt / 1_000 } };
      case 'GetExecutionHistory':
        return { statusCode: 200, body: { events: this.history === 'told' ? pageOf(this.historyOf(execution), asked) : [] } };
      default:
        return refusal('UnknownOperationException');
    }
  }

  private start({ stateMachineArn = '', name = '', input = '' }: Asked): Answer {
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const standing = this.executions.get(arn);
    if (standing !== undefined && standing.input !== input) {
      return refusal('ExecutionAlreadyExists');
    }
    if (standing === undefined) {
      const results: ShardResult[] = [];
      const execution: Execution = { input, startedAt: this.options.now(), results, end: this.run(JSON.parse(input), arn, results) };
      this.executions.set(arn, execution);
      void execution.end.then(() => {
        execution.endedAt = this.options.now();
      });
    }
    return { statusCode: 200, body: { executionArn: arn, startDate: this.options.now() / 1_000 } };
  }

  private async run(input: DiskCopyInput, executionArn: string, results: ShardResult[]): Promise<End> {
    try {
      this.before?.(input);
      const { ebs, s3, stepFunctions = this.client('eu-west-1') } = this.options.clients;
      for (const shard of input.shards) {
        const clock = this.clockOfFunction();
        const runtime = { ebs, s3, pace: new Pace(clock), random: () => 0, ...clock };
        results.push(await retried(async () => copyShard({ copy: input.copy, shard }, runtime), runtime.pause));
      }
      const total: DiskCopyTotal = await sumUp({ copy: input.copy, executionArn }, stepFunctions);
      return { status: 'SUCCEEDED', output: JSON.stringify(total) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { status: 'FAILED', error: name, cause: JSON.stringify({ errorType: name, errorMessage: message }) };
    }
  }

  /** Unless the clock of the test moves on by itself, a function has one of its own, on which only its pauses take time. */
  private clockOfFunction(): Pick<ShardRuntime, 'now' | 'pause'> {
    if (this.options.pause !== undefined) {
      return { now: this.options.now, pause: this.options.pause };
    }
    let now = this.options.now();
    return {
      now: () => now,
      pause: async (ms) => {
        now += ms;
      },
    };
  }

  private async describe(executionArn: string, execution: Execution): Promise<object> {
    const { input, startedAt, end, stoppedAt } = execution;
    const startDate = startedAt / 1_000;
    const common = { executionArn, stateMachineArn: '', input, startDate };
    if (stoppedAt !== undefined) {
      return { ...common, status: 'ABORTED', stopDate: stoppedAt / 1_000 };
    }
    if (this.isUnderWay(execution)) {
      return { ...common, status: 'RUNNING' };
    }
    return { ...common, ...(await end), stopDate: Math.max(startedAt + this.durationMs, execution.endedAt ?? 0) / 1_000 };
  }

  /** The start, the results of the shards, and a last event whose number tells how far the execution is. */
  private historyOf({ input, startedAt, results }: Execution): object[] {
    const { shards }: DiskCopyInput = JSON.parse(input);
    const done = Math.min(1, (this.options.now() - startedAt) / this.durationMs);
    return [
      { id: 1, type: 'ExecutionStarted', timestamp: 0 },
      ...results.map((Payload, index) => ({
        id: index + 2,
        type: 'TaskSucceeded',
        timestamp: 0,
        taskSucceededEventDetails: { resource: 'invoke', resourceType: 'lambda', output: JSON.stringify({ Payload }) },
      })),
      { id: Math.floor(done * shards.length * 7), type: 'TaskStateEntered', timestamp: 0 },
    ];
  }
}

/** The first page of events, from the oldest on if it is not asked otherwise. */
function pageOf(events: readonly object[], { maxResults = 1_000, reverseOrder = false }: Asked): readonly object[] {
  return (reverseOrder ? [...events].reverse() : events).slice(0, maxResults);
}

/** A task of the state machine: it tries again after every error that may pass, as src/private/provider/disk-copier.ts defines it. */
async function retried<T>(task: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await task();
    } catch (error) {
      if (retry === 5 || FATAL_DISK_COPY_ERRORS.some((fatal) => error instanceof Error && error.name === fatal)) {
        throw error;
      }
      await pause(5_000 * 2 ** retry);
    }
  }
}

function refusal(code: string): Answer {
  return { statusCode: 400, body: { __type: `com.amazonaws.sfn#${code}`, message: code } };
}
