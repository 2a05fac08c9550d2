import { copiesUnderWay, CopyUnderWay, viewsOfCopies } from './copies';
import { History, Wanted } from './history';
import { ImportView, inReadingOrder } from './import-view';
import { beginsHere, requestsUnderWay, RequestUnderWay } from './request';
import { viewsOf } from './views';
import { amisByImportId } from '../../lambda/aws/amis';
import { snapshotsOfImport } from '../../lambda/aws/snapshots';
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
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Returns the imports of the account and Region. */
export async function lookAtImports(account: Account, { stack: only, wanted, history, now }: Question): Promise<ImportView[]> {
  const [tasks, amis, snapshots, stacks] = await Promise.all([
    tasksByImportId(account, ANY_ID, () => true),
    amisByImportId(account, ANY_ID),
    snapshotsOfImport(account, ANY_ID),
    stacksOf(account, 'standing'),
  ]);
  const images = await taggedImages(account, amis);
  const { requests, copies } = await requestsOf(account, stacks.filter(({ status }) => status.endsWith('_IN_PROGRESS')));
  const imports = viewsOf({ tasks, amis, images, stacks, requests, adopted: await adoptedTasks(account, requests) });
  const views = inReadingOrder([...imports, ...await viewsOfCopies(account, { snapshots, stacks, copies, now })]);
  const shown = only === undefined ? views : views.filter(({ stackName, stackId }) => stackName === only || stackId === only);
  return history.complete(account, shown, stacks, wanted);
}

/** What running operations of the stacks request. */
interface Requests {
  readonly requests: readonly RequestUnderWay[];
  readonly copies: readonly CopyUnderWay[];
}

async function requestsOf(account: Account, stacks: readonly Stack[]): Promise<Requests> {
  const requests: RequestUnderWay[] = [];
  const copies: CopyUnderWay[] = [];
  for (const stack of stacks) {
    const events = await eventsOf(account, stack.id, (page) => !beginsHere(stack, page));
    requests.push(...requestsUnderWay(stack, events));
    copies.push(...copiesUnderWay(stack, events));
  }
  return { requests, copies };
}

async function adoptedTasks(account: Account, requests: readonly RequestUnderWay[]): Promise<ReadonlyMap<string, Task>> {
  const ids = new Set(requests.flatMap(({ state, request: { source } }) => (state.kind === 'waiting' && source.kind === 'adopt' ? [source.importTaskId] : [])));
  const tasks = await Promise.all([...ids].map(async (id) => taskById(account, id)));
  return new Map(tasks.flatMap((task) => (task ? [[task.id, task] as const] : [])));
}
