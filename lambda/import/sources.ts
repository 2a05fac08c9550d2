/**
 * Deletes the disk images of an import that has succeeded, where the app asks for it: the very objects that were imported.
 *
 * Nothing tells which version of an object EC2 reads. So what stands under its key is noted on the import task, in the very
 * call that starts it. Where the same still stands there once the image does, that is what was imported; anything else
 * stays.
 */
import { createHash } from 'node:crypto';
import type { Import } from './import';
import type { S3Object } from '../../src/shared/s3-object-url';
import type { Aws } from '../aws/clients';
import { describeError, kindOf } from '../aws/errors';
import { SOURCES_TAG, type Tags } from '../aws/tags';
import { s3Error } from '../s3';
import type { Answer } from '../signed-requests';

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
    const head = await aws.s3.send({ method: 'HEAD', ...source }, aws.signal);
    if (head.status !== 200) {
      throw s3Error(head, `HEAD of ${nameOf(source)}, which deleteSourceOnSuccess takes`);
    }
    notes.push(noteOf(source, head));
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
      said.push(`${nameOf(source)} ${await deleteSource(aws, source, notes[index], isStillWanted)}`);
    } catch (error) {
      kind = kindOf(error) === 'transient' ? 'pending' : kind;
      said.push(`${nameOf(source)} is kept: ${describeError(error)}`);
    }
  }
  return { kind, said: said.join('; ') };
}

async function deleteSource(aws: Aws, source: S3Object, note: string | undefined, isStillWanted: () => Promise<boolean>): Promise<string> {
  const head = await aws.s3.send({ method: 'HEAD', ...source }, aws.signal);
  if (head.status === 404) {
    return 'is gone';
  }
  if (head.status !== 200) {
    throw s3Error(head, `HEAD of ${nameOf(source)}`);
  }
  if (noteOf(source, head) !== note) {
    return note === undefined ? 'is kept: what was imported is not noted' : 'is kept: it is not what was imported';
  }
  // A rollback is about to delete the image, so that the object would be all that is left.
  if (!(await isStillWanted())) {
    return 'is kept: CloudFormation does not wait for this VM import any more';
  }
  const answer = await aws.s3.send({ method: 'DELETE', ...source, ...exactly(head) }, aws.signal);
  switch (answer.status) {
    case 200:
    case 204:
      return 'is deleted';
    case 404:
      return 'is gone';
    case 412:
      return 'is kept: it is not what was imported';
    default:
      throw s3Error(answer, `DELETE of ${nameOf(source)}`);
  }
}

/**
 * What binds a DELETE to what HEAD has shown: the version, which never changes, or, where there are none, the ETag.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html (`null` is overwritten)
 */
function exactly({ headers: { 'x-amz-version-id': versionId, etag } }: Answer) {
  return versionId === undefined || versionId === 'null' ? { headers: { 'if-match': etag ?? NO_ETAG } } : { query: { versionId } };
}

/** What no object has, so that a DELETE is never without a condition. */
const NO_ETAG = '""';

/** Short enough for 21 disks in a tag of 256 characters; of 60 bits. */
function noteOf({ bucketName, key }: S3Object, { headers }: Answer): string {
  const what = [bucketName, key, headers['x-amz-version-id'], headers.etag, headers['last-modified'], headers['content-length']];
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 10);
}

function nameOf({ bucketName, key }: S3Object): string {
  return `s3://${bucketName}/${key}`;
}
