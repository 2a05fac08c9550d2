import { DescribeImportImageTasksCommand, type ImportImageTask } from '@aws-sdk/client-ec2';
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
  readonly snapshotIds: readonly string[];
  readonly licenseType?: string;
  readonly imageArn?: string;
  readonly tags: Tags;
}

/**
 * Returns the tasks whose import id matches a filter pattern of EC2. EC2 documents no tag filter for tasks, so the answer is
 * matched again.
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
    snapshotIds: list(task.SnapshotDetails).flatMap((detail) => detail.SnapshotId ?? []),
    licenseType: task.LicenseType,
    imageArn: tags[IMAGE_ARN_TAG],
    tags,
  };
}
