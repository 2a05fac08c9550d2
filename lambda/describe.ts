/**
 * Reads of the two APIs, typed to what the library uses. What is not there is an answer, not an error.
 */
import {
  DescribeImagesCommand,
  DescribeImportImageTasksCommand,
  DescribeSnapshotsCommand,
  type Image as Ec2Image,
  type ImportImageTask,
} from '@aws-sdk/client-ec2';
import { GetImageCommand, ListImageBuildVersionsCommand, type Image as ImageBuilderImage } from '@aws-sdk/client-imagebuilder';
import type { Aws } from './aws';
import { kindOf } from './aws-errors';
import { fromEc2Tags, ID_TAG, IMAGE_ARN_TAG, LICENSE_TYPE_TAG, TASK_ID_TAG, type Tags } from './tags';

/** The services that are asked. */
type Described = Pick<Aws, 'ec2' | 'imageBuilder' | 'signal'>;

export interface Task {
  readonly id: string;
  readonly importId: string;
  readonly state: 'active' | 'completed' | 'deleting' | 'deleted';
  readonly status: string;
  readonly statusMessage: string;
  readonly progress: string;
  readonly amiId?: string;
  readonly snapshotIds: readonly string[];
  readonly licenseType?: string;
  readonly imageArn?: string;
  readonly tags: Tags;
}

export interface Ami {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The AMI that it is a copy of. */
  readonly sourceAmiId?: string;
  readonly state: string;
  readonly stateReason: string;
  readonly snapshotIds: readonly string[];
  readonly architecture: string;
  readonly bootMode: string;
  readonly usageOperation: string;
  readonly importId: string;
  readonly imageArn?: string;
  readonly taskId?: string;
  readonly licenseType?: string;
  readonly description: string;
  readonly imdsSupport?: string;
  /** Milliseconds since the epoch. */
  readonly deprecationTime?: number;
  readonly protection: Protection;
  readonly tags: Tags;
}

/** Whether an AMI can be deregistered, in EC2's words. */
export type Protection = 'disabled' | 'enabled-without-cooldown' | 'enabled-with-cooldown';

export interface Snapshot {
  readonly id: string;
  readonly encryption: 'encrypted' | 'none';
  readonly keyId?: string;
  readonly tags: Tags;
}

export interface Image {
  readonly arn: string;
  readonly status: string;
  readonly reason: string;
  readonly amiId?: string;
  readonly tags: Tags;
}

/**
 * The tasks of imports, by an EC2 filter pattern of their ids. EC2 documents no tag filter for tasks, so what comes
 * back is matched again.
 */
export async function tasksByImportId(aws: Described, pattern: string, matches: (importId: string) => boolean): Promise<Task[]> {
  const tasks: Task[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.ec2.send(
      new DescribeImportImageTasksCommand({ Filters: [{ Name: `tag:${ID_TAG}`, Values: [pattern] }], NextToken }),
      { abortSignal: aws.signal },
    );
    tasks.push(...list(page.ImportImageTasks).map(toTask).filter((task) => matches(task.importId)));
    NextToken = page.NextToken;
  } while (NextToken);
  return tasks;
}

/** One task by its id; nothing where EC2 does not know it (yet, or any more). */
export async function taskById(aws: Described, taskId: string): Promise<Task | undefined> {
  const found = await orNothing(
    aws.ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [taskId] }), { abortSignal: aws.signal }),
  );
  return list(found?.ImportImageTasks).map(toTask)[0];
}

export async function amiById(aws: Described, amiId: string): Promise<Ami | undefined> {
  const found = await orNothing(aws.ec2.send(new DescribeImagesCommand({ ImageIds: [amiId] }), { abortSignal: aws.signal }));
  return list(found?.Images).map(toAmi)[0];
}

/** The account's own AMIs of a name. */
export async function amisByName(aws: Aws, name: string): Promise<Ami[]> {
  const found = await aws.ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: [name] }] }),
    { abortSignal: aws.signal },
  );
  return list(found.Images).map(toAmi);
}

/** The account's own AMIs whose import id matches an EC2 filter pattern (`*` stands for anything). */
export async function amisByImportId(aws: Described, pattern: string): Promise<Ami[]> {
  const found = await aws.ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: `tag:${ID_TAG}`, Values: [pattern] }] }),
    { abortSignal: aws.signal },
  );
  return list(found.Images).map(toAmi);
}

export async function snapshotsOfImport(aws: Described, importId: string): Promise<Snapshot[]> {
  return describeSnapshots(aws, [{ Name: `tag:${ID_TAG}`, Values: [importId] }]);
}

