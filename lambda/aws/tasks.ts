import { DescribeImportImageTasksCommand, type EC2Client, type Filter, type ImportImageTask, type SnapshotDetail } from '@aws-sdk/client-ec2';
import { unlessMissing } from './errors';
import { list, text, type Described } from './fields';
import { fromEc2Tags, type Tags } from './tags';
import { ID_TAG, IMAGE_ARN_TAG } from '../../src/shared/contract/names';

/** An import task as EC2 describes it. */
export interface Task {
  readonly id: string;
  readonly importId: string;
  readonly state: 'active' | 'completed' | 'deleting' | 'deleted';
  readonly status: string;
  readonly statusMessage: string;
  readonly progress: string;
  readonly amiId?: string;
  /** Those that the task made of objects and URLs. */
  readonly snapshotIds: readonly string[];
  readonly licenseType?: string;
  readonly imageArn?: string;
  readonly tags: Tags;
}

/** Clients whose EC2 refused the tag filter once: they list without it for good. */
const withoutTagFilter = new WeakSet<EC2Client>();

/**
 * Returns the tasks whose import id is `id`, or begins with what precedes its `*`. EC2 documents no tag filter for tasks, though tools
 * rely on one. The answer is therefore matched again, an id with `*` is matched here alone, and if EC2 refuses the filter, the library
 * lists every task.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImportImageTasks.html
 */
export async function tasksByImportId(aws: Described, id: string, matches: (importId: string) => boolean): Promise<Task[]> {
  const filters = id.endsWith('*') || withoutTagFilter.has(aws.ec2) ? undefined : [{ Name: `tag:${ID_TAG}`, Values: [id] }];
  try {
    const tasks = await listTasks(aws, filters);
    return tasks.filter(({ importId }) => (id.endsWith('*') ? importId.startsWith(id.slice(0, -1)) : importId === id) && matches(importId));
  } catch (error) {
    if (filters === undefined || !(error instanceof Error) || !/^Invalid(Parameter|Filter)/.test(error.name)) {
      throw error;
    }
    withoutTagFilter.add(aws.ec2);
    return tasksByImportId(aws, id, matches);
  }
}

async function listTasks(aws: Described, Filters: Filter[] | undefined): Promise<Task[]> {
  const tasks: Task[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.ec2.send(new DescribeImportImageTasksCommand({ Filters, NextToken }), { abortSignal: aws.signal });
    tasks.push(...list(page.ImportImageTasks).map(toTask));
    NextToken = page.NextToken;
  } while (NextToken);
  return tasks;
}

/** Returns undefined if EC2 does not know the task yet, or no longer knows it. */
export async function taskById(aws: Described, taskId: string): Promise<Task | undefined> {
  const found = await unlessMissing(
    aws.ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [taskId] }), { abortSignal: aws.signal }),
  );
  return list(found?.ImportImageTasks).map(toTask)[0];
}

function toTask(task: ImportImageTask): Task {
  const status = text(task.Status);
  const tags = fromEc2Tags(task.Tags);
  return {
    id: text(task.ImportTaskId),
    importId: text(tags[ID_TAG]),
    // Every other status (pending, validating, converting, booting, …) is a stage of a running task.
    state: status === 'completed' || status === 'deleting' || status === 'deleted' ? status : 'active',
    status,
    statusMessage: text(task.StatusMessage),
    progress: text(task.Progress),
    amiId: task.ImageId,
    snapshotIds: list(task.SnapshotDetails).flatMap(ownSnapshotId),
    licenseType: task.LicenseType,
    imageArn: tags[IMAGE_ARN_TAG],
    tags,
  };
}

/** A detail with neither an object nor a URL may show the snapshot that was to be imported, which is not ours. */
function ownSnapshotId({ SnapshotId, Url, UserBucket }: SnapshotDetail): readonly string[] {
  return SnapshotId === undefined || (Url === undefined && UserBucket === undefined) ? [] : [SnapshotId];
}
