import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { S3Client } from '@aws-sdk/client-s3';
import { CommandResult, runCommand } from './command';
import { AccountDiskSource, Ec2AndImageBuilder, ScaledClock, Settings } from './emulator';
import { readFunctionLogs } from './function-logs';
import { Lifetime } from './lifetime';
import { freePort, MiniStack, miniStackEndpoint } from './ministack';

const REPOSITORY = join(__dirname, '..', '..');
const ACCOUNT = '000000000000';
const CDK_TIMEOUT_MS = 300_000;

export interface LocalCloudOptions {
  /** How many times faster than the wall clock imports run, and the functions and state machines with them. @default 60 */
  readonly timeScale?: number;
  /** Stretches the waits of the state machines alone, so that fast time does not mean a poll every few milliseconds. @default 1 */
  readonly waitScale?: number;
  /** @default us-east-1 */
  readonly region?: string;
  /** A folder of modules that functions find besides their own code, as those of AWS Lambda find the AWS SDK. @default - none */
  readonly modules?: string;
  /** How imports behave; the Region and the account are the cloud's. */
  readonly imports?: Partial<Omit<Settings, 'region' | 'account'>>;
}

export interface CdkOptions {
  /** On top of `LocalCloud.env`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onOutput?: (chunk: string) => void;
}

/** The configuration of an AWS SDK client. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * An AWS account on 127.0.0.1 that the real CDK CLI deploys to: MiniStack, and beside it, in this process, the
 * emulator of VM import, the EBS direct APIs and Image Builder. Everything it makes is in one temporary folder. It is gone after `stop()`,
 * when this process is told to end, and (but for this process' own part) when this process is killed.
 */
export class LocalCloud {
  public static async start(options: LocalCloudOptions = {}): Promise<LocalCloud> {
    const { timeScale = 60, waitScale = 1, region = 'us-east-1', modules, imports = {} } = options;
    const lifetime = new Lifetime();
    try {
      const folder = await mkdtemp(join(tmpdir(), 'local-cloud-'));
      lifetime.atEnd(async () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
      const port = await freePort();
      const disks = new AccountDiskSource(miniStackEndpoint(port), region);
      lifetime.atEnd(async () => disks.close());
      const timeOrigin = Date.now();
      const emulator = new Ec2AndImageBuilder({ clock: new ScaledClock(timeScale), disks, settings: { ...imports, region, account: ACCOUNT } });
      lifetime.atEnd(async () => emulator.close());
      const endpoint = await emulator.listen();
      const ministack = await MiniStack.start({
        folder,
        port,
        region,
        endpoints: { ec2: endpoint, ebs: endpoint, imageBuilder: endpoint },
        timeScale,
        timeOrigin,
        waitScale,
        modules,
        signal: lifetime.signal,
      });
      lifetime.atEnd(async () => ministack.stop());
      return new LocalCloud(lifetime, folder, region, emulator, endpoint, ministack);
    } catch (error) {
      await lifetime.end();
      throw error;
    }
  }

  /** The environment of a CDK CLI or any other client of this cloud; nothing of the developer's own AWS configuration is in it. */
  public readonly env: NodeJS.ProcessEnv;
  public readonly cloudformation: CloudFormationClient;
  public readonly s3: S3Client;
  public readonly imagebuilder: ImagebuilderClient;
  private bootstrapped?: Promise<void>;
  private commands = 0;

  private constructor(
    private readonly lifetime: Lifetime,
    /** The temporary folder; clients may put files there. */
    public readonly folder: string,
    public readonly region: string,
    public readonly emulator: Ec2AndImageBuilder,
    /** Where EC2's VM import, the EBS direct APIs and Image Builder are. */
    public readonly importEndpoint: string,
    private readonly ministack: MiniStack,
  ) {
    this.env = environment(folder, region, ministack.endpoint, importEndpoint);
    this.cloudformation = new CloudFormationClient(this.clientConfig());
    this.s3 = new S3Client({ ...this.clientConfig(), forcePathStyle: true });
    this.imagebuilder = new ImagebuilderClient({ ...this.clientConfig(), endpoint: importEndpoint });
    lifetime.atEnd(async () => [this.cloudformation, this.s3, this.imagebuilder].forEach((client) => client.destroy()));
  }

  /** For an AWS SDK client of anything but EC2, EBS and Image Builder. */
  public clientConfig(): ClientConfig {
    return { endpoint: this.ministack.endpoint, region: this.region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  }

  /** The log of MiniStack, where CloudFormation and Step Functions tell what they do. */
  public get logFile(): string {
    return this.ministack.logFile;
  }

  /** Runs the real CDK CLI of this repository in the folder of an app, without any question to a terminal. */
  public async cdk(args: readonly string[], appDirectory: string, options: CdkOptions = {}): Promise<CommandResult> {
    const output = join(this.folder, `cdk.out-${++this.commands}`);
    return runCommand(process.execPath, [join(REPOSITORY, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--no-notices', '--output', output], {
      cwd: appDirectory,
      env: { ...this.env, ...options.env },
      timeoutMs: CDK_TIMEOUT_MS,
      signal: this.lifetime.signal,
      onOutput: options.onOutput,
    });
  }

  /** `cdk bootstrap`, the first time it is called. */
  public async bootstrap(): Promise<void> {
    this.bootstrapped ??= (async () => {
      const { code, output } = await this.cdk(['bootstrap', `aws://${ACCOUNT}/${this.region}`], this.folder);
      if (code !== 0) {
        throw new Error(`cdk bootstrap failed.\n${output}`);
      }
    })();
    return this.bootstrapped;
  }

  /** What the functions logged, by log group. */
  public async functionLogs(): Promise<ReadonlyMap<string, readonly string[]>> {
    return readFunctionLogs(this.clientConfig());
  }

  /** True from the moment on that `stop()` or a signal ends the cloud. */
  public get stopped(): boolean {
    return this.lifetime.signal.aborted;
  }

  /** Ends everything and removes every file. */
  public async stop(): Promise<void> {
    await this.lifetime.end();
  }
}

function environment(folder: string, region: string, endpoint: string, importEndpoint: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    // The caches of the CDK CLI, npx and tsx belong to the temporary folder too.
    HOME: folder,
    TMPDIR: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_EC2: importEndpoint,
    AWS_ENDPOINT_URL_EBS: importEndpoint,
    AWS_ENDPOINT_URL_IMAGEBUILDER: importEndpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: region,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: '1',
    // No questions, no progress bar that redraws itself, no colours.
    CI: 'true',
    NO_COLOR: '1',
    NODE_NO_WARNINGS: '1',
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
    JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: '1',
    npm_config_update_notifier: 'false',
    // An app of this repository imports the library by its name.
    TSX_TSCONFIG_PATH: join(REPOSITORY, 'tsconfig.dev.json'),
  };
}
