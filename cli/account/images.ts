import { ListImageBuildVersionsCommand } from '@aws-sdk/client-imagebuilder';
import { Account } from './account';
import type { Ami } from '../../lambda/aws/amis';
import { list, text } from '../../lambda/aws/fields';
import { imageByArn } from '../../lambda/aws/images';
import { ID_TAG } from '../../src/shared/contract/names';

/** An Image Builder image that carries the tag `cdk-vm-import:id`. */
export interface TaggedImage {
  readonly arn: string;
  readonly importId: string;
  readonly status: string;
  readonly reason: string;
  readonly amiId?: string;
}

/**
 * Lists all images of the account and Region that carry the tag. Image Builder's list lags behind by minutes, so an image
 * that an AMI's tag names and the list lacks is read by its ARN.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImageBuildVersions.html (without an image version: all)
 */
export async function taggedImages(account: Account, amis: readonly Ami[]): Promise<TaggedImage[]> {
  const images: TaggedImage[] = [];
  let nextToken: string | undefined;
  do {
    const page = await account.imageBuilder.send(new ListImageBuildVersionsCommand({ nextToken }), { abortSignal: account.signal });
    for (const { arn, tags, state, outputResources } of list(page.imageSummaryList)) {
      const importId = tags?.[ID_TAG];
      if (arn !== undefined && importId !== undefined) {
        images.push({ arn, importId, status: text(state?.status), reason: text(state?.reason), amiId: list(outputResources?.amis)[0]?.image });
      }
    }
    nextToken = page.nextToken;
  } while (nextToken);
  const listed = new Set(images.map(({ arn }) => arn));
  for (const { imageArn, importId } of amis) {
    const image = imageArn === undefined || listed.has(imageArn) ? undefined : await imageByArn(account, imageArn);
    images.push(...(image ? [{ ...image, importId }] : []));
  }
  return images.filter(({ status }) => status !== 'DELETED');
}

/** Returns the `name` and the `x.y.z/build` in the ARN of an image. */
export function nameOfImage(arn: string): { readonly name: string; readonly version: string } {
  const [name, version, build] = text(arn.split(':image/')[1]).split('/');
  return { name: text(name), version: [version, build].filter(Boolean).join('/') };
}
