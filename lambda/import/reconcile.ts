import { deleteLeftovers, importImage, importVmImage } from './act';
import { decideImport, type ImportAction } from './decide';
import type { Phase } from './handover';
import { imageObserved, NOTHING, observeImport, taskIdOf, type ExistsBefore, type ImportSeen } from './observe';
import type { Import, ImportImageParameters } from './request';
import { deleteSources, noteSources } from './sources';
import type { Turn } from './turn';
import type { ImageResourceAttributes } from '../../src/shared/contract/image-resource';
import { LICENSE_TYPE_TAG } from '../../src/shared/contract/names';
import type { Aws } from '../aws/clients';
import { describeError, isAccessRefused, isFullQuota, kindOf } from '../aws/errors';
import { hintFor } from '../aws/hints';
import { imageByArn } from '../aws/images';
import { applyTagChanges } from '../aws/tags';
import type { PassResult } from '../aws/wait-out-errors';
import { isUnwanted, type AskedRequest } from '../cloudformation/request-state';
import { CANCELLED_NO_SOONER, ROLES_PROPAGATE_WITHIN } from '../timing';

/**
 * The images that were in progress at the last passes of a function: their ARNs by import id. AWS Lambda may start a new function
 * for any pass, so the map only saves calls and decides nothing.
 */
export type ImagesInProgress = Map<string, string>;

export interface PassCircumstances extends AskedRequest {
  readonly phase: Phase;
  readonly before: ExistsBefore;
  readonly imagesInProgress: ImagesInProgress;
  readonly turn: Turn;
  /** Asks CloudFormation whether it rolls the stack back. */
  readonly isRollingBack: () => Promise<boolean>;
}

/** Runs one pass towards the image: observe, decide, act, until the import waits, is done or has failed. */
export async function reconcileImport(aws: Aws, import_: Import, circumstances: PassCircumstances): Promise<PassResult> {
  return advance(aws, import_, circumstances, await observe(aws, import_, circumstances));
}

/** Observes an import. One call is enough if its image was in progress at the last pass and still is. */
async function observe(aws: Aws, import_: Import, { before, imagesInProgress }: PassCircumstances): Promise<ImportSeen> {
  const { id } = import_;
  const arn = imagesInProgress.get(id);
  const image = arn === undefined ? undefined : await imageByArn(aws, arn);
  const observed = imageObserved(image);
  if (observed.kind === 'in-progress') {
    return { observed: { ...NOTHING, image: observed }, image };
  }
  const seen = await observeImport(aws, import_, before, image);
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
      return {
        kind: 'fail',
        reason: source.kind === 'import' && isAccessRefused(action.reason)
          ? serviceRoleFailure(source.parameters, action.reason)
          : action.reason + hintFor(action.reason),
      };
    case 'gone':
      // A rollback that fails leaves the stack stuck.
      return (await circumstances.isRollingBack()) ? { kind: 'done', attributes: attributesOf(import_, seen) } : { kind: 'fail', reason: action.reason };
    case 'tag':
      await applyTagChanges(aws, import_.id, action.changes);
      return advance(aws, import_, circumstances, { ...seen, observed: { ...seen.observed, tagChanges: [] } });
    case 'import-vm-image':
      return (await isUnwanted(circumstances)) ? UNWANTED : startImage(aws, import_, action, seen);
    case 'import-image':
      await deleteLeftovers(aws, import_, action.leftoverSnapshotIds);
      return startImport(aws, import_, action, circumstances);
  }
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
    if (isFullQuota(error)) {
      return { kind: 'wait', on: `a free slot: queued because too many imports run in this account and Region (${describeError(error)})`, queued: 'refused' };
    }
    if (kindOf(error) === 'service-role' && circumstances.elapsed >= ROLES_PROPAGATE_WITHIN) {
      return { kind: 'fail', reason: serviceRoleFailure(parameters, describeError(error)) };
    }
    throw error;
  }
}

async function startImage(
  aws: Aws, import_: Import, action: ImportAction & { readonly kind: 'import-vm-image' }, { task }: ImportSeen,
): Promise<PassResult> {
  const arn = await importVmImage(aws, import_, action, task);
  return { kind: 'wait', on: arn === undefined ? 'Image Builder to list the image' : `Image Builder image ${arn} was started` };
}

const UNWANTED: PassResult = { kind: 'fail', reason: 'CloudFormation no longer waits for this VM import, so nothing was started' };

/**
 * Ends an import that has its image. The request that began it deletes the disk images, and never fails because of them. An
 * error that can end by itself is tried again until the time of the request is used up.
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
      throw new Error('CloudFormation may still report the request before this one');
    }
    return wanted;
  });
  return kind === 'pending' && elapsed < segment.budget ? { kind: 'wait', on: `Amazon S3 to delete what was imported (${said})` } : { ...done, sources: said };
}

/** Returns the attributes of the resource. */
export function attributesOf({ request }: Import, { task, ami, image }: ImportSeen): ImageResourceAttributes {
  const { source } = request;
  const requested = source.kind === 'import' ? source.parameters : undefined;
  const arn = image?.arn ?? (source.kind === 'import' ? ami?.imageArn : undefined) ?? '';
  return {
    ImageArn: arn,
    AmiId: ami?.id ?? image?.amiId ?? '',
    ImportTaskId: source.kind === 'adopt' ? source.importTaskId : ami ? taskIdOf(ami, task) : task?.id ?? '',
    SnapshotIds: (ami?.snapshotIds ?? []).join(','),
    ImageName: request.image.name,
    ImageVersion: arn.split('/').slice(-2).join('/'),
    Architecture: ami?.architecture ?? '',
    LicenseType: task?.licenseType ?? ami?.licenseType ?? image?.tags[LICENSE_TYPE_TAG] ?? requested?.LicenseType ?? '',
    UsageOperation: ami?.usageOperation ?? '',
    BootMode: ami?.bootMode ?? '',
  };
}

/** EC2 has one message for many causes. The sentence names everything to check. */
function serviceRoleFailure({ RoleName, DiskContainers, KmsKeyId }: ImportImageParameters, message: string): string {
  const objects = DiskContainers.flatMap(({ UserBucket, Url }) =>
    UserBucket ? [`s3://${UserBucket.S3Bucket}/${UserBucket.S3Key}`] : Url?.startsWith('s3:') ? [Url] : []);
  const key = KmsKeyId
    ? `, and kms:CreateGrant, kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on ${KmsKeyId}`
    : '';
  return (
    `VM Import/Export cannot use the service role ${RoleName}: ${message}. Check that it trusts vmie.amazonaws.com with the external id vmimport ` +
    `and allows s3:GetBucketLocation, s3:ListBucket and s3:GetObject on ${objects.join(', ') || 'the disk images'} ` +
    `(with kms:Decrypt if a KMS key encrypts the bucket)${key}; and that the provider's isComplete function may read the same objects and pass the role (iam:PassRole)`
  );
}
