import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Clock, Terminal } from '../../cli/terminal';

/** Where a command runs in a test: at a terminal, or with its output in a file. */
export class TerminalDouble extends EventEmitter implements Terminal {
  readonly stdin: PassThrough & { isTTY?: boolean } = new PassThrough();
  readonly said = { stdout: '', stderr: '' };
  readonly stdout: { isTTY: boolean; columns: number; rows: number; write: (text: string) => void };
  readonly stderr = { write: (text: string) => { this.said.stderr += text; } };

  constructor(kind: 'terminal' | 'file' = 'file', readonly env: NodeJS.ProcessEnv = { NO_COLOR: '1' }) {
    super();
    const isTTY = kind === 'terminal';
    this.stdin.isTTY = isTTY;
    this.stdout = { isTTY, columns: 100, rows: 40, write: (text) => { this.said.stdout += text; } };
  }
}

/** Time that passes when somebody waits, and tells of it. */
export class SteppedClock implements Clock {
  constructor(private time: number, private readonly onWait: (now: number) => void | Promise<void> = () => undefined) {}

  now(): number {
    return this.time;
  }

  async wait(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    await this.onWait(this.time);
  }
}
