/**
 * The tags of an import where they should be: on its task, its AMI, the snapshots of that, and its image.
 */
import { sourceSnapshotIds, type Import } from './import';
import type { ImportSeen, StandsBefore } from './observe';
import { ID_TAG, LICENSE_TYPE_TAG, TASK_ID_TAG } from '../../src/shared/contract/names';
import type { Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import type { Image } from '../aws/images';
import { snapshotsByIds, type Snapshot } from '../aws/snapshots';
import { tagChange, type TagChange, type TaggedThing, type Tags } from '../aws/tags';
import type { Task } from '../aws/tasks';

/**
 * What has to change in the tags of all that stands. An adopted task, its AMI and its snapshots are not ours to tag. An
 * AMI gets notes once its image is there, and with the image's ARN.
 */
export async function tagChanges(
  aws: Aws,
  import_: Import,
  { task, ami, image }: Pick<ImportSeen, 'task' | 'ami' | 'image'>,
  before: StandsBefore,
): Promise<TagChange[]> {
  const { id, request } = import_;
  const wanted: Tags = { ...request.tags, [ID_TAG]: id };
  const change = (on: TaggedThing, found: Tags, own: Tags = {}) => tagChange(on, found, { ...wanted, ...own }, request.retiredTagKeys) ?? [];
  const changes = image ? [change({ kind: 'image', arn: image.arn }, image.tags)] : [];
  if (request.source.kind === 'adopt') {
    return changes.flat();
  }
  if (task && task.state !== 'deleted') {
    changes.push(change({ kind: 'ec2', resource: 'task', id: task.id }, task.tags));
  }
  if (ami && ami.state === 'available') {
    changes.push(change({ kind: 'ec2', resource: 'ami', id: ami.id }, ami.tags, image && task ? notesOf(task) : {}));
    const snapshots = await snapshotsToTag(aws, import_, { ami, image }, before);
    changes.push(...snapshots.map((snapshot) => change({ kind: 'ec2', resource: 'snapshot', id: snapshot.id }, snapshot.tags)));
  }
  return changes.flat();
}

/** What the AMI keeps of its task, whose record vanishes. */
export function notesOf(task: Pick<Task, 'id' | 'licenseType'>): Tags {
  return { [TASK_ID_TAG]: task.id, ...(task.licenseType ? { [LICENSE_TYPE_TAG]: task.licenseType } : {}) };
}

/**
 * The snapshots of an AMI with their tags. Those of an AMI that VM Import/Export has just made have none; those of an
 * import that this request began got theirs in the call that tagged the AMI, before there was an image; and what an update
 * changes is the business of the first segment.
 */
async function snapshotsToTag(
  aws: Aws, import_: Import, { ami, image }: { readonly ami: Ami; readonly image?: Image }, before: StandsBefore,
): Promise<readonly Pick<Snapshot, 'id' | 'tags'>[]> {
  const source = sourceSnapshotIds(import_);
  const ids = ami.snapshotIds.filter((each) => !source.has(each));
  if (ami.importId !== import_.id) {
    return ids.map((id) => ({ id, tags: {} }));
  }
  const isTagged = before === 'nothing' || import_.request.segment.previous !== undefined;
  return image !== undefined && isTagged ? [] : snapshotsByIds(aws, ids);
}
