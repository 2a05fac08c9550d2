import { CopyImageCommand } from '@aws-sdk/client-ec2';
import { copyImageToken } from './identity';
import type { AmiResource } from './kept-ami';
import { DESCRIPTION_TAG, ID_TAG } from '../../src/shared/contract/names';
import { amiById, amisByName, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { snapshotsByIds, type Snapshot } from '../aws/snapshots';
import { toEc2Tags } from '../aws/tags';
import { unlessTransient } from '../aws/unless-transient';
import { Failure } from '../cloudformation/failure';
import { soon } from '../import/act';
import { EC2_SETTLES_AFTER } from '../import/decide';

export type CopyResult =
  | { readonly kind: 'wait'; readonly on: string }
  | { readonly kind: 'fail'; readonly reason: string };

/**
 * Starts the copy that has the wanted name: EC2 names imported AMIs after their tasks, and renames none. The same copy
 * started twice is one copy: EC2 knows its token.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html
 */
export async function copyAmi(aws: Aws, resource: AmiResource, name: string, elapsed: number): Promise<CopyResult> {
  const source = await amiById(aws, resource.request.sourceAmiId);
  if (source?.state !== 'available') {
    return elapsed < EC2_SETTLES_AFTER
      ? { kind: 'wait', on: `EC2 to show the imported AMI ${resource.request.sourceAmiId}` }
      : { kind: 'fail', reason: `The imported AMI ${resource.request.sourceAmiId} does not exist any more; set or change "revision" of the VmImportImage to import the disk again` };
  }
  const snapshots = await snapshotsByIds(aws, source.snapshotIds);
  if (snapshots.length < source.snapshotIds.length) {
    return { kind: 'wait', on: `EC2 to show the snapshots of AMI ${source.id}` };
  }
  const encryption = encryptionOf(snapshots);
  if (encryption.kind === 'mixed') {
    return { kind: 'fail', reason: `The snapshots of AMI ${source.id} are not all encrypted with one key, which a copy cannot keep; leave out the name of the AMI` };
  }
  try {
    await startCopy(aws, resource, name, { source, encryption: encryption.parameters });
    return { kind: 'wait', on: `the copy of AMI ${source.id} was started` };
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidAMIName.Duplicate') {
      return nameTaken(aws, name);
    }
    throw error;
  }
}

interface CopySource {
  readonly source: Ami;
  readonly encryption: { readonly Encrypted?: true; readonly KmsKeyId?: string };
}

async function startCopy(aws: Aws, { id, request, location }: AmiResource, name: string, { source, encryption }: CopySource): Promise<void> {
  const tags = { ...request.tags, [ID_TAG]: id };
  // What the copy would be called without a description of its own is noted on it, as it is on an imported AMI.
  const noted = { ...tags, [DESCRIPTION_TAG]: source.tags[DESCRIPTION_TAG] ?? source.description };
  await aws.ec2.send(
    new CopyImageCommand({
      Name: name,
      Description: request.wanted.description ?? noted[DESCRIPTION_TAG],
      SourceImageId: source.id,
      SourceRegion: location.region,
      ...encryption,
      ClientToken: copyImageToken(id),
      TagSpecifications: [
        { ResourceType: 'image', Tags: toEc2Tags(noted) },
        { ResourceType: 'snapshot', Tags: toEc2Tags(tags) },
      ],
    }),
    { abortSignal: soon(aws) },
  );
}

/** Without its key, a copy of an encrypted snapshot would get the default key of EBS. */
function encryptionOf(
  snapshots: readonly Snapshot[],
): { readonly kind: 'one'; readonly parameters: CopySource['encryption'] } | { readonly kind: 'mixed' } {
  const [first = 'none', ...others] = new Set(snapshots.map(({ encryption, keyId }) => (encryption === 'encrypted' ? keyId ?? 'default' : 'none')));
  if (others.length > 0) {
    return { kind: 'mixed' };
  }
  switch (first) {
    case 'none':
      return { kind: 'one', parameters: {} };
    case 'default':
      return { kind: 'one', parameters: { Encrypted: true } };
    default:
      return { kind: 'one', parameters: { Encrypted: true, KmsKeyId: first } };
  }
}

/** EC2 frees the name of a deregistered AMI after a moment; what stands keeps its name. */
async function nameTaken(aws: Aws, name: string): Promise<CopyResult> {
  const holder = await holderOfName(aws, name);
  return holder === undefined
    ? { kind: 'wait', on: `EC2 to free the AMI name ${name}` }
    : { kind: 'fail', reason: nameTakenReason(name, holder.id) };
}

/** The AMI that has a name. Lists show for a while what was deregistered; a read by id knows better. */
export async function holderOfName(aws: Aws, name: string): Promise<Ami | undefined> {
  for (const listed of await amisByName(aws, name)) {
    const ami = await amiById(aws, listed.id);
    if (ami !== undefined) {
      return ami;
    }
  }
  return undefined;
}

/**
 * Fails an import whose AMI cannot have its name, before it takes its hour. What was made since the import was asked for
 * may be its own.
 */
export async function requireFreeName(aws: Aws, name: string, askedAt: number): Promise<void> {
  const holder = await unlessTransient(holderOfName(aws, name));
  if (holder !== undefined && holder.createdAt < askedAt) {
    throw new Failure(nameTakenReason(name, holder.id));
  }
}

/** Names of AMIs are unique: also the AMI that an update replaces has its name until it is cleaned up. */
export function nameTakenReason(name: string, holder: string): string {
  return (
    `The AMI name "${name}" is in use by ${holder}, and names of AMIs are unique in an account and Region; ` +
    'give the AMI another name, such as one with the version in it'
  );
}
