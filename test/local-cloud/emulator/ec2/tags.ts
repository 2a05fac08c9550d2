import type { CreateTagsRequest, DeleteTagsRequest, Tag } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call, isVisible } from '../call';
import { AmiResource, SnapshotResource } from '../world';
import { ImportTask } from './task';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
const MAX_TAGS = 50;
const MAX_KEY = 127;
const MAX_VALUE = 256;

type Taggable = ImportTask | AmiResource | SnapshotResource;

export function createTags(request: CreateTagsRequest, call: Call): undefined {
  const tags = checkedTags(request.Tags ?? []);
  const resources = (request.Resources ?? []).map((id) => taggable(id, call));
  for (const resource of resources) {
    if (new Set([...resource.tags.keys(), ...tags.map(([key]) => key)]).size > MAX_TAGS) {
      throw new AwsError('TagLimitExceeded', `The maximum number of Tags for a resource has been reached (${MAX_TAGS})`);
    }
  }
  for (const resource of resources) {
    tags.forEach(([key, value]) => resource.tags.set(key, value));
    call.touched.add(resource.id);
  }
  return undefined;
}

/** A tag without a value goes whatever its value; with one (even an empty one), only if it has that value; no tag: all go. */
export function deleteTags(request: DeleteTagsRequest, call: Call): undefined {
  const resources = (request.Resources ?? []).map((id) => taggable(id, call));
  for (const resource of resources) {
    const doomed = request.Tags ?? [...resource.tags.keys()].map((Key) => ({ Key, Value: undefined }));
    for (const { Key = '', Value } of doomed) {
      if (Value === undefined || resource.tags.get(Key) === Value) {
        resource.tags.delete(Key);
      }
    }
    call.touched.add(resource.id);
  }
  return undefined;
}

/** Tags of a request, as AWS accepts them. */
export function checkedTags(tags: readonly Tag[]): readonly (readonly [key: string, value: string])[] {
  if (tags.length > MAX_TAGS) {
    throw new AwsError('TagLimitExceeded', `The maximum number of Tags for a resource has been reached (${MAX_TAGS})`);
  }
  const checked = tags.map(({ Key = '', Value = '' }) => {
    if (Key.length < 1 || Key.length > MAX_KEY) {
      throw new AwsError('InvalidParameterValue', `Tag key exceeds the maximum length of ${MAX_KEY} characters or is empty: '${Key}'`);
    }
    if (/^aws:/i.test(Key)) {
      throw new AwsError('InvalidParameterValue', `Value ( ${Key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`);
    }
    if (Value.length > MAX_VALUE) {
      throw new AwsError('InvalidParameterValue', `Tag value exceeds the maximum length of ${MAX_VALUE} characters`);
    }
    return [Key, Value] as const;
  });
  if (new Set(checked.map(([key]) => key)).size < checked.length) {
    throw new AwsError('InvalidParameterValue', 'Duplicate tag keys are not allowed');
  }
  return checked;
}

export function tagList(tags: ReadonlyMap<string, string>): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

function taggable(id: string, call: Call): Taggable {
  const resource = call.world.find(id);
  if (resource && (resource.kind === 'task' || resource.kind === 'ami' || resource.kind === 'snapshot') && isVisible(call, 'get', resource)) {
    return resource;
  }
  throw notFound(id);
}

function notFound(id: string): AwsError {
  if (id.startsWith('ami-')) {
    return new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
  }
  if (id.startsWith('snap-')) {
    return new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
  }
  if (id.startsWith('import-ami-')) {
    return new AwsError('InvalidConversionTaskId.Malformed', `The import task ID '${id}' is not valid`);
  }
  return new AwsError('InvalidID', `The ID '${id}' is not valid`);
}
