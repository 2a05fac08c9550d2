import type { Remembered } from './world';

export type Recollection<T> =
  | { readonly kind: 'new' }
  | { readonly kind: 'same'; readonly answer: T }
  | { readonly kind: 'mismatch' };

/** Returns what a client token was answered since a time; other parameters under the same token are a mismatch. */
export function recall<T>(
  memory: ReadonlyMap<string, Remembered<T>>, token: string | undefined, parameters: string, since: number = -Infinity,
): Recollection<T> {
  const before = token === undefined ? undefined : memory.get(token);
  if (!before || before.at < since) {
    return { kind: 'new' };
  }
  return before.parameters === parameters ? { kind: 'same', answer: before.answer } : { kind: 'mismatch' };
}

/** Parameters in one spelling, whatever the order they came in. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  ));
}
