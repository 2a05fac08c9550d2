/** AMIs, as EC2 tells of them. */
import { DescribeImagesCommand, type Image } from '@aws-sdk/client-ec2';
import { list, orNothing, text, type Described } from './answer';
import { fromEc2Tags, type Tags } from './tags';
import type { DeregistrationProtection } from '../../src/shared/contract/ami-resource';
import { ID_TAG, IMAGE_ARN_TAG, LICENSE_TYPE_TAG, TASK_ID_TAG } from '../../src/shared/contract/names';

export interface Ami {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The AMI that it is a copy of. */
  readonly sourceAmiId?: string;
  readonly state: string;
  readonly stateReason: string;
  readonly snapshotIds: readonly string[];
  readonly architecture: string;
  readonly bootMode: string;
  readonly usageOperation: string;
  readonly importId: string;
  readonly imageArn?: string;
  readonly taskId?: string;
  readonly licenseType?: string;
  readonly description: string;
  readonly imdsSupport?: string;
  /** Milliseconds since the epoch. */
  readonly deprecationTime?: number;
  readonly protection: DeregistrationProtection;
  readonly tags: Tags;
}

export async function amiById(aws: Described, amiId: string): Promise<Ami | undefined> {
  const found = await orNothing(aws.ec2.send(new DescribeImagesCommand({ ImageIds: [amiId] }), { abortSignal: aws.signal }));
  return list(found?.Images).map(toAmi)[0];
}

/** The account's own AMIs of a name. */
export async function amisByName(aws: Described, name: string): Promise<Ami[]> {
  const found = await aws.ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: [name] }] }),
    { abortSignal: aws.signal },
  );
  return list(found.Images).map(toAmi);
}

/** The account's own AMIs whose import id matches an EC2 filter pattern (`*` stands for anything). */
export async function amisByImportId(aws: Described, pattern: string): Promise<Ami[]> {
  const found = await aws.ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: `tag:${ID_TAG}`, Values: [pattern] }] }),
    { abortSignal: aws.signal },
  );
  return list(found.Images).map(toAmi);
}

function toAmi(image: Image): Ami {
  const tags = fromEc2Tags(image.Tags);
  return {
    id: text(image.ImageId),
    name: text(image.Name),
    createdAt: Date.parse(text(image.CreationDate)),
    sourceAmiId: image.SourceImageId,
    state: text(image.State),
    stateReason: text(image.StateReason?.Message),
    snapshotIds: list(image.BlockDeviceMappings).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []),
    architecture: text(image.Architecture),
    bootMode: text(image.BootMode),
    usageOperation: text(image.UsageOperation),
    importId: text(tags[ID_TAG]),
    imageArn: tags[IMAGE_ARN_TAG],
    taskId: tags[TASK_ID_TAG],
    licenseType: tags[LICENSE_TYPE_TAG],
    description: text(image.Description),
    imdsSupport: image.ImdsSupport,
    deprecationTime: image.DeprecationTime === undefined ? undefined : Date.parse(image.DeprecationTime),
    protection: protectionOf(image.DeregistrationProtection),
    tags,
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html */
function protectionOf(value: string | undefined): DeregistrationProtection {
  return value === 'enabled-with-cooldown' ? value : value?.startsWith('enabled') ? 'enabled-without-cooldown' : 'disabled';
}
