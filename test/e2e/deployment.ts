import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand, StackEvent, waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { CommandResult } from '../local-cloud/command';
import { LocalCloud, LocalCloudOptions } from '../local-cloud/local-cloud';
import type { AppVariant } from './app/app';

/** A test that deploys takes seconds on an idle machine; this is for one that shares its cores with others. */
export const DEPLOY_TIMEOUT_MS = 240_000;
/** What is left in the account after everything is deleted. */
export const NOTHING = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };

const APP = join(__dirname, 'app');
const MINUTE_MS = 60_000;

/**
 * The account that the end-to-end tests of one file share: fast, but with time for a poll between two states, which
 * come every half second of real time.
 */
export async function startCloud(timeScale = 120, imports: LocalCloudOptions['imports'] = {}): Promise<LocalCloud> {
  const cloud = await LocalCloud.start({ timeScale, waitScale: timeScale / 60, imports: { taskDurationMs: 10 * MINUTE_MS, ...imports } });
  await cloud.bootstrap();
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

/** One stack, deployed by the real CDK CLI. */
export class Deployment {
  constructor(private readonly cloud: LocalCloud, public readonly stackName: string) {}

  public async deploy(variant: Omit<AppVariant, 'stackName'>): Promise<CommandResult> {
    return this.cloud.cdk(['deploy', '--require-approval', 'never'], APP, {
      env: { E2E_APP: JSON.stringify({ ...variant, stackName: this.stackName }) },
    });
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
    return this.cloud.cdk(['destroy', '--force'], APP, { env: { E2E_APP: JSON.stringify({ ...variant, stackName: this.stackName }) } });
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
}
