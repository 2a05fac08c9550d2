/** Images, as Image Builder tells of them. */
import { GetImageCommand, ListImageBuildVersionsCommand, type Image as ImageBuilderImage } from '@aws-sdk/client-imagebuilder';
import { list, orNothing, text, type Described } from './answer';
import type { Tags } from './tags';
import { ID_TAG } from '../../src/shared/contract/names';

export interface Image {
  readonly arn: string;
  readonly status: string;
  readonly reason: string;
  readonly amiId?: string;
  readonly tags: Tags;
}

export async function imageByArn(aws: Described, arn: string): Promise<Image | undefined> {
  const found = await orNothing(
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

/** The builds of an image version that some import of this library made. The list may lag behind by minutes. */
export async function importedImages(aws: Described, imageVersionArn: string): Promise<ListedImage[]> {
  const images: ListedImage[] = [];
  let nextToken: string | undefined;
  do {
    const page = await orNothing(
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
  return {
    arn,
    status: text(image.state?.status),
    reason: text(image.state?.reason),
    amiId: list(image.outputResources?.amis)[0]?.image,
    tags: image.tags ?? {},
  };
}
