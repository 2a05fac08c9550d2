import type {
  CancelImportTaskRequest, CancelImportTaskResult, DescribeImportImageTasksRequest, DescribeImportImageTasksResult, Filter,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call, isVisible } from '../call';
import { checkPaging, describePage } from './describe-page';
import { describeTask } from './describe-task';
import { checkDryRun } from './dry-run';
import { filterBy } from './filters';
import { ImportTask, progressOf, statusOf } from './task';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImportImageTasks.html */
export function describeImportImageTasks(request: DescribeImportImageTasksRequest, call: Call): DescribeImportImageTasksResult {
  checkDryRun(request.DryRun);
  const { world, now } = call;
  const { ImportTaskIds: ids } = request;
  checkPaging(request, ids, { min: 1, max: 1000 });
  const named = ids?.length
    ? [...new Set(ids)].map((id) => taskNamed(id, call))
    : [...world.tasks.values()].filter((task) => isVisible(call, 'list', task));
  const found = filterBy(named, filtersOf(request, call), ['task-state'], (task) => ({
    tags: task.tags,
    fields: { 'task-state': [statusOf(task, now, world.settings).state] },
  }));
  const page = describePage(found, request, call);
  page.items.forEach(({ id }) => call.touched.add(id));
  return { ImportImageTasks: page.items.map((task) => describeTask(task, now, world.settings)), NextToken: page.nextToken };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelImportTask.html */
export function cancelImportTask(request: CancelImportTaskRequest, call: Call): CancelImportTaskResult {
  const { world, now } = call;
  if (request.ImportTaskId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter ImportTaskId');
  }
  const task = taskNamed(request.ImportTaskId, call);
  checkDryRun(request.DryRun);
  const previous = statusOf(task, now, world.settings).state;
  call.touched.add(task.id);
  switch (previous) {
    case 'active':
      world.endTask(task, {
        kind: 'cancelled',
        at: now,
        progress: Math.max(1, progressOf(task, now)),
        message: request.CancelReason ?? 'User initiated task cancellation.',
        snapshotIds: [],
      });
      return { ImportTaskId: task.id, PreviousState: 'active', State: 'deleting' };
    case 'deleting':
    case 'deleted':
      return endedAlready(task.id, previous, call);
    case 'completed':
      throw new AwsError('IncorrectState', `The import task ${task.id} is completed and cannot be cancelled`);
  }
}

function endedAlready(id: string, state: 'deleting' | 'deleted', { world }: Call): CancelImportTaskResult {
  const code = world.answer('cancelEnded');
  if (code === 'accepted') {
    return { ImportTaskId: id, PreviousState: state, State: state };
  }
  throw new AwsError(code, `The import task ${id} is ${state} and cannot be cancelled`);
}

/** The reference lists the filter task-state only. */
function filtersOf({ Filters = [] }: DescribeImportImageTasksRequest, { world }: Call): readonly Filter[] {
  const isByTag = ({ Name = '' }: Filter) => Name.startsWith('tag');
  switch (world.answer('tagFilter')) {
    case 'matches':
      return Filters;
    case 'exact':
      return Filters.map((filter) => (isByTag(filter) ? { ...filter, Values: filter.Values?.map((value) => value.replace(/[*?\\]/g, '\\$&')) } : filter));
    case 'ignored':
      return Filters.filter((filter) => !isByTag(filter));
    case 'refused':
      Filters.filter(isByTag).forEach(({ Name }) => {
        throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
      });
      return Filters;
  }
}

function taskNamed(id: string, call: Call): ImportTask {
  const task = call.world.tasks.get(id);
  if (!task || !isVisible(call, 'get', task)) {
    throw new AwsError('InvalidConversionTaskId.Malformed', `The import task ID '${id}' is not valid`);
  }
  return task;
}