/** Those of the snapshots that exist. A filter, because asking for an id that is gone is an error. */
export async function snapshotsByIds(aws: Described, ids: readonly string[]): Promise<Snapshot[]> {
  return ids.length === 0 ? [] : describeSnapshots(aws, [{ Name: 'snapshot-id', Values: [...ids] }]);
}

export async function imageByArn(aws: Described, arn: string): Promise<Image | undefined> {
  const found = await orNothing(
    aws.imageBuilder.send(new GetImageCommand({ imageBuildVersionArn: arn }), { abortSignal: aws.signal }),
  );
  return found?.image ? toImage(arn, found.image) : undefined;
}

/** An Image Builder image that carries an import id. */
export interface ListedImage {
  readonly arn: string;
  readonly importId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The builds of an image version that some import of this library made. The list may lag behind by minutes. */
export async function importedImages(aws: Described, imageVersionArn: string): Promise<ListedImage[]> {
  const images: ListedImage[] = [];
  let nextToken: string | undefined;
  do {
    const page = await orNothing(
      aws.imageBuilder.send(new ListImageBuildVersionsCommand({ imageVersionArn, nextToken }), { abortSignal: aws.signal }),
    );
    for (const { arn, tags, dateCreated } of list(page?.imageSummaryList)) {
      const importId = tags?.[ID_TAG];
      images.push(...(arn !== undefined && importId !== undefined ? [{ arn, importId, createdAt: Date.parse(text(dateCreated)) }] : []));
    }
    nextToken = page?.nextToken;
  } while (nextToken);
  return images;
}

async function describeSnapshots(aws: Described, Filters: { Name: string; Values: string[] }[]): Promise<Snapshot[]> {
  const found = await aws.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }), { abortSignal: aws.signal });
  return list(found.Snapshots).map((snapshot) => ({
    id: text(snapshot.SnapshotId),
    encryption: snapshot.Encrypted ? 'encrypted' : 'none',
    keyId: snapshot.KmsKeyId,
    tags: fromEc2Tags(snapshot.Tags),
  }));
}

/** The answer, or nothing where AWS says that the thing is not there. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (kindOf(error) === 'not-found') {
      return undefined;
    }
    throw error;
  }
}

function toTask(task: ImportImageTask): Task {
  const status = text(task.Status);
  const tags = fromEc2Tags(task.Tags);
  return {
    id: text(task.ImportTaskId),
    importId: text(tags[ID_TAG]),
    // All other states (pending, validating, converting, booting, …) are stages of a task that runs.
    state: status === 'completed' || status === 'deleting' || status === 'deleted' ? status : 'active',
    status,
    statusMessage: text(task.StatusMessage),
    progress: text(task.Progress),
    amiId: task.ImageId,
    snapshotIds: list(task.SnapshotDetails).flatMap((detail) => detail.SnapshotId ?? []),
    licenseType: task.LicenseType,
    imageArn: tags[IMAGE_ARN_TAG],
    tags,
  };
}

function toAmi(image: Ec2Image): Ami {
  const tags = fromEc2Tags(image.Tags);
  return {
    id: text(image.ImageId),
    name: text(image.Name),
    createdAt: Date.parse(text(image.CreationDate)),
    sourceAmiId: image.SourceImageId,
    state: text(image.State),
    stateReason: text(image.StateReason?.Message),
    snapshotIds: list(image.BlockDeviceMappings).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []),
    architecture: text(image.Architecture),
    bootMode: text(image.BootMode),
    usageOperation: text(image.UsageOperation),
    importId: text(tags[ID_TAG]),
    imageArn: tags[IMAGE_ARN_TAG],
    taskId: tags[TASK_ID_TAG],
    licenseType: tags[LICENSE_TYPE_TAG],
    description: text(image.Description),
    imdsSupport: image.ImdsSupport,
    deprecationTime: image.DeprecationTime === undefined ? undefined : Date.parse(image.DeprecationTime),
    protection: protectionOf(image.DeregistrationProtection),
    tags,
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html */
function protectionOf(value: string | undefined): Protection {
  return value === 'enabled-with-cooldown' ? value : value?.startsWith('enabled') ? 'enabled-without-cooldown' : 'disabled';
}

function toImage(arn: string, image: ImageBuilderImage): Image {
  return {
    arn,
    status: text(image.state?.status),
    reason: text(image.state?.reason),
    amiId: list(image.outputResources?.amis)[0]?.image,
    tags: image.tags ?? {},
  };
}

/** The SDK types every field as one that may be missing. */
function text(value: string | undefined): string {
  return value ?? '';
}

function list<T>(value: readonly T[] | undefined): readonly T[] {
  return value ?? [];
}
