import type {
  CancelImageCreationRequest, CancelImageCreationResponse, DeleteImageRequest, DeleteImageResponse, GetImageRequest, GetImageResponse,
  ListImageBuildVersionsRequest, ListImageBuildVersionsResponse, ListImagesRequest, ListImagesResponse,
} from '@aws-sdk/client-imagebuilder';
import { AwsError } from '../aws-error';
import { Call, isVisible, listed } from '../call';
import { effectOf } from '../faults';
import { ImageResource } from '../world';
import { IMAGE_ARN, IMAGE_BUILD_ARN, IMAGE_VERSION_ARN, parentMeans } from './arn';
import { checkClientToken, checkPattern } from './check';
import { describeImage, summarize } from './describe-image';
import { filterImages } from './filters';
import { listPage } from './list-page';

export function getImage(request: GetImageRequest, call: Call): GetImageResponse {
  const image = standing(latestBuild(request.imageBuildVersionArn ?? '', call), call) ?? notFound(request.imageBuildVersionArn);
  call.touched.add(image.id);
  return { requestId: call.world.newRequestId(), image: describeImage(image, call.world) };
}

/** Deletes the Image Builder resource only, never the AMI. */
export function deleteImage(request: DeleteImageRequest, call: Call): DeleteImageResponse {
  const { world } = call;
  const image = imageNamed(request.imageBuildVersionArn, call);
  if (!image.end) {
    throw new AwsError('ResourceDependencyException', `The image ${image.id} is still being created`);
  }
  const recipe = [...world.recipes.values()].find((candidate) => parentMeans(candidate.request.parentImage ?? '', image.id));
  const held = effectOf(call.rules, 'recipeHoldsImage', call.now);
  if (recipe || held) {
    throw new AwsError('ResourceDependencyException', `The image ${image.id} is used by the image recipe ${recipe?.id ?? 'of a fault rule'}`);
  }
  world.deleteImage(image);
  call.touched.add(image.id);
  return { requestId: world.newRequestId(), imageBuildVersionArn: image.id };
}

export function cancelImageCreation(request: CancelImageCreationRequest, call: Call): CancelImageCreationResponse {
  const { world } = call;
  checkClientToken(request.clientToken);
  const image = imageNamed(request.imageBuildVersionArn, call);
  if (image.end?.kind === 'AVAILABLE' || image.end?.kind === 'FAILED') {
    throw new AwsError('ResourceInUseException', `The image ${image.id} is ${image.end.kind} and cannot be cancelled`);
  }
  if (!image.end) {
    world.endImage(image, { kind: 'CANCELLED', reason: 'The image creation was cancelled by the user' });
  }
  call.touched.add(image.id);
  return { requestId: world.newRequestId(), clientToken: request.clientToken, imageBuildVersionArn: image.id };
}

/** Every build of a version (or, without one, every build), each with its tags. */
export function listImageBuildVersions(request: ListImageBuildVersionsRequest, call: Call): ListImageBuildVersionsResponse {
  const { imageVersionArn } = request;
  checkPattern('imageVersionArn', imageVersionArn, IMAGE_VERSION_ARN);
  const builds = visibleImages(call).filter(({ id }) => imageVersionArn === undefined || id.startsWith(`${imageVersionArn}/`));
  const page = listPage(filterImages(builds, request.filters), request, call);
  page.items.forEach(({ id }) => call.touched.add(id));
  return {
    requestId: call.world.newRequestId(),
    imageSummaryList: page.items.map((image) => summarize(image, call.world)),
    nextToken: page.nextToken,
  };
}

/** One entry a version, whatever its builds; no tags. */
export function listImages(request: ListImagesRequest, call: Call): ListImagesResponse {
  const own = request.owner === undefined || request.owner === 'Self' ? visibleImages(call) : [];
  const latest = new Map(filterImages(own, request.filters).map((image) => [image.id.replace(/\/[0-9]+$/, ''), image]));
  const page = listPage([...latest.values()].sort((a, b) => a.serial - b.serial), request, call);
  return {
    requestId: call.world.newRequestId(),
    imageVersionList: page.items.map((image) => {
      const { arn, tags, state, outputResources, version, ...summary } = summarize(image, call.world);
      return {
        ...summary,
        arn: arn?.replace(/\/[0-9]+$/, ''),
        version: version?.replace(/\/[0-9]+$/, ''),
        owner: call.world.settings.account,
      };
    }),
    nextToken: page.nextToken,
  };
}

/** GetImage takes an ARN without a build, wildcards included, for the latest build that it means. */
function latestBuild(arn: string, call: Call): string {
  checkPattern('imageBuildVersionArn', arn, IMAGE_ARN);
  if (IMAGE_BUILD_ARN.test(arn)) {
    return arn;
  }
  return [...call.world.images.keys()].filter((candidate) => parentMeans(arn, candidate)).at(-1) ?? notFound(arn);
}

/** Returns an image for a call whose permission requires a tag of it. */
function imageNamed(arn: string | undefined, call: Call): ImageResource {
  return standing(arn, call) ?? refuseGone(arn, call);
}

function standing(arn: string | undefined, call: Call): ImageResource | undefined {
  checkPattern('imageBuildVersionArn', arn, IMAGE_BUILD_ARN);
  const image = call.world.images.get(arn ?? '');
  return image && isVisible(call, 'get', image) ? image : undefined;
}

/** Refuses a call about an image that is gone. What is gone has no tags, so a permission that requires one may deny. */
export function refuseGone(arn: string | undefined, { world }: Call): never {
  if (world.answer('goneImage') === 'AccessDeniedException') {
    throw new AwsError('AccessDeniedException', `User is not authorized to perform the action on resource ${arn}`, 403);
  }
  return notFound(arn);
}

function notFound(arn: string | undefined): never {
  throw new AwsError('ResourceNotFoundException', `The resource '${arn}' does not exist`, 404);
}

function visibleImages(call: Call): readonly ImageResource[] {
  return listed(call, call.world.images, call.world.deletedImages);
}
