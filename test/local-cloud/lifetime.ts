const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long the endings may take when a signal asks for the end: a terminal's user presses Ctrl-C only so often. */
const SIGNAL_GRACE_MS = 10_000;

/**
 * The time between the start and the end of something that leaves nothing behind: what was begun is ended in
 * reverse order, by `end()` or by a signal that ends this process.
 */
export class Lifetime {
  private readonly over = new AbortController();
  private readonly endings: (() => Promise<void>)[] = [];
  private readonly onSignal: (signal: NodeJS.Signals) => void;
  private ending?: Promise<void>;

  constructor() {
    this.onSignal = (signal) => void this.endOn(signal);
    SIGNALS.forEach((signal) => process.once(signal, this.onSignal));
  }

  /** Aborted when the end has come: what is under way is not to be waited for. */
  public get signal(): AbortSignal {
    return this.over.signal;
  }

  /** Adds something to be done at the end, before what was added earlier. */
  public atEnd(ending: () => Promise<void>): void {
    this.endings.unshift(ending);
  }

  /** Ends everything, once. Every ending is tried; the first error is thrown when all are done. */
  public async end(): Promise<void> {
    this.ending ??= (async () => {
      this.over.abort();
      const errors: unknown[] = [];
      for (const ending of this.endings) {
        await ending().catch((error: unknown) => errors.push(error));
      }
      SIGNALS.forEach((signal) => process.removeListener(signal, this.onSignal));
      if (errors.length > 0) {
        throw errors[0];
      }
    })();
    return this.ending;
  }

  /** Ends as the signal wants it, after everything else has ended. */
  private async endOn(signal: NodeJS.Signals): Promise<void> {
    const timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), SIGNAL_GRACE_MS);
    await this.end().catch((error: unknown) => console.error(error));
    clearTimeout(timer);
    process.kill(process.pid, signal);
  }
}
