import { GetImageCommand, ListImageBuildVersionsCommand, type Image as ImageBuilderImage } from '@aws-sdk/client-imagebuilder';
import { unlessMissing } from './errors';
import { list, text, type Described } from './fields';
import type { Tags } from './tags';
import { ID_TAG } from '../../src/shared/contract/names';

/** A build of an image as Image Builder describes it. */
export interface Image {
  readonly arn: string;
  readonly state: 'in-progress' | 'available' | 'failed' | 'deleted';
  /** Image Builder's own word for the state. */
  readonly status: string;
  readonly reason: string;
  readonly amiId?: string;
  readonly tags: Tags;
}

export async function imageByArn(aws: Described, arn: string): Promise<Image | undefined> {
  const found = await unlessMissing(
    aws.imageBuilder.send(new GetImageCommand({ imageBuildVersionArn: arn }), { abortSignal: aws.signal }),
  );
  return found?.image ? toImage(arn, found.image) : undefined;
}

/** An Image Builder image that carries an import id. */
export interface ListedImage {
  readonly arn: string;
  readonly importId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Returns the builds of an image version that imports of this library created. Image Builder lists a new build after minutes. */
export async function importedImages(aws: Described, imageVersionArn: string): Promise<ListedImage[]> {
  const images: ListedImage[] = [];
  let nextToken: string | undefined;
  do {
    const page = await unlessMissing(
      aws.imageBuilder.send(new ListImageBuildVersionsCommand({ imageVersionArn, nextToken }), { abortSignal: aws.signal }),
    );
    for (const { arn, tags, dateCreated } of list(page?.imageSummaryList)) {
      const importId = tags?.[ID_TAG];
      images.push(...(arn !== undefined && importId !== undefined ? [{ arn, importId, createdAt: Date.parse(text(dateCreated)) }] : []));
    }
    nextToken = page?.nextToken;
  } while (nextToken);
  return images;
}

function toImage(arn: string, image: ImageBuilderImage): Image {
  const status = text(image.state?.status);
  return {
    arn,
    state: stateOf(status),
    status,
    reason: text(image.state?.reason),
    amiId: list(image.outputResources?.amis)[0]?.image,
    tags: image.tags ?? {},
  };
}

/** https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageState.html */
function stateOf(status: string): Image['state'] {
  switch (status) {
    case 'DELETED':
      return 'deleted';
    // A lifecycle policy deprecates or disables an image that exists.
    case 'AVAILABLE':
    case 'DEPRECATED':
    case 'DISABLED':
      return 'available';
    case 'FAILED':
    case 'CANCELLED':
      return 'failed';
    default:
      return 'in-progress';
  }
}
