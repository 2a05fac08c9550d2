/**
 * Which tags of an import have to change: on its task, its AMI, the snapshots of the AMI, and its image.
 */
import type { ExistsBefore, ImportSeen } from './observe';
import { sourceSnapshotIds, type Import } from './request';
import { ID_TAG, LICENSE_TYPE_TAG, TASK_ID_TAG } from '../../src/shared/contract/names';
import type { Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import type { Image } from '../aws/images';
import { snapshotsByIds, type Snapshot } from '../aws/snapshots';
import { tagChange, type TagChange, type TaggedThing, type Tags } from '../aws/tags';
import type { Task } from '../aws/tasks';

/**
 * Returns the tag changes of everything that exists. The library does not tag an adopted task, its AMI and its snapshots. The AMI
 * gets its notes together with the ARN of its image.
 */
export async function importTagChanges(
  aws: Aws,
  import_: Import,
  { task, ami, image }: Pick<ImportSeen, 'task' | 'ami' | 'image'>,
  before: ExistsBefore,
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
  if (ami && (ami.state === 'available' || ami.state === 'disabled')) {
    changes.push(change({ kind: 'ec2', resource: 'ami', id: ami.id }, ami.tags, image && task ? notesOf(task) : {}));
    const snapshots = await snapshotsToTag(aws, import_, { ami, image }, before);
    changes.push(...snapshots.map((snapshot) => change({ kind: 'ec2', resource: 'snapshot', id: snapshot.id }, snapshot.tags)));
  }
  return changes.flat();
}

/** Returns what the AMI records of its task, because EC2 forgets tasks. */
export function notesOf(task: Pick<Task, 'id' | 'licenseType'>): Tags {
  return { [TASK_ID_TAG]: task.id, ...(task.licenseType ? { [LICENSE_TYPE_TAG]: task.licenseType } : {}) };
}

/**
 * Returns the snapshots of an AMI with their tags. Snapshots of an AMI that VM Import/Export has just created have none. If this
 * request began the import, the call that tagged the AMI tagged them before there was an image. After an update, the first
 * segment changes tags.
 */
async function snapshotsToTag(
  aws: Aws, import_: Import, { ami, image }: { readonly ami: Ami; readonly image?: Image }, before: ExistsBefore,
): Promise<readonly Pick<Snapshot, 'id' | 'tags'>[]> {
  const source = sourceSnapshotIds(import_);
  const ids = ami.snapshotIds.filter((each) => !source.has(each));
  if (ami.importId !== import_.id) {
    return ids.map((id) => ({ id, tags: {} }));
  }
  const isTagged = before === 'nothing' || import_.request.segment.previous !== undefined;
  return image !== undefined && isTagged ? [] : snapshotsByIds(aws, ids);
}
