import { CancelImportTaskCommand, DeleteSnapshotCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { DeleteImageCommand } from '@aws-sdk/client-imagebuilder';
import { Leftovers } from './leftovers';
import { kindOf } from '../../lambda/aws/errors';
import { Account } from '../account/account';
import { reasonOf } from '../screen/printable';

/** The result of deleting one resource. */
export interface Removal {
  readonly what: string;
  /** Why it was not deleted; undefined if it is gone. */
  readonly kept?: string;
}

/**
 * Cancels tasks, then deletes image, AMI and snapshots in this order. If one cannot be deleted, the rest is kept too:
 * others use the image, and an AMI needs its snapshots.
 */
export async function* remove(account: Account, { taskIds, imageArns, amiIds, snapshotIds }: Leftovers): AsyncGenerator<Removal> {
  const options = { abortSignal: account.signal };
  const steps: (readonly [string, () => Promise<unknown>])[] = [
    ...taskIds.map((ImportTaskId) =>
      [`import task ${ImportTaskId}`, async () => account.ec2.send(new CancelImportTaskCommand({ ImportTaskId }), options)] as const),
    ...imageArns.map((imageBuildVersionArn) =>
      [`image ${imageBuildVersionArn}`, async () => account.imageBuilder.send(new DeleteImageCommand({ imageBuildVersionArn }), options)] as const),
    ...amiIds.map((ImageId) => [`AMI ${ImageId}`, async () => account.ec2.send(new DeregisterImageCommand({ ImageId }), options)] as const),
    ...snapshotIds.map((SnapshotId) => [`snapshot ${SnapshotId}`, async () => account.ec2.send(new DeleteSnapshotCommand({ SnapshotId }), options)] as const),
  ];
  for (const [what, step] of steps) {
    const kept = await unlessGone(step);
    yield { what, kept };
    if (kept !== undefined) {
      return;
    }
  }
}

async function unlessGone(step: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await step();
    return undefined;
  } catch (error) {
    return kindOf(error) === 'not-found' ? undefined : reasonOf(error);
  }
}
