/** Asks a real account what AWS leaves open, by one import of a small disk, one that it cancels, and one empty snapshot. */
import { createHash } from 'node:crypto';
import { CompleteSnapshotCommand, EBSClient, PutSnapshotBlockCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import {
  CancelImportTaskCommand, DeleteSnapshotCommand, DeregisterImageCommand, DescribeImagesCommand, DescribeImportImageTasksCommand,
  DescribeSnapshotsCommand, DisableImageDeregistrationProtectionCommand, EC2Client, EnableImageDeregistrationProtectionCommand,
  GetEbsDefaultKmsKeyIdCommand, ImportImageCommand,
} from '@aws-sdk/client-ec2';
import type { ImportImageTask } from '@aws-sdk/client-ec2';
import { DeleteImageCommand, GetImageCommand, ImagebuilderClient, ImportVmImageCommand } from '@aws-sdk/client-imagebuilder';
import { UnknownId, UNKNOWNS } from '../../test/local-cloud/emulator/unknowns';

/** The account that is asked, and what it is asked with. */
export interface Subject {
  readonly ec2: EC2Client;
  readonly ebs: EBSClient;
  readonly imagebuilder: ImagebuilderClient;
  readonly disk: { readonly bucket: string; readonly key: string; readonly format: string };
  /** The service role of VM Import/Export. */
  readonly roleName: string;
  /** Makes names and tokens unique. */
  readonly runId: string;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: (line: string) => void;
}

/** What AWS answered to one question. */
export interface Finding {
  readonly id: UnknownId;
  readonly question: string;
  /** The answer of the list of unknowns that this is; missing where it is none of them. */
  readonly answer?: string;
  /** What was seen: a code and message, a status, a number of seconds. */
  readonly seen: string;
}

const POLL_MS = 15_000;
/** An import of a small disk takes up to an hour. */
const IMPORT_TIMEOUT_MS = 2 * 60 * 60_000;
const BLOCK_SIZE = 524_288;
const TAG = 'cdk-vm-import-acceptance';

/** Asks everything, deletes all that it made, and returns the findings so far even if a step fails. */
export async function askQuestions(subject: Subject): Promise<{ readonly findings: readonly Finding[]; readonly failures: readonly string[] }> {
  const questions = new Questions(subject);
  const failures: string[] = [];
  const step = async (name: string, run: () => Promise<void>) => {
    subject.log(name);
    await run().catch((error: unknown) => failures.push(anonymous(`${name}: ${told(error)}`, subject)));
  };
  await step('The default key of EBS', async () => questions.askDefaultKey());
  await step('EBS direct APIs', async () => questions.askEbs());
  await step('Imports that are cancelled', async () => questions.askCancelledImport());
  await step('An import', async () => questions.askImport());
  await step('Cleanup', async () => questions.cleanUp());
  return { findings: questions.findings, failures };
}

class Questions {
  readonly findings: Finding[] = [];
  private readonly cleanups: (() => Promise<unknown>)[] = [];

  constructor(private readonly subject: Subject) {}

  /** Changes nothing: only ResetEbsDefaultKmsKeyId would show whether the ARN of a key that AWS manages is ever answered. */
  async askDefaultKey(): Promise<void> {
    const { KmsKeyId = '' } = await this.subject.ec2.send(new GetEbsDefaultKmsKeyIdCommand({}));
    const isAlias = KmsKeyId.endsWith('alias/aws/ebs');
    this.note('managedKey', isAlias ? 'alias' : undefined, isAlias ? KmsKeyId : 'a key by its ARN, which is one of the account unless the default key was reset');
  }

  async askEbs(): Promise<void> {
    const { ebs, ec2 } = this.subject;
    const { SnapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1, Timeout: 10, Tags: [{ Key: TAG, Value: this.subject.runId }] }));
    this.cleanups.push(async () => ec2.send(new DeleteSnapshotCommand({ SnapshotId })));
    const data = Buffer.alloc(BLOCK_SIZE);
    const put = new PutSnapshotBlockCommand({
      SnapshotId, BlockIndex: 0, BlockData: data, DataLength: BLOCK_SIZE, Checksum: createHash('sha256').update(data).digest('base64'), ChecksumAlgorithm: 'SHA256',
    });
    const found = await this.until(async () => (await errorOf(ebs.send(put)))?.name !== 'ResourceNotFoundException', 5 * 60_000);
    this.note('ebsVisibility', found.attempts === 1 ? 'atOnce' : 'aMinuteLater', `found after ${found.seconds} s`);
    const complete = new CompleteSnapshotCommand({ SnapshotId, ChangedBlocksCount: 1 });
    await ebs.send(complete);
    const second = await errorOf(ebs.send(complete));
    this.note('ebsSecondComplete', second ? second.name : 'status', told(second));
  }

  async askCancelledImport(): Promise<void> {
    const { ec2 } = this.subject;
    await this.askSmallLetters();
    const { id, token } = await this.startImport('cancelled');
    const again = await ec2.send(new ImportImageCommand(this.importRequest('cancelled', token)));
    this.note('tokenMemory', undefined, again.ImportTaskId === id ? 'the same task after a moment' : `another task: ${again.ImportTaskId}`);
    const listed = await this.until(async () => (await this.tasks()).some(({ ImportTaskId }) => ImportTaskId === id), 5 * 60_000);
    this.note('listLag', undefined, `EC2 listed the task after ${listed.seconds} s`);
    await this.askTagFilter(id);
    const cancel = async () => ec2.send(new CancelImportTaskCommand({ ImportTaskId: id }));
    await cancel();
    const second = await errorOf(cancel());
    this.note('cancelEnded', second ? second.name : 'accepted', told(second));
  }

  async askImport(): Promise<void> {
    const { ec2, imagebuilder, runId } = this.subject;
    const unknown = await errorOf(this.importVmImage('import-ami-0123456789abcdef0', `${runId}-none`));
    this.note('unknownTask', unknown?.name, told(unknown));
    const { id } = await this.startImport('kept');
    const statuses = new Set<string>();
    const task = await this.ended(id, statuses);
    this.note('runningStatus', [...statuses].every((status) => status === 'active') ? 'active' : 'stage', [...statuses].join(', '));
    if (task.Status !== 'completed') {
      throw new Error(`the import ended ${task.Status}: ${task.StatusMessage}`);
    }
    const { Images: [ami] = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [task.ImageId ?? ''] }));
    const snapshots = (ami?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
    this.cleanups.push(async () => this.deleteAmi(task.ImageId ?? '', snapshots));
    this.note('taskTags', ami?.Tags?.some(({ Key }) => Key === TAG) ? 'reach' : 'stay', JSON.stringify(ami?.Tags ?? []));
    const early = await errorOf(this.importVmImage(id, runId));
    this.note('taskVisibility', early ? 'aMinuteLater' : 'atOnce', told(early));
    await this.until(async () => (await errorOf(this.importVmImage(id, runId))) === undefined, 10 * 60_000);
    const [first, second] = [await this.importVmImage(id, runId), await this.importVmImage(id, runId)];
    const imageBuildVersionArn = first.imageArn ?? '';
    this.note('importVmImageToken', second.imageArn === imageBuildVersionArn ? 'sameArn' : undefined, `${imageBuildVersionArn} and ${second.imageArn}`);
    await this.until(async () => (await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn }))).image?.state?.status === 'AVAILABLE', IMPORT_TIMEOUT_MS);
    await imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn }));
    await this.askProtection(task.ImageId ?? '');
    await this.deleteAmi(task.ImageId ?? '', snapshots);
    const goneAmi = await errorOf(ec2.send(new DescribeImagesCommand({ ImageIds: [task.ImageId ?? ''] })));
    this.note('goneAmi', goneAmi?.name.replace('InvalidAMIID.', ''), told(goneAmi));
  }

  /** Deletes what was made; what is gone already is no failure. */
  async cleanUp(): Promise<void> {
    for (const cleanup of this.cleanups.reverse()) {
      const error = await errorOf(cleanup());
      if (error && !/NotFound|Unavailable/.test(error.name)) {
        throw error;
      }
    }
  }

  private async askSmallLetters(): Promise<void> {
    const started = this.startImport('small', 'linux');
    const refusal = await errorOf(started);
    const isAboutPlatform = refusal !== undefined && /platform|linux/i.test(refusal.message);
    this.note('smallLetters', refusal === undefined ? 'yes' : isAboutPlatform ? 'no' : undefined, told(refusal));
    if (refusal === undefined) {
      await this.subject.ec2.send(new CancelImportTaskCommand({ ImportTaskId: (await started).id }));
    }
  }

  private async askTagFilter(id: string): Promise<void> {
    const found = async (value: string) => (await this.tasks([{ Name: `tag:${TAG}`, Values: [value] }])).some(({ ImportTaskId }) => ImportTaskId === id);
    const refusal = await errorOf(found(this.subject.runId));
    if (refusal) {
      this.note('tagFilter', 'refused', told(refusal));
      return;
    }
    const [other, wildcard, exact] = [await found('nobody'), await found(`${this.subject.runId}*`), await found(this.subject.runId)];
    this.note('tagFilter', other ? 'ignored' : wildcard ? 'matches' : exact ? 'exact' : undefined, JSON.stringify({ other, wildcard, exact }));
  }

  private async askProtection(ImageId: string): Promise<void> {
    const { ec2 } = this.subject;
    await ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId, WithCooldown: false }));
    const refusal = await errorOf(ec2.send(new DeregisterImageCommand({ ImageId })));
    this.note('protectedAmi', refusal?.name, told(refusal));
    await ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId }));
  }

  private async startImport(purpose: string, platform = 'Linux'): Promise<{ readonly id: string; readonly token: string }> {
    const token = `${this.subject.runId}-${purpose}`;
    const { ImportTaskId: id = '' } = await this.subject.ec2.send(new ImportImageCommand({ ...this.importRequest(purpose, token), Platform: platform }));
    this.cleanups.push(async () => this.subject.ec2.send(new CancelImportTaskCommand({ ImportTaskId: id })).catch(() => undefined));
    return { id, token };
  }

  private importRequest(purpose: string, ClientToken: string): ImportImageCommand['input'] {
    const { disk: { bucket, key, format }, roleName, runId } = this.subject;
    return {
      ClientToken,
      Description: `cdk-vm-import acceptance run: ${purpose}`,
      DiskContainers: [{ Format: format, UserBucket: { S3Bucket: bucket, S3Key: key } }],
      Platform: 'Linux',
      RoleName: roleName,
      TagSpecifications: [{ ResourceType: 'import-image-task', Tags: [{ Key: TAG, Value: runId }] }],
    };
  }

  private async importVmImage(vmImportTaskId: string, clientToken: string) {
    return this.subject.imagebuilder.send(new ImportVmImageCommand({
      name: `${TAG}-${this.subject.runId}`, semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId, clientToken,
    }));
  }

  private async ended(id: string, statuses: Set<string>): Promise<ImportImageTask> {
    let task: ImportImageTask = {};
    await this.until(async () => {
      task = (await this.subject.ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [id] }))).ImportImageTasks?.[0] ?? {};
      const { Status = '' } = task;
      const hasEnded = ['completed', 'deleting', 'deleted'].includes(Status);
      if (!hasEnded) {
        statuses.add(Status);
      }
      return hasEnded;
    }, IMPORT_TIMEOUT_MS);
    return task;
  }

  private async tasks(Filters?: { Name: string; Values: string[] }[]): Promise<readonly ImportImageTask[]> {
    return (await this.subject.ec2.send(new DescribeImportImageTasksCommand({ Filters }))).ImportImageTasks ?? [];
  }

  private async deleteAmi(ImageId: string, snapshotIds: readonly string[]): Promise<void> {
    const { ec2 } = this.subject;
    const error = await errorOf(ec2.send(new DeregisterImageCommand({ ImageId })));
    if (error && !/NotFound|Unavailable/.test(error.name)) {
      throw error;
    }
    for (const SnapshotId of snapshotIds) {
      const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'snapshot-id', Values: [SnapshotId] }] }));
      if (Snapshots.length > 0) {
        await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
      }
    }
  }

  /** Polls until something holds; says how long that took. */
  private async until(holds: () => Promise<boolean>, timeoutMs: number): Promise<{ readonly seconds: number; readonly attempts: number }> {
    const { now, pause } = this.subject;
    const began = now();
    for (let attempts = 1; now() - began < timeoutMs; attempts++) {
      if (await holds()) {
        return { seconds: Math.round((now() - began) / 1000), attempts };
      }
      await pause(POLL_MS);
    }
    throw new Error(`gave up after ${timeoutMs / 60_000} minutes`);
  }

  private note(id: UnknownId, answer: string | undefined, seen: string): void {
    const { question, answers } = UNKNOWNS[id];
    this.findings.push({ id, question, ...(answer !== undefined && answer in answers ? { answer } : {}), seen: anonymous(seen, this.subject) });
  }
}

/** Takes the account's number and the names of bucket and key out of a text. */
function anonymous(text: string, { disk: { bucket, key } }: Subject): string {
  return text.replace(/\b[0-9]{12}\b/g, 'ACCOUNT').replaceAll(key, 'KEY').replaceAll(bucket, 'BUCKET');
}

async function errorOf(call: Promise<unknown>): Promise<Error | undefined> {
  return call.then(() => undefined, (error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'no error';
}
