/**
 * Imports that CloudFormation gave up on before it learned their names.
 */
import { reconcileRemoval } from './reconcile';
import { amisByImportId } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { importedImages } from '../aws/images';
import { tasksByImportId } from '../aws/tasks';
import type { PassResult } from '../aws/wait-out-errors';
import { abandonedIds, amisOfFamily, madeSince, removeAbandoned, snapshotsOfFamily, type Made } from '../cloudformation/made-since';
import { importIdPattern, isOfFamily, locationOf, type ImportFamily, type ImportOwner } from '../cloudformation/physical-id';
import type { IsCompleteRequest, PassTime } from '../cloudformation/requests';
import { importFamilyOf } from '../import/name';
import { imageVersionArn, type Import, type ImportRequest } from '../import/request';

/** Removes the imports of a request's content that CloudFormation gave up on because another resource failed. */
export async function removeAbandonedImports(
  aws: Aws, event: IsCompleteRequest, request: ImportRequest, { elapsed, now }: PassTime,
): Promise<PassResult> {
  const wanted = { request, location: locationOf(event.StackId) };
  const ids = await abandonedIds(aws, event, now, (began) => importsSince(aws, importFamilyOf(event, request), wanted, began));
  return removeAbandoned(ids, elapsed, (id) => reconcileRemoval(aws, { ...wanted, id }, elapsed));
}

/**
 * Returns the ids of the imports of a family, or of every family of an owner, that were made since then. What is older was retained from an
 * earlier life of the resource, and stays. Snapshots count on their own: somebody may have deregistered the AMI, and EC2 forgets the task.
 */
export async function importsSince(
  aws: Aws, family: ImportFamily | ImportOwner, wanted: Omit<Import, 'id'>, began: () => Promise<number>,
): Promise<ReadonlySet<string>> {
  if (wanted.request.source.kind === 'adopt') {
    return madeSince(began, (await importedImages(aws, imageVersionArn(wanted))).filter((image) => isOfFamily(family, image.importId)), []);
  }
  const tasks = await tasksByImportId(aws, importIdPattern(family), (id) => isOfFamily(family, id));
  const amis = await amisOfFamily(aws, family);
  const snapshots = await snapshotsOfFamily(aws, family);
  return madeSince(began, [...amis, ...snapshots], tasks);
}

/** Returns the parts of an import that have a creation date. */
export async function madeBy(aws: Aws, import_: Import): Promise<readonly Made[]> {
  const made = import_.request.source.kind === 'adopt' ? await importedImages(aws, imageVersionArn(import_)) : await amisByImportId(aws, import_.id);
  return made.filter(({ importId }) => importId === import_.id);
}
