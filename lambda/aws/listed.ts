/**
 * Returns the first of the listed things that exists. Lists show deleted things for a while. A read by id, which `exists` does, does not.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export async function firstThatExists<T>(listed: readonly T[], exists: (each: T) => Promise<boolean>): Promise<T | undefined> {
  for (const each of listed) {
    if (await exists(each)) {
      return each;
    }
  }
  return undefined;
}
