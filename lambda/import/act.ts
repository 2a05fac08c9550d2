/**
 * Performs the actions that `decide.ts` chose. Every action may be performed again after a crash: it either has
 * a client token, or asks for a state rather than a change.
 */
import {
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  ImportImageCommand,
} from '@aws-sdk/client-ec2';
import {
  ImportVmImageCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type Platform,
} from '@aws-sdk/client-imagebuilder';
import type { ImportAction } from './decide';
import { sourceSnapshotIds, type Import } from './import';
import { notesOf } from './tag-changes';
import { ID_TAG, IMAGE_ARN_TAG } from '../../src/shared/contract/names';
import type { Aws } from '../aws/clients';
import { kindOf } from '../aws/errors';
import { snapshotsByIds } from '../aws/snapshots';
import { toEc2Tags, type TagChange, type Tags } from '../aws/tags';
import type { Task } from '../aws/tasks';
import { unlessHeld } from '../aws/unless-held';
import { importImageToken, importVmImageToken } from '../cloudformation/physical-id';

/**
 * Milliseconds that a call which makes something may take, with all its retries: it follows the question whether
 * CloudFormation still waits, and a Delete looks again when it has ended for sure. See `DELETE_SETTLES_AFTER`.
 */
export const MAKES_WITHIN = 25_000;

export function soon({ signal }: Aws): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(MAKES_WITHIN)]);
}

/** Whose id the things carry. */
export type Owner = Pick<Import, 'id'>;

/** Starts the n-th attempt at the import task. The same attempt started twice is one task: EC2 knows its token. */
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
    { abortSignal: soon(aws) },
  );
  return started.ImportTaskId;
}

/**
 * Makes the Image Builder image of a finished task, and notes its ARN on AMI and task, because Image Builder's lists
 * lag behind. Answers nothing where Image Builder knows the token with other tags: then the image stands, and
 * the list will show it.
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
        tags: { ...tags, [ID_TAG]: import_.id },
        clientToken: importVmImageToken(import_.id, taskId),
      }),
      { abortSignal: soon(aws) },
    );
    arn = answer.imageArn;
  } catch (error) {
    if (kindOf(error) !== 'token-used') {
      throw error;
    }
  }
  if (arn !== undefined && source.kind === 'import') {
    await createTags(aws, import_, [amiId, ...(task ? [task.id] : [])], { ...(task ? notesOf(task) : {}), [IMAGE_ARN_TAG]: arn });
  }
  return arn;
}

/** Brings tags to where they should be, in as few calls as there are different changes. */
export async function applyTagChanges(aws: Aws, import_: Owner, changes: readonly TagChange[]): Promise<void> {
  const groups = new Map<string, { ids: string[]; set: Tags; remove: readonly string[] }>();
  for (const { on, set, remove } of changes) {
    if (on.kind === 'image') {
      await tagImage(aws, on.arn, set, remove);
      continue;
    }
    const key = JSON.stringify([set, remove]);
    const group = groups.get(key) ?? { ids: [], set, remove };
    group.ids.push(on.id);
    groups.set(key, group);
  }
  for (const { ids, set, remove } of groups.values()) {
    if (Object.keys(set).length > 0) {
      await createTags(aws, import_, ids, set);
    }
    if (remove.length > 0) {
      await aws.ec2.send(new DeleteTagsCommand({ Resources: ids, Tags: remove.map((Key) => ({ Key })) }), { abortSignal: aws.signal });
    }
  }
}

async function tagImage(aws: Aws, resourceArn: string, set: Tags, remove: readonly string[]): Promise<void> {
  if (Object.keys(set).length > 0) {
    await aws.imageBuilder.send(new TagResourceCommand({ resourceArn, tags: set }), { abortSignal: aws.signal });
  }
  if (remove.length > 0) {
    await aws.imageBuilder.send(new UntagResourceCommand({ resourceArn, tagKeys: [...remove] }), { abortSignal: aws.signal });
  }
}

/** Every call carries the id tag: the handler may tag nothing without it. */
export async function createTags(aws: Aws, import_: Owner, ids: readonly string[], tags: Tags): Promise<void> {
  await aws.ec2.send(
    new CreateTagsCommand({ Resources: [...ids], Tags: toEc2Tags({ ...tags, [ID_TAG]: import_.id }) }),
    { abortSignal: aws.signal },
  );
}

/** Deletes what a failed attempt left; what will not go now goes with the import's Delete. */
export async function deleteLeftovers(aws: Aws, import_: Import, snapshotIds: readonly string[]): Promise<void> {
  const source = sourceSnapshotIds(import_);
  const leftovers = await snapshotsByIds(aws, snapshotIds.filter((id) => !source.has(id)));
  const untagged = leftovers.filter((snapshot) => !(ID_TAG in snapshot.tags)).map((snapshot) => snapshot.id);
  if (untagged.length > 0) {
    await createTags(aws, import_, untagged, {});
  }
  for (const { id } of leftovers) {
    await unlessHeld(() => aws.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }), { abortSignal: aws.signal }));
  }
}
