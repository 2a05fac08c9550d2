/**
 * Tags are the only state of an import: they say who created a thing, and what later requests need to know about it.
 */
import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-imagebuilder';
import type { Aws } from './clients';
import { ID_TAG } from '../../src/shared/contract/names';

export type Tags = Readonly<Record<string, string>>;

/** The change that one thing needs. */
export interface TagChange {
  readonly on: TaggedThing;
  readonly set: Tags;
  readonly remove: readonly string[];
}

export type TaggedThing =
  | { readonly kind: 'ec2'; readonly resource: 'task' | 'ami' | 'snapshot'; readonly id: string }
  | { readonly kind: 'image'; readonly arn: string };

/** Returns the change from the tags found on a thing to the wanted tags, or undefined if there is none. */
export function tagChange(on: TaggedThing, found: Tags, wanted: Tags, retiredKeys: readonly string[]): TagChange | undefined {
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value));
  const remove = retiredKeys.filter((key) => key in found && !(key in wanted));
  return Object.keys(set).length > 0 || remove.length > 0 ? { on, set, remove } : undefined;
}

/** Applies changes in as few calls as there are different changes. */
export async function applyTagChanges(aws: Aws, importId: string, changes: readonly TagChange[]): Promise<void> {
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
      await createTags(aws, importId, ids, set);
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

/** Tags things in EC2. Every call carries the id tag, because the function may not tag anything without it. */
export async function createTags(aws: Aws, importId: string, ids: readonly string[], tags: Tags): Promise<void> {
  await aws.ec2.send(
    new CreateTagsCommand({ Resources: [...ids], Tags: toEc2Tags({ ...tags, [ID_TAG]: importId }) }),
    { abortSignal: aws.signal },
  );
}

/** Converts EC2's list of tags to a map. */
export function fromEc2Tags(tags: readonly { readonly Key?: string; readonly Value?: string }[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** Converts a map to EC2's list of tags. */
export function toEc2Tags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
