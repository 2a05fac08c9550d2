import type {
  CreateImageRecipeRequest, CreateImageRecipeResponse, DeleteImageRecipeRequest, DeleteImageRecipeResponse, GetImageRecipeRequest,
  GetImageRecipeResponse,
} from '@aws-sdk/client-imagebuilder';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { canonical, recall } from '../client-token';
import { RecipeResource } from '../world';
import { arnName, arnOf, IMAGE_PARENT_ARN, parentMeans, RECIPE_ARN } from './arn';
import { checkClientToken, checkLength, checkPattern, checkTags, checkVersion, invalid } from './check';

/** @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateImageRecipe.html */
export function createImageRecipe(request: CreateImageRecipeRequest, call: Call): CreateImageRecipeResponse {
  const { world } = call;
  const { clientToken, ...parameters } = request;
  checkPattern('name', request.name, /^[-_A-Za-z-0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z-0-9]$/);
  checkVersion('semanticVersion', request.semanticVersion);
  checkClientToken(clientToken);
  if (request.tags) {
    checkTags(request.tags);
  }
  checkLength('description', request.description, 1, 1024);
  if (request.components?.length === 0) {
    throw invalid('components', 'components must hold at least one component.');
  }
  const recollection = recall(world.createImageRecipeTokens, clientToken, canonical(parameters));
  switch (recollection.kind) {
    case 'same':
      return { ...recollection.answer, requestId: world.newRequestId() };
    case 'mismatch':
      throw new AwsError('IdempotentParameterMismatchException', 'The client token was used before with other parameter values');
    case 'new':
  }
  checkParent(request.parentImage ?? '', call);
  const imageRecipeArn = arnOf(world.settings, 'image-recipe', `${arnName(request.name ?? '')}/${request.semanticVersion}`);
  if (world.recipes.has(imageRecipeArn)) {
    throw new AwsError('ResourceAlreadyExistsException', `The image recipe ${imageRecipeArn} already exists`);
  }
  world.recipes.set(imageRecipeArn, {
    kind: 'recipe',
    id: imageRecipeArn,
    serial: world.newSerial(),
    createdAt: call.now,
    tags: new Map(Object.entries(request.tags ?? {})),
    request,
  });
  call.touched.add(imageRecipeArn);
  const answer = { requestId: world.newRequestId(), clientToken, imageRecipeArn };
  world.createImageRecipeTokens.set(clientToken, { at: call.now, parameters: canonical(parameters), answer });
  return answer;
}

export function getImageRecipe(request: GetImageRecipeRequest, call: Call): GetImageRecipeResponse {
  const recipe = recipeNamed(request.imageRecipeArn, call);
  const { clientToken, semanticVersion, tags, ...given } = recipe.request;
  return {
    requestId: call.world.newRequestId(),
    imageRecipe: {
      ...given,
      arn: recipe.id,
      dateCreated: new Date(recipe.createdAt).toISOString(),
      owner: call.world.settings.account,
      tags: Object.fromEntries(recipe.tags),
      version: semanticVersion,
    },
  };
}

export function deleteImageRecipe(request: DeleteImageRecipeRequest, call: Call): DeleteImageRecipeResponse {
  const recipe = recipeNamed(request.imageRecipeArn, call);
  call.world.recipes.delete(recipe.id);
  call.touched.add(recipe.id);
  return { requestId: call.world.newRequestId(), imageRecipeArn: recipe.id };
}

/** An AMI id, an SSM parameter, or an image ARN; an image of this account must be there. */
function checkParent(parent: string, call: Call): void {
  if (!parent.startsWith('arn:')) {
    if (!/^(ami-[0-9a-f]{8,17}|ssm:\S+|[A-Za-z0-9./_:-]+)$/.test(parent)) {
      throw invalid('parentImage', 'parentImage must be an AMI id, an SSM parameter or an image ARN.');
    }
    return;
  }
  if (!IMAGE_PARENT_ARN.test(parent)) {
    throw invalid('parentImage', `parentImage must match pattern ${IMAGE_PARENT_ARN.source}`);
  }
  const own = parent.includes(`:${call.world.settings.account}:`);
  if (own && ![...call.world.images.keys()].some((arn) => parentMeans(parent, arn))) {
    throw invalid('parentImage', `The image '${parent}' does not exist.`);
  }
}

function recipeNamed(arn: string | undefined, call: Call): RecipeResource {
  checkPattern('imageRecipeArn', arn, RECIPE_ARN);
  const recipe = call.world.recipes.get(arn ?? '');
  if (!recipe) {
    throw new AwsError('ResourceNotFoundException', `The resource '${arn}' does not exist`, 404);
  }
  return recipe;
}
