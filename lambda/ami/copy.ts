import { CopyImageCommand } from '@aws-sdk/client-ec2';
import type { AmiResource } from './request';
import { DESCRIPTION_TAG, ID_TAG } from '../../src/shared/contract/names';
import { amiById, amisByName, type Ami } from '../aws/amis';
import { creationSignal, type Aws } from '../aws/clients';
import { unlessTransient } from '../aws/errors';
import { snapshotsByIds, type Snapshot } from '../aws/snapshots';
import { toEc2Tags } from '../aws/tags';
import { Failure } from '../cloudformation/failure';
import { digest } from '../cloudformation/physical-id';
import { EC2_SETTLES_AFTER } from '../timing';

export type CopyResult =
  | { readonly kind: 'wait'; readonly on: string }
  | { readonly kind: 'fail'; readonly reason: string };

/**
 * Starts the copy with the wanted name, because EC2 names an imported AMI after its task and cannot rename it. EC2 knows the
 * token, so starting the same copy twice creates one copy.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html
 */
export async function copyAmi(aws: Aws, resource: AmiResource, name: string, elapsed: number): Promise<CopyResult> {
  const source = await amiById(aws, resource.request.sourceAmiId);
  if (source?.state !== 'available') {
    return elapsed < EC2_SETTLES_AFTER
      ? { kind: 'wait', on: `EC2 to show the imported AMI ${resource.request.sourceAmiId}` }
      : { kind: 'fail', reason: `The imported AMI ${resource.request.sourceAmiId} no longer exists. Set or change "revision" of the VmImportImage to import the disk again.` };
  }
  const snapshots = await snapshotsByIds(aws, source.snapshotIds);
  if (snapshots.length < source.snapshotIds.length) {
    return { kind: 'wait', on: `EC2 to show the snapshots of AMI ${source.id}` };
  }
  const encryption = encryptionOf(snapshots);
  if (encryption.kind === 'mixed') {
    return { kind: 'fail', reason: `The snapshots of AMI ${source.id} are not all encrypted with the same key, and a copy has one key. Leave out the name of the AMI.` };
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
  // Like an imported AMI, the copy records the description that it would have without one from the app.
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
    { abortSignal: creationSignal(aws) },
  );
}

/** Returns the key for the copy. Without it, a copy of an encrypted snapshot would get the default key of EBS. */
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

/** EC2 frees the name of a deregistered AMI after a moment. An existing AMI keeps its name. */
async function nameTaken(aws: Aws, name: string): Promise<CopyResult> {
  const holder = await holderOfName(aws, name);
  return holder === undefined
    ? { kind: 'wait', on: `EC2 to free the AMI name ${name}` }
    : { kind: 'fail', reason: nameTakenReason(name, holder.id) };
}

/** Returns the AMI with a name. Lists show deregistered AMIs for a while. A read by id does not. */
async function holderOfName(aws: Aws, name: string): Promise<Ami | undefined> {
  for (const listed of await amisByName(aws, name)) {
    const ami = await amiById(aws, listed.id);
    if (ami !== undefined) {
      return ami;
    }
  }
  return undefined;
}

/**
 * Fails an import whose AMI cannot have its name, before an hour of import. An AMI created since the request may be its own.
 *
 * @throws Failure that names the AMI with this name
 */
export async function requireFreeName(aws: Aws, name: string, requestedAt: number): Promise<void> {
  const holder = await unlessTransient(holderOfName(aws, name));
  if (holder !== undefined && holder.createdAt < requestedAt) {
    throw new Failure(nameTakenReason(name, holder.id));
  }
}

/** AMI names are unique. The AMI that an update replaces keeps its name until it is cleaned up. */
function nameTakenReason(name: string, holder: string): string {
  return (
    `The AMI name "${name}" is in use by ${holder}, and AMI names are unique in an account and Region. ` +
    'Give the AMI another name, for example one that contains the version.'
  );
}

/** Returns the client token of CopyImage. */
export function copyImageToken(id: string): string {
  return digest([id, 'CopyImage'], 32);
}
