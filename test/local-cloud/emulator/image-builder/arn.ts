import { Settings } from '../settings';

/** An image's or recipe's name as it reads in its ARN. */
export function arnName(name: string): string {
  return name.toLowerCase().replace(/[\s_]/g, '-');
}

export function arnOf(settings: Settings, type: 'image' | 'image-recipe', path: string): string {
  return `arn:aws:imagebuilder:${settings.region}:${settings.account}:${type}/${path}`;
}

/** `image/<name>/<x.y.z>` with or without `/<build>`; x, y and z may be wildcards where the API takes them. */
export const IMAGE_BUILD_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image\/[a-z0-9-_]+\/[0-9]+\.[0-9]+\.[0-9]+\/[0-9]+$/;
export const IMAGE_VERSION_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image\/[a-z0-9-_]+\/[0-9]+\.[0-9]+\.[0-9]+$/;
/** Without a build, with wildcards or without; or with a build, and then with no wildcards. */
export const IMAGE_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image\/[a-z0-9-_]+\/(?:(?:[0-9]+|x)\.(?:[0-9]+|x)\.(?:[0-9]+|x)|[0-9]+\.[0-9]+\.[0-9]+\/[0-9]+)$/;
export const IMAGE_PARENT_ARN = /^(arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image\/[a-z0-9-_]+)\/((?:[0-9]+|x)\.(?:[0-9]+|x)\.(?:[0-9]+|x))(?:\/([0-9]+))?$/;
export const RECIPE_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image-recipe\/[a-z0-9-_]+\/[0-9]+\.[0-9]+\.[0-9]+$/;

/** Whether a parent (any build, any wildcard) means this very image build version. */
export function parentMeans(parent: string, imageArn: string): boolean {
  const [, prefix, version = '', build] = IMAGE_PARENT_ARN.exec(parent) ?? [];
  const [, imagePrefix, imageVersion = '', imageBuild] = IMAGE_PARENT_ARN.exec(imageArn) ?? [];
  const nodes = imageVersion.split('.');
  return prefix !== undefined && prefix === imagePrefix
    && version.split('.').every((node, index) => node === 'x' || node === nodes[index])
    && (build === undefined || build === imageBuild);
}
