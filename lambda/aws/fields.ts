/** The SDK types every field of an answer as optional. */
import type { Aws } from './clients';

/** The services that describe what exists. */
export type Described = Pick<Aws, 'ec2' | 'imageBuilder' | 'signal'>;

/** Returns the text, or an empty one. */
export function text(value: string | undefined): string {
  return value ?? '';
}

/** Returns the list, or an empty one. */
export function list<T>(value: readonly T[] | undefined): readonly T[] {
  return value ?? [];
}
