/**
 * Performs the actions that `decide.ts` chose. Every action may be performed again after a crash: it has a client token, or
 * it asks for a state rather than a change.
 */
import { DeleteSnapshotCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import { ImportVmImageCommand, type Platform } from '@aws-sdk/client-imagebuilder';
import type { ImportAction } from './decide';
import { sourceSnapshotIds, type Import } from './request';
import { notesOf } from './tag-changes';
import { ID_TAG, IMAGE_ARN_TAG, LICENSE_TYPE_TAG } from '../../src/shared/contract/names';
import { creationSignal, type Aws } from '../aws/clients';
import { kindOf, unlessHeld } from '../aws/errors';
import { snapshotsByIds } from '../aws/snapshots';
import { createTags, toEc2Tags, type Tags } from '../aws/tags';
import type { Task } from '../aws/tasks';
import { digest } from '../cloudformation/physical-id';

/** Starts an attempt at the import task. EC2 knows the token, so starting the same attempt twice creates one task. */
export async function importImage(
  aws: Aws, import_: Import, { parameters, attempt }: Pick<ImportAction & { readonly kind: 'import-image' }, 'parameters' | 'attempt'>, notes: Tags,
): Promise<string | undefined> {
  const started = await aws.ec2.send(
    new ImportImageCommand({
      ...parameters,
      DiskContainers: [...parameters.DiskContainers],
      LicenseSpecifications: parameters.LicenseSpecifications && [...parameters.LicenseSpecifications],
      BootMode: parameters.BootMode as 'legacy-bios' | 'uefi' | undefined,
      ClientToken: importImageToken(import_.id, attempt),
      TagSpecifications: [{ ResourceType: 'import-image-task', Tags: toEc2Tags({ ...import_.request.tags, ...notes, [ID_TAG]: import_.id }) }],
    }),
    { abortSignal: creationSignal(aws) },
  );
  return started.ImportTaskId;
}

/**
 * Creates the Image Builder image of a finished task, and writes its ARN to AMI and task, because Image Builder lists it
 * late. Returns undefined if Image Builder knows the token with other tags: the image then exists, and the list will show it.
 */
export async function importVmImage(
  aws: Aws, import_: Import, { taskId, amiId }: ImportAction & { readonly kind: 'import-vm-image' }, task: Task | undefined,
): Promise<string | undefined> {
  const { image, source, tags } = import_.request;
  let arn: string | undefined;
  try {
    const answer = await aws.imageBuilder.send(
      new ImportVmImageCommand({
        ...image,
        platform: image.platform as Platform,
        vmImportTaskId: taskId,
        // The library tags no AMI of an adopted task, so the image keeps what only the task reports.
        tags: { ...tags, ...(source.kind === 'adopt' && task?.licenseType ? { [LICENSE_TYPE_TAG]: task.licenseType } : {}), [ID_TAG]: import_.id },
        clientToken: importVmImageToken(import_.id, taskId),
      }),
      { abortSignal: creationSignal(aws) },
    );
    arn = answer.imageArn;
  } catch (error) {
    if (kindOf(error) !== 'token-used') {
      throw error;
    }
  }
  if (arn !== undefined && source.kind === 'import') {
    await createTags(aws, import_.id, [amiId, ...(task ? [task.id] : [])], { ...(task ? notesOf(task) : {}), [IMAGE_ARN_TAG]: arn });
  }
  return arn;
}

/** Deletes what a failed attempt left. What cannot go now goes with the Delete of the import: no refusal here fails the import. */
export async function deleteLeftovers(aws: Aws, import_: Import, snapshotIds: readonly string[]): Promise<void> {
  const source = sourceSnapshotIds(import_);
  const leftovers = await snapshotsByIds(aws, snapshotIds.filter((id) => !source.has(id)));
  try {
    const untagged = leftovers.filter((snapshot) => !(ID_TAG in snapshot.tags)).map((snapshot) => snapshot.id);
    if (untagged.length > 0) {
      await createTags(aws, import_.id, untagged, {});
    }
    for (const { id } of leftovers) {
      await unlessHeld(() => aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), { abortSignal: aws.signal }));
    }
  } catch (error) {
    if (kindOf(error) !== 'access-denied') {
      throw error;
    }
  }
}

/** Returns the client token of an attempt at ImportImage. */
export function importImageToken(importId: string, attempt: number): string {
  return digest([importId, 'ImportImage', attempt], 32);
}

/** Returns the client token of ImportVmImage for one task (1 to 36 characters). */
export function importVmImageToken(importId: string, importTaskId: string): string {
  return digest([importId, 'ImportVmImage', importTaskId], 32);
}
