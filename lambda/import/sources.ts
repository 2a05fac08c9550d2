/**
 * Deletes the disk images of a successful import if the app asks for it: exactly the objects that were imported.
 *
 * EC2 does not report which version of an object it reads. The call that starts the import task therefore tags it with a digest
 * of each object. If the object still matches when the image is available, it is what was imported, and it is deleted.
 */
import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Import } from './request';
import { SOURCES_TAG } from '../../src/shared/contract/names';
import type { S3Object } from '../../src/shared/s3-object-url';
import type { Aws } from '../aws/clients';
import { describeError, kindOf } from '../aws/errors';
import { deleteObject, headObject, urlOf, type DeleteCondition } from '../aws/objects';
import type { Tags } from '../aws/tags';

/** What happened to the objects. `pending`: a later pass may delete more. */
export interface SourcesOutcome {
  readonly kind: 'settled' | 'pending';
  readonly said: string;
}

/**
 * Returns the tag with the digests of the objects that are about to be imported.
 *
 * @throws the error of Amazon S3 if it does not show an object; nothing has started yet
 */
export async function noteSources(aws: Aws, sources: readonly S3Object[]): Promise<Tags> {
  if (sources.length === 0) {
    return {};
  }
  const notes: string[] = [];
  for (const source of sources) {
    const head = await headObject(aws.s3, source, aws.signal);
    if (head.kind === 'refused') {
      head.error.message += ', which deleteSourceOnSuccess requires';
      throw head.error;
    }
    notes.push(noteOf(source, head.found));
  }
  return { [SOURCES_TAG]: notes.join(' ') };
}

/**
 * Deletes the objects that still match their digests. Only an error that can end by itself is left to a later pass. A successful
 * import does not fail because of objects that it leaves behind.
 */
export async function deleteSources(aws: Aws, { request }: Import, taskTags: Tags, isStillWanted: () => Promise<boolean>): Promise<SourcesOutcome> {
  const notes = taskTags[SOURCES_TAG]?.split(' ') ?? [];
  const said: string[] = [];
  let kind: SourcesOutcome['kind'] = 'settled';
  for (const [index, source] of request.deleteSources.entries()) {
    try {
      said.push(`${urlOf(source)} ${await deleteSource(aws, source, notes[index], isStillWanted)}`);
    } catch (error) {
      kind = kindOf(error) === 'transient' ? 'pending' : kind;
      said.push(`${urlOf(source)} is kept: ${describeError(error)}`);
    }
  }
  return { kind, said: said.join('; ') };
}

async function deleteSource(aws: Aws, source: S3Object, note: string | undefined, isStillWanted: () => Promise<boolean>): Promise<string> {
  const head = await headObject(aws.s3, source, aws.signal);
  if (head.kind === 'refused') {
    if (head.status === 404) {
      return 'is gone';
    }
    throw head.error;
  }
  if (noteOf(source, head.found) !== note) {
    return note === undefined ? 'is kept: there is no record of what was imported' : 'is kept: it changed after the import started';
  }
  // A rollback is about to delete the image. The object would then be the only copy.
  if (!(await isStillWanted())) {
    return 'is kept: CloudFormation no longer waits for this VM import';
  }
  switch (await deleteObject(aws.s3, source, exactly(head.found), aws.signal)) {
    case 'deleted':
      return 'is deleted';
    case 'gone':
      return 'is gone';
    case 'changed':
      return 'is kept: it changed after the import started';
  }
}

/**
 * Binds a delete to the object that HEAD has shown: by its version, which never changes, or by its ETag if the bucket
 * keeps no versions.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html (`null` is overwritten)
 */
function exactly({ VersionId, ETag = NO_ETAG }: HeadObjectCommandOutput): DeleteCondition {
  return VersionId === undefined || VersionId === 'null' ? { IfMatch: ETag } : { VersionId };
}

/** An ETag that no object has, so that no delete goes without a condition. */
const NO_ETAG = '""';

/** Returns a note of 60 bits: the notes of 21 disks fit into a tag of 256 characters. */
function noteOf({ bucketName, key }: S3Object, { VersionId, ETag, LastModified, ContentLength }: HeadObjectCommandOutput): string {
  const what = [bucketName, key, VersionId, ETag, LastModified?.toUTCString(), ContentLength?.toString()];
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 10);
}
