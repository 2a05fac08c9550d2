import type {
  ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest, UntagResourceRequest,
} from '@aws-sdk/client-imagebuilder';
import { AwsError } from '../aws-error';
import { Call, isVisible } from '../call';
import { ImageResource, RecipeResource } from '../world';
import { checkTagKey, checkTags } from './check';
import { refuseGone } from './images';

export function tagResource(request: TagResourceRequest, call: Call): object {
  const { tags } = taggable(request.resourceArn, call);
  checkTags(request.tags ?? {});
  if (new Set([...tags.keys(), ...Object.keys(request.tags ?? {})]).size > 50) {
    throw new AwsError('InvalidParameterException', 'A resource takes at most 50 tags');
  }
  Object.entries(request.tags ?? {}).forEach(([key, value]) => tags.set(key, value));
  return {};
}

export function untagResource(request: UntagResourceRequest, call: Call): object {
  const { tags } = taggable(request.resourceArn, call);
  if (!request.tagKeys?.length) {
    throw new AwsError('InvalidParameterException', 'tagKeys must hold at least one key');
  }
  request.tagKeys.forEach(checkTagKey);
  request.tagKeys.forEach((key) => tags.delete(key));
  return {};
}

export function listTagsForResource(request: ListTagsForResourceRequest, call: Call): ListTagsForResourceResponse {
  return { tags: Object.fromEntries(taggable(request.resourceArn, call).tags) };
}

function taggable(arn: string | undefined, call: Call): ImageResource | RecipeResource {
  const resource = call.world.images.get(arn ?? '') ?? call.world.recipes.get(arn ?? '');
  if (!resource || (resource.kind === 'image' && !isVisible(call, 'get', resource))) {
    return refuseGone(arn, call);
  }
  call.touched.add(resource.id);
  return resource;
}
