/**
 * Imports that CloudFormation does not name: those of one content that one custom resource has had.
 */
import { imageVersionOf, type Import } from './import';
import { amiById, amisByImportId } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { imageByArn, importedImages } from '../aws/images';
import { tasksByImportId } from '../aws/tasks';
import { unlessTransient } from '../aws/unless-transient';
import type { PassTime } from '../cloudformation/pass-time';
import { importIdPattern, isOfFamily, type ImportFamily } from '../cloudformation/physical-id';
import { isRollingBack, operationBeganAt, type Worked } from '../cloudformation/stack-operation';

/**
 * The import of a content that stands already. An update that CloudFormation rolls back asks for the properties of
 * before; then the import of before, which still stands, is the answer, and not an hour of importing the same disk
 * again.
 *
 * @see https://github.com/aws/aws-cdk/pull/29581 for what a rollback sends
 */
export async function findStandingImport(aws: Aws, family: ImportFamily, wanted: Omit<Import, 'id'>): Promise<string | undefined> {
  // Lists show for a while what was deleted; a read by id knows better.
  if (wanted.request.source.kind === 'import') {
    const amis = (await amisByImportId(aws, importIdPattern(family))).filter((ami) => isOfFamily(family, ami.importId));
    return first(amis, async (ami) => (await amiById(aws, ami.id)) !== undefined);
  }
  // The AMI of an adopted task is not ours to tag; its image, long listed, carries the id.
  const images = (await importedImages(aws, imageVersionOf(wanted))).filter((image) => isOfFamily(family, image.importId));
  return first(images, async (image) => (await imageByArn(aws, image.arn)) !== undefined);
}

async function first<T extends { readonly importId: string }>(
  found: readonly T[], stands: (each: T) => Promise<boolean>,
): Promise<string | undefined> {
  for (const each of found) {
    if (await stands(each)) {
      return each.importId;
    }
  }
  return undefined;
}

/**
 * The imports that CloudFormation gave up on before it learned their names, because another resource failed. What
 * stood before, retained from an earlier life of the resource, is left alone.
 */
export async function findAbandonedImports(
  aws: Aws,
  family: ImportFamily,
  wanted: Omit<Import, 'id'>,
  began: () => Promise<number>,
): Promise<ReadonlySet<string>> {
  if (wanted.request.source.kind === 'adopt') {
    return madeSince(began, (await importedImages(aws, imageVersionOf(wanted))).filter((image) => isOfFamily(family, image.importId)), []);
  }
  const tasks = await tasksByImportId(aws, importIdPattern(family), (id) => isOfFamily(family, id));
  const amis = (await amisByImportId(aws, importIdPattern(family))).filter((ami) => isOfFamily(family, ami.importId));
  return madeSince(began, amis, tasks);
}

/** Something that tells when it was made. */
export interface Made {
  readonly importId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Milliseconds by which the clocks of two services may differ. */
const CLOCKS_DIFFER = 5_000;

/**
 * The import ids of all that was found, but for those with something that was made before. Of the undated things EC2 does not
 * tell when they began.
 */
export async function madeSince(
  began: () => Promise<number>,
  made: readonly Made[],
  undated: readonly { readonly importId: string }[],
): Promise<ReadonlySet<string>> {
  const since = made.length > 0 ? await began() : 0;
  const old = new Set(made.filter(({ createdAt }) => createdAt < since - CLOCKS_DIFFER).map(({ importId }) => importId));
  return new Set([...undated, ...made].map(({ importId }) => importId).filter((id) => !old.has(id)));
}

/** What of an import tells when it was made. */
export async function madeOf(aws: Aws, import_: Import): Promise<readonly Made[]> {
  const made = import_.request.source.kind === 'adopt' ? await importedImages(aws, imageVersionOf(import_)) : await amisByImportId(aws, import_.id);
  return made.filter(({ importId }) => importId === import_.id);
}

/** Seconds that a removal waits for CloudFormation to tell whether it rolls back; afterwards it does as it was asked. */
const CLOUDFORMATION_TELLS_WITHIN = 10 * 60;

/**
 * Whether an update had only taken up what it is rolled back from: it stood before, retained from an earlier life of the
 * resource, though CloudFormation takes it for made by the update, and has it deleted.
 */
export async function isOnlyTakenUp(
  aws: Aws, worked: Worked, { now, elapsed }: PassTime, lookUp: () => Promise<readonly Made[]>,
): Promise<boolean> {
  const told = isRollingBack(aws, worked);
  if (!(await (elapsed < CLOUDFORMATION_TELLS_WITHIN ? told : unlessTransient(told)))) {
    return false;
  }
  const made = await lookUp();
  return made.length > 0 && (await madeSince(() => operationBeganAt(aws, worked, now), made, [])).size === 0;
}
