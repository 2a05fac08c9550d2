/** The tags that EC2 lists, by their keys. */
export function tagsOf(tags: readonly { Key?: string; Value?: string }[] | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value }) => [Key, Value]));
}
