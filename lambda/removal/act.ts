/** Performs what `decide.ts` chose for a removal. What is gone already is as good. */
import { CancelImportTaskCommand, DeleteSnapshotCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { DeleteImageCommand } from '@aws-sdk/client-imagebuilder';
import type { Aws } from '../aws/clients';
import { unlessHeld } from '../aws/unless-held';
import { createTags, type Owner } from '../import/act';
import type { RemovalAction } from '../import/decide';

/** Asks running tasks to end. One that has just ended by itself is as good. */
export async function cancelTasks(aws: Aws, taskIds: readonly string[]): Promise<void> {
  for (const ImportTaskId of taskIds) {
    await unlessHeld(() =>
      aws.ec2.send(
        new CancelImportTaskCommand({ ImportTaskId, CancelReason: 'The CloudFormation resource of this import was deleted' }),
        { abortSignal: aws.signal },
      ));
  }
}

/**
 * Removes image, AMI and snapshots, in this order: the image is what others use, and the tags of the AMI lead to it.
 * Answers what holds something, where something is held; what comes after it stays as well.
 */
export async function removeImport(aws: Aws, import_: Owner, action: RemovalAction & { readonly kind: 'remove' }): Promise<string | undefined> {
  if (action.untaggedIds.length > 0) {
    await createTags(aws, import_, action.untaggedIds, {});
  }
  const { signal } = aws;
  const steps: (readonly [string, () => Promise<unknown>])[] = [
    ...action.images.map((arn) => [
      `Image Builder image ${arn}`,
      () => aws.imageBuilder.send(new DeleteImageCommand({ imageBuildVersionArn: arn }), { abortSignal: signal }),
    ] as const),
    ...action.amiIds.map((id) => [
      `AMI ${id}`,
      () => aws.ec2.send(new DeregisterImageCommand({ ImageId: id }), { abortSignal: signal }),
    ] as const),
    ...action.snapshotIds.map((id) => [
      `snapshot ${id}`,
      () => aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), { abortSignal: signal }),
    ] as const),
  ];
  for (const [what, step] of steps) {
    const holder = await unlessHeld(step);
    if (holder !== undefined) {
      return `${what} is held: ${holder}`;
    }
  }
  return undefined;
}
