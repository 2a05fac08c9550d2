import { DescribeImagesCommand, type Filter, type Image } from '@aws-sdk/client-ec2';
import { unlessMissing } from './errors';
import { list, text, type Described } from './fields';
import { fromEc2Tags, type Tags } from './tags';
import type { DeregistrationProtection } from '../../src/shared/contract/ami-resource';
import { ID_TAG, IMAGE_ARN_TAG, LICENSE_TYPE_TAG, TASK_ID_TAG } from '../../src/shared/contract/names';

/** An AMI as EC2 describes it. */
export interface Ami {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The AMI that this one is a copy of. */
  readonly sourceAmiId?: string;
  readonly state: AmiState;
  readonly stateReason: string;
  readonly snapshotIds: readonly string[];
  readonly architecture: string;
  readonly bootMode: string;
  readonly rootDeviceName: string;
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

/** `disabled`: the AMI exists, but nobody can launch it. */
export type AmiState = 'pending' | 'available' | 'disabled' | 'failed' | 'deregistered';

/** Returns whether an AMI is complete. A disabled one is, and keeps its tags, its protection and its snapshots. */
export function exists({ state }: Pick<Ami, 'state'>): boolean {
  return state === 'available' || state === 'disabled';
}

export async function amiById(aws: Described, amiId: string): Promise<Ami | undefined> {
  const command = new DescribeImagesCommand({ ImageIds: [amiId], IncludeDisabled: true });
  const found = await unlessMissing(aws.ec2.send(command, { abortSignal: aws.signal }));
  return list(found?.Images).map(toAmi)[0];
}

/** Returns the account's own AMIs with a name. */
export async function amisByName(aws: Described, name: string): Promise<Ami[]> {
  return ownAmis(aws, { Name: 'name', Values: [name] });
}

/** Returns the account's own AMIs whose import id matches a filter pattern of EC2, in which `*` matches anything. */
export async function amisByImportId(aws: Described, pattern: string): Promise<Ami[]> {
  return ownAmis(aws, { Name: `tag:${ID_TAG}`, Values: [pattern] });
}

/** EC2 recommends pages. Without them it may answer slowly, or not at all: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
const PAGE = 1_000;

async function ownAmis(aws: Described, filter: Filter): Promise<Ami[]> {
  const amis: Ami[] = [];
  let NextToken: string | undefined;
  do {
    const page = await aws.ec2.send(
      new DescribeImagesCommand({ Owners: ['self'], Filters: [filter], IncludeDisabled: true, MaxResults: PAGE, NextToken }),
      { abortSignal: aws.signal },
    );
    amis.push(...list(page.Images).map(toAmi));
    NextToken = page.NextToken;
  } while (NextToken);
  return amis;
}

function toAmi(image: Image): Ami {
  const tags = fromEc2Tags(image.Tags);
  return {
    id: text(image.ImageId),
    name: text(image.Name),
    createdAt: Date.parse(text(image.CreationDate)),
    sourceAmiId: image.SourceImageId,
    state: stateOf(image.State),
    stateReason: text(image.StateReason?.Message),
    snapshotIds: list(image.BlockDeviceMappings).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []),
    architecture: text(image.Architecture),
    bootMode: text(image.BootMode),
    rootDeviceName: text(image.RootDeviceName),
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

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html */
function stateOf(state: string | undefined): AmiState {
  switch (state) {
    case 'available':
    case 'disabled':
    case 'deregistered':
      return state;
    case 'failed':
    case 'error':
    case 'invalid':
      return 'failed';
    // `transient`, and any state that EC2 may add: only a known state ends the wait.
    default:
      return 'pending';
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html */
function protectionOf(value: string | undefined): DeregistrationProtection {
  return value === 'enabled-with-cooldown' ? value : value?.startsWith('enabled') ? 'enabled-without-cooldown' : 'disabled';
}
