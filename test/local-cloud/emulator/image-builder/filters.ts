import type { Filter } from '@aws-sdk/client-imagebuilder';
import { AwsError } from '../aws-error';
import { ImageResource } from '../world';

/** @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImages.html */
export function filterImages(images: readonly ImageResource[], filters: readonly Filter[] | undefined): readonly ImageResource[] {
  return (filters ?? []).reduce((rest, { name = '', values = [] }) => rest.filter((image) => values.includes(fieldOf(image, name) ?? '')), images);
}

function fieldOf({ request, version }: ImageResource, name: string): string | undefined {
  switch (name) {
    case 'name':
      return request.name;
    case 'osVersion':
      return request.osVersion;
    case 'platform':
      return request.platform;
    case 'type':
      return 'AMI';
    case 'version':
      return version.replace(/\/[0-9]+$/, '');
    default:
      throw new AwsError('InvalidParameterValueException', `The value supplied for parameter 'filters' is not valid. There is no filter '${name}'.`);
  }
}
