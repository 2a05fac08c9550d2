import { EndingSignal, ExitStatus, Terminal } from './terminal';

const STATUS: Readonly<Record<EndingSignal, ExitStatus>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** From now on a signal does not end the process, but this. */
export class Interruption {
  private readonly controller = new AbortController();
  private came: ExitStatus = 130;

  constructor(private readonly terminal: Terminal) {
    SIGNALS.forEach((signal) => terminal.on(signal, this.listener));
  }

  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** What the shell is told. */
  public get status(): ExitStatus {
    return this.came;
  }

  /** Signals end the process again. */
  public over(): void {
    SIGNALS.forEach((signal) => this.terminal.off(signal, this.listener));
  }

  private readonly listener = (signal: EndingSignal): void => {
    this.came = STATUS[signal];
    this.controller.abort();
  };
}

const SIGNALS: readonly EndingSignal[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];
