/** Import tasks, as EC2 tells of them. */
import { DescribeImportImageTasksCommand, type ImportImageTask } from '@aws-sdk/client-ec2';
import { list, orNothing, text, type Described } from './answer';
import { fromEc2Tags, type Tags } from './tags';
import { ID_TAG, IMAGE_ARN_TAG } from '../../src/shared/contract/names';

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
