/**
 * Tags are the only state of an import: who made a thing, and what is to be known of it later.
 */

export type Tags = Readonly<Record<string, string>>;

/** What has to change on one thing. */
export interface TagChange {
  readonly on: TaggedThing;
  readonly set: Tags;
  readonly remove: readonly string[];
}

export type TaggedThing =
  | { readonly kind: 'ec2'; readonly resource: 'task' | 'ami' | 'snapshot'; readonly id: string }
  | { readonly kind: 'image'; readonly arn: string };

/** The change that takes the tags found on a thing to the wanted ones, or nothing where none is needed. */
export function tagChange(on: TaggedThing, found: Tags, wanted: Tags, retiredKeys: readonly string[]): TagChange | undefined {
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value));
  const remove = retiredKeys.filter((key) => key in found && !(key in wanted));
  return Object.keys(set).length > 0 || remove.length > 0 ? { on, set, remove } : undefined;
}

/** EC2's list of tags as a map. */
export function fromEc2Tags(tags: readonly { readonly Key?: string; readonly Value?: string }[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** A map as EC2's list of tags. */
export function toEc2Tags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
