import { CopyImageCommand } from '@aws-sdk/client-ec2';
import { disabledReason, missingReason } from './decide';
import type { AmiResource } from './request';
import { nameTaken } from './unique-name';
import { DESCRIPTION_TAG, ID_TAG } from '../../src/shared/contract/names';
import { amiById, type Ami } from '../aws/amis';
import { creationSignal, type Aws } from '../aws/clients';
import { snapshotsByIds, type Snapshot } from '../aws/snapshots';
import { toEc2Tags } from '../aws/tags';
import type { PassResult } from '../aws/wait-out-errors';
import { digest } from '../cloudformation/physical-id';
import { EC2_SETTLES_AFTER } from '../timing';

/** The AMI of an import, and the name of its copy. */
export interface CopiedAmi {
  readonly amiId: string;
  readonly name: string;
}

/**
 * Starts the copy with the wanted name, because EC2 names an imported AMI after its task and cannot rename it. EC2 knows the
 * token, so starting the same copy twice creates one copy.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html
 */
export async function copyAmi(aws: Aws, resource: AmiResource, { amiId, name }: CopiedAmi, elapsed: number): Promise<PassResult> {
  const source = await amiById(aws, amiId);
  if (source?.state === 'disabled') {
    return { kind: 'fail', reason: disabledReason(amiId, 'only an available AMI can be copied') };
  }
  if (source?.state !== 'available') {
    return elapsed < EC2_SETTLES_AFTER
      ? { kind: 'wait', on: `EC2 to show the imported AMI ${amiId}` }
      : { kind: 'fail', reason: missingReason({ kind: 'imported', amiId }) };
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
      return nameTaken(aws, { name, id: resource.id });
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

/** Returns the client token of CopyImage. */
export function copyImageToken(id: string): string {
  return digest([id, 'CopyImage'], 32);
}
