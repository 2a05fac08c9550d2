import { BuildType, ImageSource, ImageStatus, ImageType } from '@aws-sdk/client-imagebuilder';
import type { Ami, Image, ImageState, ImageSummary } from '@aws-sdk/client-imagebuilder';
import { ImageResource, World } from '../world';

/** An image build version as GetImage shows it. */
export function describeImage(image: ImageResource, world: World): Image {
  const { request } = image;
  return {
    ...summarize(image, world),
    enhancedImageMetadataEnabled: true,
    loggingConfiguration: request.loggingConfiguration ?? { logGroupName: `/aws/imagebuilder/${request.name}` },
  };
}

/** The part of it that lists show. */
export function summarize(image: ImageResource, world: World): ImageSummary & Image {
  const { request } = image;
  return {
    arn: image.id,
    buildType: BuildType.IMPORT,
    dateCreated: new Date(image.createdAt).toISOString(),
    imageSource: ImageSource.IMPORTED,
    name: request.name,
    osVersion: request.osVersion,
    outputResources: { amis: amisOf(image, world) },
    platform: request.platform,
    state: stateOf(image),
    tags: Object.fromEntries(image.tags),
    type: ImageType.AMI,
    version: image.version,
  };
}

function stateOf({ end }: ImageResource): ImageState {
  switch (end?.kind) {
    case undefined:
      return { status: ImageStatus.PENDING };
    case 'AVAILABLE':
      return { status: ImageStatus.AVAILABLE };
    case 'FAILED':
      return { status: ImageStatus.FAILED, reason: end.reason };
    case 'CANCELLED':
      return { status: ImageStatus.CANCELLED, reason: end.reason };
  }
}

/** What Image Builder recorded stays recorded, even if the AMI is gone by now. */
function amisOf({ end, request }: ImageResource, { settings }: World): Ami[] {
  return end?.kind === 'AVAILABLE'
    ? [{ accountId: settings.account, description: request.description, image: end.amiId, name: request.vmImportTaskId, region: settings.region }]
    : [];
}
