/**
 * One pass towards the image: observe, decide, act, until there is nothing to do but wait, or the import is done or has failed.
 */
import { applyTagChanges, deleteLeftovers, importImage, importVmImage } from './act';
import { attributesOf } from './attributes';
import { decideImport, type ImportAction } from './decide';
import type { Import } from './import';
import { imageObserved, NOTHING, observeImport, type ImportSeen, type StandsBefore } from './observe';
import type { ImportImageParameters } from './request';
import { deleteSources, noteSources } from './sources';
import type { Turn } from './turn';
import type { Aws } from '../aws/clients';
import { describeError, kindOf } from '../aws/errors';
import { hintFor } from '../aws/hints';
import { imageByArn } from '../aws/images';
import { ROLES_PROPAGATE_WITHIN, waitOutErrors, type PassResult } from '../aws/wait-out-errors';

/**
 * The images that were in progress at the last passes of a function: their ARNs, by the id of the import. AWS Lambda may
 * start a new function for any pass, which remembers none: so they save calls, and decide nothing.
 */
export type ImagesInProgress = Map<string, string>;

export interface PassCircumstances {
  readonly phase: 'creating' | 'updating';
  readonly before: StandsBefore;
  readonly imagesInProgress: ImagesInProgress;
  readonly turn: Turn;
  /** Seconds since this segment was asked for. */
  readonly elapsed: number;
  /** Asks CloudFormation whether it still waits for the answer. */
  readonly isStillWanted: () => Promise<boolean>;
}

/** Seconds for which a request is wanted without asking: in the first pass, nothing else can have failed yet. */
export const CANCELLED_NO_SOONER = 10;

/** One pass towards the image. */
export function reconcileImport(aws: Aws, import_: Import, circumstances: PassCircumstances): Promise<PassResult> {
  return waitOutErrors(circumstances.elapsed, async () => {
    const seen = await observe(aws, import_, circumstances);
    return advance(aws, import_, circumstances, seen);
  });
}

/** Observes an import: with one call if its image was in progress at the last pass, and still is. */
async function observe(aws: Aws, import_: Import, { before, imagesInProgress }: PassCircumstances): Promise<ImportSeen> {
  const { id } = import_;
  const arn = imagesInProgress.get(id);
  const image = arn === undefined ? undefined : await imageByArn(aws, arn);
  const observed = imageObserved(image);
  if (observed.kind === 'in-progress') {
    return { observed: { ...NOTHING, image: observed }, image };
  }
  const seen = await observeImport(aws, import_, before);
  if (seen.observed.image.kind === 'in-progress') {
    imagesInProgress.set(id, seen.observed.image.arn);
  } else {
    imagesInProgress.delete(id);
  }
  return seen;
}

async function advance(aws: Aws, import_: Import, circumstances: PassCircumstances, seen: ImportSeen): Promise<PassResult> {
  const { source, maxAttempts } = import_.request;
  const action = decideImport(seen.observed, { ...circumstances, source, maxAttempts });
  switch (action.kind) {
    case 'done':
      return finish(aws, import_, circumstances, seen);
    case 'wait':
      return action;
    case 'fail':
      return { kind: 'fail', reason: action.reason + hintFor(action.reason) };
    case 'tag':
      await applyTagChanges(aws, import_, action.changes);
      return advance(aws, import_, circumstances, { ...seen, observed: { ...seen.observed, tagChanges: [] } });
    case 'import-vm-image':
      return (await isUnwanted(circumstances)) ? UNWANTED : startImage(aws, import_, action, seen);
    case 'import-image':
      await deleteLeftovers(aws, import_, action.leftoverSnapshotIds);
      return startImport(aws, import_, action, circumstances);
  }
}

/**
 * What follows the image, at the very end: the first request for it deletes the disk images, and that is no reason for it to
 * fail. What may still work is tried for as long as the request may take.
 */
async function finish(aws: Aws, import_: Import, { phase, elapsed, isStillWanted }: PassCircumstances, seen: ImportSeen): Promise<PassResult> {
  const { deleteSources: { length }, segment } = import_.request;
  const done = { kind: 'done', attributes: attributesOf(import_, seen) } as const;
  if (length === 0 || phase === 'updating' || segment.index < segment.count) {
    return done;
  }
  const { kind, said } = await deleteSources(aws, import_, seen.task?.tags ?? {}, async () => {
    const wanted = await isStillWanted();
    if (!wanted && elapsed < CANCELLED_NO_SOONER) {
      throw new Error('CloudFormation may still tell of what was before this request');
    }
    return wanted;
  });
  return kind === 'pending' && elapsed < segment.budget ? { kind: 'wait', on: `Amazon S3 to delete what was imported (${said})` } : { ...done, sources: said };
}

const UNWANTED: PassResult = { kind: 'fail', reason: 'CloudFormation does not wait for this VM import any more, so nothing was started' };

/** Asked right before something is made, because a Delete counts on that. */
async function isUnwanted({ elapsed, isStillWanted }: PassCircumstances): Promise<boolean> {
  return elapsed >= CANCELLED_NO_SOONER && !(await isStillWanted());
}

async function startImage(
  aws: Aws, import_: Import, action: ImportAction & { readonly kind: 'import-vm-image' }, { task }: ImportSeen,
): Promise<PassResult> {
  const arn = await importVmImage(aws, import_, action, task);
  return { kind: 'wait', on: arn === undefined ? 'Image Builder to list the image' : `Image Builder image ${arn} was started` };
}

async function startImport(
  aws: Aws,
  import_: Import,
  action: ImportAction & { readonly kind: 'import-image' },
  circumstances: PassCircumstances,
): Promise<PassResult> {
  const { parameters, attempt } = action;
  const notes = await noteSources(aws, import_.request.deleteSources);
  if (await isUnwanted(circumstances)) {
    return UNWANTED;
  }
  try {
    const taskId = await importImage(aws, import_, action, notes);
    return { kind: 'wait', on: attempt === 1 ? 'the import task was started' : `the import task was started again (attempt ${attempt})`, taskId };
  } catch (error) {
    if (kindOf(error) === 'service-role' && circumstances.elapsed >= ROLES_PROPAGATE_WITHIN) {
      return { kind: 'fail', reason: serviceRoleFailure(parameters, describeError(error)) };
    }
    throw error;
  }
}

/** EC2 has one message for many causes; the sentence names what to check. */
function serviceRoleFailure({ RoleName, DiskContainers, KmsKeyId }: ImportImageParameters, said: string): string {
  const objects = DiskContainers.flatMap(({ UserBucket, Url }) =>
    UserBucket ? [`s3://${UserBucket.S3Bucket}/${UserBucket.S3Key}`] : Url?.startsWith('s3:') ? [Url] : []);
  const key = KmsKeyId
    ? `, and kms:CreateGrant, kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on ${KmsKeyId}`
    : '';
  return (
    `VM Import/Export cannot use the service role ${RoleName}: ${said}; check that it trusts vmie.amazonaws.com with the external id vmimport, ` +
    `and allows s3:GetBucketLocation, s3:ListBucket and s3:GetObject on ${objects.join(', ') || 'the disk images'} ` +
    `(with kms:Decrypt where the bucket is encrypted with a KMS key)${key}`
  );
}
