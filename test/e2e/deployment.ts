import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand, StackEvent, waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { CommandResult } from '../local-cloud/command';
import { LocalCloud, LocalCloudOptions } from '../local-cloud/local-cloud';
import { synthesize, type AppVariant } from './app/app';

/** A test that deploys takes seconds on an idle machine; this is for one that shares its cores with others. */
export const DEPLOY_TIMEOUT_MS = 240_000;
/** What is left in the account after everything is deleted. */
export const NOTHING = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };

const BOOTSTRAP_TEMPLATE = join(__dirname, '..', '..', 'node_modules', 'aws-cdk', 'lib', 'api', 'bootstrap', 'bootstrap-template.yaml');
const MINUTE_MS = 60_000;

/**
 * The account that the end-to-end tests of one file share: fast, but with time for a poll between two states, which
 * come every half second of real time. Its bootstrap stack has the template of `cdk bootstrap`, without a start of the CDK CLI.
 */
export async function startCloud(timeScale = 120, imports: LocalCloudOptions['imports'] = {}): Promise<LocalCloud> {
  const cloud = await LocalCloud.start({ timeScale, waitScale: timeScale / 60, imports: { taskDurationMs: 10 * MINUTE_MS, ...imports } });
  await cloud.cloudformation.send(new CreateStackCommand({ StackName: 'CDKToolkit', TemplateBody: readFileSync(BOOTSTRAP_TEMPLATE, 'utf8') }));
  await waitUntilStackCreateComplete({ client: cloud.cloudformation, maxWaitTime: 60, minDelay: 0.1, maxDelay: 0.1 }, { StackName: 'CDKToolkit' });
  return cloud;
}

/** A disk image in the cloud's folder; the content is what makes it another disk. */
export function disk(cloud: LocalCloud, content: string): string {
  const path = join(cloud.folder, `disk-${content}.raw`);
  writeFileSync(path, Buffer.alloc(64 * 1024, `${content}\0`));
  return path;
}

/** Makes a bucket with objects, by their keys. */
export async function makeBucket({ s3 }: LocalCloud, Bucket: string, objects: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const [Key, Body] of Object.entries(objects)) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }
}

/** Deletes a stack as the console does, which takes less than starting the CDK CLI and the app for it. */
export async function deleteStack({ cloudformation }: LocalCloud, StackName: string): Promise<void> {
  await cloudformation.send(new DeleteStackCommand({ StackName }));
  await waitUntilStackDeleteComplete({ client: cloudformation, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, { StackName });
}

/**
 * One stack, deployed by the real CDK CLI. The test itself makes the cloud assembly, which takes a fraction of the time that an app of its
 * own would take; the integration tests and the examples deploy apps.
 */
export class Deployment {
  private assemblies = 0;

  constructor(private readonly cloud: LocalCloud, public readonly stackName: string) {}

  public async deploy(variant: Omit<AppVariant, 'stackName'>): Promise<CommandResult> {
    return this.cdk(variant, 'deploy', '--require-approval', 'never');
  }

  /** Deploys what must succeed, and gives the outputs of the stack. */
  public async outputs(variant: Omit<AppVariant, 'stackName'>): Promise<Readonly<Record<string, string>>> {
    const { code, output } = await this.deploy(variant);
    if (code !== 0) {
      throw new Error(`cdk deploy ended with ${code}.\n${output}`);
    }
    const { Stacks = [] } = await this.cloud.cloudformation.send(new DescribeStacksCommand({ StackName: this.stackName }));
    return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  /** `cdk destroy`. */
  public async destroy(variant: Omit<AppVariant, 'stackName'>): Promise<CommandResult> {
    return this.cdk(variant, 'destroy', '--force');
  }

  /** Deletes the stack without the CDK CLI. */
  public async delete(): Promise<void> {
    await deleteStack(this.cloud, this.stackName);
  }

  /** What CloudFormation told of the import, oldest first. */
  public async events(): Promise<readonly StackEvent[]> {
    const { StackEvents = [] } = await this.cloud.cloudformation.send(new DescribeStackEventsCommand({ StackName: this.stackName }));
    return [...StackEvents].reverse();
  }

  public async status(): Promise<string | undefined> {
    const { Stacks = [] } = await this.cloud.cloudformation.send(new DescribeStacksCommand({ StackName: this.stackName }));
    return Stacks[0]?.StackStatus;
  }

  private async cdk(variant: Omit<AppVariant, 'stackName'>, ...command: readonly string[]): Promise<CommandResult> {
    const assembly = join(this.cloud.folder, `${this.stackName}-${++this.assemblies}`);
    synthesize({ ...variant, stackName: this.stackName }, assembly);
    return this.cloud.cdk([...command, '--app', assembly], this.cloud.folder);
  }
}
