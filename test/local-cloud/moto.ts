import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './command';
import { freePort } from './ministack';
import { pythonVenv, requirementsIn } from './python-venv';

const START_TIMEOUT_MS = 60_000;

/** Ends with its standard input, so that it never outlives this process. */
const PROGRAM = `
import os, sys, threading
from moto.server import main
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
`;

/**
 * moto's server, a second emulator of EC2 and of the EBS direct APIs that nobody of this project wrote. It keeps blocks in
 * memory, and verifies neither checksums nor counts.
 *
 * @see https://docs.getmoto.org/en/latest/docs/services/ebs.html
 */
export class Moto {
  public static async start(): Promise<Moto> {
    const { python } = await motoPython();
    const port = await freePort();
    const child = spawn(python, ['-c', PROGRAM, String(port)], {
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true' },
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => undefined);
    const moto = new Moto(child, `http://127.0.0.1:${port}`);
    await moto.ready();
    return moto;
  }

  private constructor(
    private readonly child: ChildProcess,
    /** The one endpoint of all its services. */
    public readonly endpoint: string,
  ) {}

  public async stop(): Promise<void> {
    const ended = this.exited() ? Promise.resolve() : new Promise((resolve) => this.child.once('exit', resolve));
    killGroup(this.child.pid, 'SIGKILL');
    await ended;
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const answer = await fetch(`${this.endpoint}/moto-api/`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (answer?.ok) {
        return;
      }
      if (this.exited() || Date.now() > deadline) {
        await this.stop();
        throw new Error('moto did not start');
      }
      await sleep(50);
    }
  }

  private exited(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** The Python environment that holds moto, and boto3 as well. */
export async function motoPython(): Promise<{ python: string }> {
  return pythonVenv(requirementsIn('moto-requirements.txt'));
}
