import type { AsyncReader, Inspection } from '../../src/shared/disk-image';

/** What EC2 would refuse, in one sentence with what to do. */
export interface Refused {
  readonly kind: 'refused';
  readonly sentence: string;
}

/** What could not be looked at: the import itself will tell. */
export interface Unseen {
  readonly kind: 'unseen';
  readonly why: string;
}

/** A file that can be read at any place, or why not. */
export type Opened = { readonly kind: 'open'; readonly reader: AsyncReader } | Refused | Unseen;

/** How the look at one disk ended. */
export type Look =
  | { readonly kind: 'inspected'; readonly inspection: Inspection }
  | { readonly kind: 'stands' }
  | Refused
  | Unseen;

export function refused(sentence: string): Refused {
  return { kind: 'refused', sentence };
}

export function unseen(why: string): Unseen {
  return { kind: 'unseen', why };
}
