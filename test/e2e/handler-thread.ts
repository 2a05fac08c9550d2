import { Worker } from 'node:worker_threads';
import type { Clock } from '../local-cloud/emulator';
import type { UserHandlers } from '../local-cloud/provider-framework';

/**
 * Loads the bundle as Lambda does, in a Node.js of its own that knows nothing of jest, but for two things: its Date
 * shows what the test's clock showed when the call was made, and a pause of the handlers lasts as long by that clock.
 */
const LOADER = `
const { parentPort, workerData } = require('node:worker_threads');
let time = workerData.now;
Date.now = () => time;
const pauses = [];
require('node:timers/promises').setTimeout = (ms) => new Promise((resolve) => {
  parentPort.postMessage({ pause: pauses.push(resolve) - 1, ms });
});
const handlers = require(workerData.bundle);
parentPort.on('message', async ({ ended, id, name, event, now, remaining }) => {
  time = now;
  if (ended !== undefined) {
    return pauses[ended]();
  }
  try {
    const result = await handlers[name](event, { getRemainingTimeInMillis: () => remaining });
    parentPort.postMessage({ id, result });
  } catch (error) {
    parentPort.postMessage({ id, error: { message: error.message, stack: error.stack } });
  }
});
`;

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly stack: string };
}

interface Pause {
  readonly pause: number;
  readonly ms: number;
}

/** The bundled handlers, in a thread of their own. */
export class HandlerThread {
  public readonly handlers: UserHandlers = {
    onEvent: async (event, context) => this.invoke('onEvent', event, context),
    isComplete: async (event, context) => this.invoke('isComplete', event, context),
  };

  private readonly worker: Worker;
  private readonly pending = new Map<number, (answer: Answer) => void>();
  private serial = 0;

  constructor(bundle: string, env: NodeJS.ProcessEnv, private readonly clock: Clock) {
    // Its standard output, the log of the handlers, is not piped to ours.
    this.worker = new Worker(LOADER, { eval: true, env, stdout: true, workerData: { bundle, now: clock.now() } });
    this.worker.on('message', (message: Answer | Pause) => {
      if ('pause' in message) {
        this.clock.after(message.ms, () => this.worker.postMessage({ ended: message.pause, now: this.clock.now() }));
      } else {
        this.pending.get(message.id)?.(message);
      }
    });
    this.worker.on('error', (error) => {
      this.pending.forEach((settle, id) => settle({ id, error: { message: error.message, stack: error.stack ?? '' } }));
    });
  }

  public async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private async invoke(name: string, event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<unknown> {
    const id = ++this.serial;
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.pending.set(id, resolve);
      this.worker.postMessage({ id, name, event, now: this.clock.now(), remaining: context.getRemainingTimeInMillis() });
    });
    this.pending.delete(id);
    if (error) {
      throw Object.assign(new Error(error.message), { stack: error.stack });
    }
    return result;
  }
}
