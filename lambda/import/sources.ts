/**
 * Deletes the disk images of an import that has succeeded, where the app asks for it: the very objects that were imported.
 *
 * Nothing tells which version of an object EC2 reads. So what stands under its key is noted on the import task, in the very
 * call that starts it. Where the same still stands there once the image does, that is what was imported; anything else
 * stays.
 */
import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Import } from './import';
import { SOURCES_TAG } from '../../src/shared/contract/names';
import type { S3Object } from '../../src/shared/s3-object-url';
import type { Aws } from '../aws/clients';
import { describeError, kindOf } from '../aws/errors';
import { deleteObject, headObject, urlOf, type DeleteCondition } from '../aws/objects';
import type { Tags } from '../aws/tags';

/** What became of the objects, in words; `pending` where a later pass may do better. */
export interface SourcesOutcome {
  readonly kind: 'settled' | 'pending';
  readonly said: string;
}

/**
 * The note of what is about to be imported, for the task that is started.
 *
 * @throws what Amazon S3 says where it does not show an object: nothing is lost yet
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
 * Deletes the objects that are still what was noted. Only what may pass by itself is left to a later pass: an import that
 * has succeeded does not fail for what it leaves behind.
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
    return note === undefined ? 'is kept: what was imported is not noted' : 'is kept: it is not what was imported';
  }
  // A rollback is about to delete the image, so that the object would be all that is left.
  if (!(await isStillWanted())) {
    return 'is kept: CloudFormation does not wait for this VM import any more';
  }
  switch (await deleteObject(aws.s3, source, exactly(head.found), aws.signal)) {
    case 'deleted':
      return 'is deleted';
    case 'gone':
      return 'is gone';
    case 'changed':
      return 'is kept: it is not what was imported';
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
