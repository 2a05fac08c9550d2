/** The SDK types every field as one that may be missing; what AWS does not say is empty. */
export function text(value: string | undefined): string {
  return value ?? '';
}

export function list<T>(value: readonly T[] | undefined): readonly T[] {
  return value ?? [];
}
