import { DeleteSnapshotCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { DeleteImageCommand } from '@aws-sdk/client-imagebuilder';
import type { Aws } from './clients';
import { unlessHeld } from './errors';

/** What an import, or a copy of its AMI, created. */
export interface Creations {
  readonly imageArns: readonly string[];
  readonly amiIds: readonly string[];
  readonly snapshotIds: readonly string[];
}

/**
 * Deletes Image Builder images, AMIs and snapshots, in this order: others use the image, the tags of the AMI lead to the
 * image, and a snapshot cannot go before its AMI. What no longer exists counts as deleted.
 *
 * Returns what is still in use and by what, or undefined if everything is gone. Nothing after it is deleted.
 */
export async function deleteInOrder(aws: Aws, { imageArns, amiIds, snapshotIds }: Creations): Promise<string | undefined> {
  const options = { abortSignal: aws.signal };
  const steps: (readonly [string, () => Promise<unknown>])[] = [
    ...imageArns.map((arn) => [
      `Image Builder image ${arn}`, () => aws.imageBuilder.send(new DeleteImageCommand({ imageBuildVersionArn: arn }), options),
    ] as const),
    ...amiIds.map((id) => [`AMI ${id}`, () => aws.ec2.send(new DeregisterImageCommand({ ImageId: id }), options)] as const),
    ...snapshotIds.map((id) => [`snapshot ${id}`, () => aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), options)] as const),
  ];
  for (const [what, remove] of steps) {
    const holder = await unlessHeld(remove);
    if (holder !== undefined) {
      return `${what} is held: ${holder}`;
    }
  }
  return undefined;
}

/** Explains why nothing is deleted, and the two ways out. */
export function protectedReason(amiIds: readonly string[]): string {
  return (
    `AMI ${amiIds.join(', ')} is protected from deregistration, and deleting a resource does not lift the protection. Either lift it ` +
    `(aws ec2 disable-image-deregistration-protection --image-id ${amiIds.join(' ')}; with a cooldown, EC2 refuses for another 24 hours) ` +
    'and delete again, or keep the AMI and delete the stack without this resource (aws cloudformation delete-stack --retain-resources).'
  );
}
