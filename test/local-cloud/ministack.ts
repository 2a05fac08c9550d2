import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './command';
import { pythonVenv, requirementsIn } from './python-venv';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

/** What a MiniStack is told. */
export interface MiniStackOptions {
  /** An existing, empty folder for its state and its log; gone with MiniStack when the caller dies. */
  readonly folder: string;
  /** A free port on 127.0.0.1, see freePort(). */
  readonly port: number;
  readonly region: string;
  /** Where the functions find the services that MiniStack does not have. */
  readonly endpoints: { readonly ec2: string; readonly ebs: string; readonly imageBuilder: string };
  /** How many times faster than the wall clock the Date of the functions and the waits of Step Functions run. */
  readonly timeScale: number;
  /** When scaled time and the wall clock were the same, in milliseconds since the epoch. */
  readonly timeOrigin: number;
  /** Factor on top of the time scale for the waits of Step Functions alone. */
  readonly waitScale: number;
  /** A folder of modules that functions find besides their own code. */
  readonly modules?: string;
  /** Ends the start when it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * MiniStack, an AWS emulator that needs no Docker, in a process group of its own on 127.0.0.1. It plays
 * CloudFormation, S3, IAM, STS, SSM, Step Functions, CloudWatch Logs and Lambda, whose functions it runs as
 * Node.js processes in the environment given here.
 */
export class MiniStack {
  public static async start(options: MiniStackOptions): Promise<MiniStack> {
    const { python } = await pythonVenv(requirementsIn('ministack-requirements.txt'), options.signal);
    const state = join(options.folder, 'ministack');
    await mkdir(state, { recursive: true });
    const logFile = join(options.folder, 'ministack.log');
    const log = openSync(logFile, 'a');
    try {
      const child = spawn(python, [join(__dirname, 'run-ministack.py'), options.folder], {
        cwd: state,
        env: environment(options, state),
        detached: true,
        // The open standard input is what keeps it alive (run-ministack.py).
        stdio: ['pipe', log, log],
      });
      const ministack = new MiniStack(child, miniStackEndpoint(options.port), logFile);
      await ministack.ready(options.signal);
      return ministack;
    } finally {
      closeSync(log);
    }
  }

  private constructor(
    private readonly child: ChildProcess,
    /** The one endpoint of all its services. */
    public readonly endpoint: string,
    /** What it printed, the output of CloudFormation and Step Functions included. */
    public readonly logFile: string,
  ) {
    // Writing to it is never tried; an error here says that the process is gone, which `ready` and `stop` see.
    child.stdin?.on('error', () => undefined);
    child.on('error', () => undefined);
  }

  /** Ends MiniStack and every function that it runs. */
  public async stop(): Promise<void> {
    const ended = this.exited() ? Promise.resolve() : new Promise((resolve) => this.child.once('exit', resolve));
    // Its state is of no further use to anybody, so there is nothing to end gently.
    killGroup(this.child.pid, 'SIGKILL');
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  }

  private async ready(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (this.exited()) {
        throw new Error(`MiniStack ended while it started.\n${readFileSync(this.logFile, 'utf8')}`);
      }
      const answer = await fetch(`${this.endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (answer?.ok) {
        return;
      }
      if (signal.aborted || Date.now() > deadline) {
        await this.stop();
        signal.throwIfAborted();
        throw new Error(`MiniStack was not ready after ${START_TIMEOUT_MS / 1000} s.\n${readFileSync(this.logFile, 'utf8')}`);
      }
      await sleep(50);
    }
  }

  private exited(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** The environment of MiniStack, which is also that of the functions: built from nothing, so that no credentials of the developer get there. */
function environment(options: MiniStackOptions, state: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: state,
    TMPDIR: state,
    GATEWAY_PORT: String(options.port),
    // The address that it listens on, and the name that it gives itself in URLs.
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: options.region,
    STATE_DIR: join(state, 'state'),
    S3_DATA_DIR: join(state, 's3'),
    LAMBDA_EXECUTOR: 'local',
    SFTP_ENABLED: '0',
    // It would look for containers of its own; the developer's Docker is none of its business.
    DOCKER_HOST: `unix://${join(state, 'no-docker.sock')}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    // https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html : these services are elsewhere.
    AWS_ENDPOINT_URL_EC2: options.endpoints.ec2,
    AWS_ENDPOINT_URL_EBS: options.endpoints.ebs,
    AWS_ENDPOINT_URL_IMAGEBUILDER: options.endpoints.imageBuilder,
    SFN_WAIT_SCALE: String(options.waitScale / options.timeScale),
    NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, 'scaled-time.cjs'))}`,
    ...(options.modules === undefined ? {} : { NODE_PATH: options.modules }),
    LOCAL_CLOUD_TIME_SCALE: String(options.timeScale),
    LOCAL_CLOUD_TIME_ORIGIN: String(options.timeOrigin),
  };
}

/** Where a MiniStack will be, for those who have to be told before it starts. */
export function miniStackEndpoint(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port is free on 127.0.0.1.'))));
    });
  });
}
