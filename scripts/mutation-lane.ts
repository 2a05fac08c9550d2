import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { TestRun, TestRunResult } from './mutation-worker';

/** A worker has so much memory before another one takes its place. */
const MOST_MEGABYTES = 1500;

/** One worker process after the other, each for many test runs. */
export class Lane {
  private worker?: ChildProcess;

  public constructor(private readonly copy: string) {}

  /** Runs a test file; returns undefined where the worker crashes or takes longer than so many seconds. */
  public async run(run: TestRun, seconds: number): Promise<TestRunResult | undefined> {
    const worker = this.worker ??= fork(join(this.copy, 'scripts', 'mutation-worker.ts'), {
      cwd: this.copy, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    let timer: NodeJS.Timeout | undefined;
    const result = await new Promise<TestRunResult | undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), seconds * 1000);
      worker.once('message', resolve).once('exit', () => resolve(undefined));
      worker.send(run);
    });
    clearTimeout(timer);
    worker.removeAllListeners();
    if (result === undefined || result.megabytes > MOST_MEGABYTES) {
      this.stop();
    }
    return result;
  }

  public stop(): void {
    this.worker?.kill('SIGKILL');
    this.worker = undefined;
  }
}
