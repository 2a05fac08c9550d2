/** Everything a command needs from the outside world: output, signals, time. Tests pass doubles. */
import { setTimeout as sleep } from 'node:timers/promises';

/** A stream that a command writes to. */
export interface Output {
  readonly isTTY?: boolean;
  /** Width of the terminal; 0 or undefined if the terminal does not report it. */
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** The signals by which a user, a shell or a closing terminal ends a command. */
export type EndingSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** The process around a command; Node's `process` is one. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  on(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
  off(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
}

/**
 * The exit status of a command: 0 done; 1 done, and something is wrong; 2 the command could not do its work; or 128 plus
 * the number of the signal that ended it.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02
 */
export type ExitStatus = 0 | 1 | 2 | 129 | 130 | 143;

const STATUS: Readonly<Record<EndingSignal, ExitStatus>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
const SIGNALS: readonly EndingSignal[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

/** Turns signals into an abort for as long as it lives, instead of letting them end the process. */
export class Interruption {
  private readonly controller = new AbortController();
  private exitStatus: ExitStatus = 130;

  constructor(private readonly terminal: Terminal) {
    SIGNALS.forEach((signal) => terminal.on(signal, this.listener));
  }

  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit status of the signal that arrived last. */
  public get status(): ExitStatus {
    return this.exitStatus;
  }

  /** Lets signals end the process again. */
  public over(): void {
    SIGNALS.forEach((signal) => this.terminal.off(signal, this.listener));
  }

  private readonly listener = (signal: EndingSignal): void => {
    this.exitStatus = STATUS[signal];
    this.controller.abort();
  };
}

/** The time that a command sees. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits. An abort ends the wait at once, without an error. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const REAL_TIME: Clock = {
  now: () => Date.now(),
  wait: async (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
};

/** Ends the process quietly if the reader of a pipe is gone (`cdk-vm-import status --watch | head -1`). */
export function endOfPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') {
    process.exit(0);
  }
  throw error;
}
