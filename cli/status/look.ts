import { History, Wanted } from './history';
import { ImportView } from './import-view';
import { beginsHere, requestsUnderWay, RequestUnderWay } from './request';
import { viewsOf } from './views';
import { amisByImportId } from '../../lambda/aws/amis';
import { taskById, tasksByImportId, type Task } from '../../lambda/aws/tasks';
import { ANY_ID } from '../../src/shared/contract/names';
import { Account } from '../account/account';
import { taggedImages } from '../account/images';
import { eventsOf, Stack, stacksOf } from '../account/stacks';

export interface Question {
  /** The name or id of a stack; undefined for all imports of the account and Region. */
  readonly stack?: string;
  readonly wanted: Wanted;
  readonly history: History;
}

/** Returns the imports of the account and Region. */
export async function lookAtImports(account: Account, { stack: only, wanted, history }: Question): Promise<ImportView[]> {
  const [tasks, amis, stacks] = await Promise.all([
    tasksByImportId(account, ANY_ID, () => true),
    amisByImportId(account, ANY_ID),
    stacksOf(account, 'standing'),
  ]);
  const images = await taggedImages(account, amis);
  const requests = await requestsOf(account, stacks.filter(({ status }) => status.endsWith('_IN_PROGRESS')));
  const views = viewsOf({ tasks, amis, images, stacks, requests, adopted: await adoptedTasks(account, requests) });
  const shown = only === undefined ? views : views.filter(({ stackName, stackId }) => stackName === only || stackId === only);
  return history.complete(account, shown, stacks, wanted);
}

async function requestsOf(account: Account, stacks: readonly Stack[]): Promise<RequestUnderWay[]> {
  const requests: RequestUnderWay[] = [];
  for (const stack of stacks) {
    requests.push(...requestsUnderWay(stack, await eventsOf(account, stack.id, (page) => !beginsHere(stack, page))));
  }
  return requests;
}

async function adoptedTasks(account: Account, requests: readonly RequestUnderWay[]): Promise<ReadonlyMap<string, Task>> {
  const ids = new Set(requests.flatMap(({ state, request: { source } }) => (state.kind === 'waiting' && source.kind === 'adopt' ? [source.importTaskId] : [])));
  const tasks = await Promise.all([...ids].map(async (id) => taskById(account, id)));
  return new Map(tasks.flatMap((task) => (task ? [[task.id, task] as const] : [])));
}
