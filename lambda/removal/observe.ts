/**
 * Observes what is left of an import, with new questions to AWS in every pass.
 */
import type { RemovalObserved } from './decide';
import { ID_TAG } from '../../src/shared/contract/names';
import { amiById, amisByImportId, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { imageByArn, importedImages, type Image } from '../aws/images';
import { snapshotsByIds, snapshotsOfImport, type Snapshot } from '../aws/snapshots';
import { taskById, tasksByImportId, type Task } from '../aws/tasks';
import { imageVersionArn, sourceSnapshotIds, type Import } from '../import/request';

/** Looks for everything that an import may have left, no matter what died when. */
export async function observeRemoval(aws: Aws, import_: Import): Promise<RemovalObserved> {
  const { source } = import_.request;
  if (source.kind === 'adopt') {
    const task = await taskById(aws, source.importTaskId);
    return removalObserved({ tasks: [], amis: [], snapshots: [], images: await imagesToRemove(aws, import_, []), completed: task?.state === 'completed' });
  }
  const tasks = await tasksByImportId(aws, import_.id, (each) => each === import_.id);
  const amis = await amisToRemove(aws, import_, tasks);
  return removalObserved({
    tasks,
    amis,
    images: await imagesToRemove(aws, import_, [...tasks, ...amis]),
    snapshots: await snapshotsToRemove(aws, import_, tasks, amis),
    completed: amis.length > 0 || tasks.some((task) => task.state === 'completed'),
  });
}

interface Leftovers {
  readonly tasks: readonly Task[];
  readonly amis: readonly Ami[];
  readonly images: readonly Image[];
  readonly snapshots: readonly Snapshot[];
  /** An AMI exists or existed, so an image of it may exist. */
  readonly completed: boolean;
}

function removalObserved({ tasks, amis, images, snapshots, completed }: Leftovers): RemovalObserved {
  return {
    activeTaskIds: tasks.filter((task) => task.state === 'active').map((task) => task.id),
    endingTaskIds: tasks.filter((task) => task.state === 'deleting').map((task) => task.id),
    images: images.map((image) => ({ arn: image.arn, state: image.state === 'in-progress' ? 'in-progress' : 'settled' })),
    imageEvidence: images.length > 0 ? 'found' : completed ? 'missing' : 'none-expected',
    amiIds: amis.map((ami) => ami.id),
    protectedAmiIds: amis.filter((ami) => ami.protection !== 'disabled').map((ami) => ami.id),
    snapshotIds: snapshots.map((snapshot) => snapshot.id),
    untaggedIds: [...amis, ...snapshots].filter((each) => !(ID_TAG in each.tags)).map((each) => each.id),
  };
}

async function amisToRemove(aws: Aws, { id }: Import, tasks: readonly Task[]): Promise<Ami[]> {
  const amis = await amisByImportId(aws, id);
  for (const amiId of tasks.flatMap((task) => task.amiId ?? [])) {
    const untagged = amis.some((each) => each.id === amiId) ? undefined : await amiById(aws, amiId);
    amis.push(...(untagged ? [untagged] : []));
  }
  return amis.filter((ami) => ami.state !== 'deregistered');
}

async function imagesToRemove(aws: Aws, import_: Import, noted: readonly (Task | Ami)[]): Promise<Image[]> {
  const images: Image[] = [];
  const listed = (await importedImages(aws, imageVersionArn(import_))).filter((image) => image.importId === import_.id);
  for (const arn of new Set([...noted.flatMap(({ imageArn }) => imageArn ?? []), ...listed.map((image) => image.arn)])) {
    const image = await imageByArn(aws, arn);
    images.push(...(image && image.state !== 'deleted' ? [image] : []));
  }
  return images;
}

async function snapshotsToRemove(aws: Aws, import_: Import, tasks: readonly Task[], amis: readonly Ami[]): Promise<Snapshot[]> {
  const named = [...tasks, ...amis].flatMap((each) => each.snapshotIds);
  const found = [...(await snapshotsOfImport(aws, import_.id)), ...(await snapshotsByIds(aws, [...new Set(named)]))];
  const source = sourceSnapshotIds(import_);
  const byId = new Map(found.filter((snapshot) => !source.has(snapshot.id)).map((snapshot) => [snapshot.id, snapshot]));
  return [...byId.values()];
}
