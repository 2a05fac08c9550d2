/**
 * What a stack operation created, and what existed before it: things retained from an earlier life of a resource stay.
 */
import { importIdPattern, isOfFamily, ownerOf, type ImportFamily, type ImportOwner } from './physical-id';
import type { IsCompleteRequest, PassTime } from './requests';
import { hasLaterRequest, operationBeganAt, operationOf, wasRetainedBefore, type StackMember } from './stack';
import { amisByImportId, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { unlessTransient } from '../aws/errors';
import { snapshotsOfImport, type Snapshot } from '../aws/snapshots';
import type { PassResult } from '../aws/wait-out-errors';
import { CLOCKS_DIFFER_MS, CLOUDFORMATION_REPORTS_WITHIN, DELETE_SETTLES_AFTER } from '../timing';

/** Something with a creation date that carries an import id. */
export interface Made {
  readonly importId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Returns the AMIs of all imports of a family, or of every family of an owner. */
export async function amisOfFamily(aws: Aws, family: ImportFamily | ImportOwner): Promise<readonly Ami[]> {
  return (await amisByImportId(aws, importIdPattern(family))).filter(({ importId }) => isOfFamily(family, importId));
}

/** Returns the snapshots of all imports of a family, or of every family of an owner. */
export async function snapshotsOfFamily(aws: Aws, family: ImportFamily | ImportOwner): Promise<readonly Snapshot[]> {
  return (await snapshotsOfImport(aws, importIdPattern(family))).filter(({ importId }) => isOfFamily(family, importId));
}

/**
 * Returns the import ids of everything found, except ids with something created before `began`. EC2 does not report when the
 * `undated` things began.
 */
export async function madeSince(
  began: () => Promise<number>,
  made: readonly Made[],
  undated: readonly { readonly importId: string }[],
): Promise<ReadonlySet<string>> {
  const since = made.length > 0 ? await began() : 0;
  const old = new Set(made.filter(({ createdAt }) => createdAt < since - CLOCKS_DIFFER_MS).map(({ importId }) => importId));
  return new Set([...undated, ...made].map(({ importId }) => importId).filter((id) => !old.has(id)));
}

/**
 * Returns the ids of what CloudFormation gave up on before it learned their names: what was made since the stack operation began. Returns none if
 * CloudFormation went on to another request for the resource: a late second delivery must not remove what that request makes.
 */
export async function abandonedIds(
  aws: Aws, event: IsCompleteRequest, now: number, idsSince: (began: () => Promise<number>) => Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  const ids = await idsSince(() => operationBeganAt(aws, event, now));
  return ids.size > 0 && (await hasLaterRequest(aws, event, Date.parse(event.Data.StartedAt))) ? new Set() : ids;
}

/** Removes what CloudFormation gave up on before it learned its name, one after the other. AWS may list something late, so a second look follows. */
export async function removeAbandoned(ids: ReadonlySet<string>, elapsed: number, remove: (id: string) => Promise<PassResult>): Promise<PassResult> {
  const result = await removeEach([...ids], remove);
  return result.kind === 'done' && elapsed < DELETE_SETTLES_AFTER
    ? { kind: 'wait', on: 'a second look for anything that was started', settles: true }
    : result;
}

/** Removes one import after the other. */
export async function removeEach(ids: readonly string[], remove: (id: string) => Promise<PassResult>): Promise<PassResult> {
  for (const id of ids) {
    const result = await remove(id);
    if (result.kind !== 'done') {
      return result;
    }
  }
  return { kind: 'done', attributes: {} };
}

/** How a Delete finds what a resource has made. */
export interface DeletedResource {
  /** Returns the parts of the import that the Delete names. */
  readonly made: () => Promise<readonly Made[]>;
  /** Returns the ids of the owner's imports that were made since then. */
  readonly idsSince: (owner: ImportOwner, began: () => Promise<number>) => Promise<ReadonlySet<string>>;
}

/**
 * Returns the ids of the imports that a Delete removes: that of the resource, unless an update that is being rolled back had only adopted it.
 * If the stack is deleted after a rollback failed, CloudFormation may ask to delete only what the rollback returned to. What the update had
 * made goes first, because it may use the rest.
 */
export async function idsToDelete(
  aws: Aws, resource: StackMember, { now, elapsed }: PassTime, { made, idsSince }: DeletedResource,
): Promise<readonly string[]> {
  const id = resource.PhysicalResourceId;
  const answer = operationOf(aws, resource);
  const operation = await (elapsed < CLOUDFORMATION_REPORTS_WITHIN ? answer : unlessTransient(answer));
  switch (operation?.kind) {
    case 'rollback':
      return (await isOnlyAdopted(aws, resource, now, await made())) ? [] : [id];
    case 'delete-after-failed-rollback': {
      const left = await idsSince(ownerOf(resource), async () => operation.began);
      return [...[...left].filter((each) => each !== id), id];
    }
    case 'other':
    case undefined:
      return [id];
  }
}

/**
 * Returns whether an update that is being rolled back had only adopted something that existed before it, retained from an
 * earlier life of the resource. CloudFormation believes that the update created it, and deletes it. What CloudFormation never knew
 * before the update is not retained: a second delivery of an earlier request created it. Neither is what the update began with: the rollback
 * did not find it, because AWS did not answer, and returned to another import.
 */
async function isOnlyAdopted(aws: Aws, resource: StackMember, now: number, made: readonly Made[]): Promise<boolean> {
  if (made.length === 0) {
    return false;
  }
  const began = await operationBeganAt(aws, resource, now);
  const madeAt = Math.min(...made.map(({ createdAt }) => createdAt));
  return madeAt < began - CLOCKS_DIFFER_MS && wasRetainedBefore(aws, resource, { began, madeAt });
}
