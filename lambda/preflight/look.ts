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
  /** What AWS reported, if it did. */
  readonly error?: Error;
}

/** A file that can be read at any place, or why not. */
export type Opened = { readonly kind: 'open'; readonly reader: AsyncReader; /** Of an object in Amazon S3. */ readonly etag?: string } | Refused | Unseen;

/** How the look at one disk ended. */
export type Look =
  | { readonly kind: 'inspected'; readonly inspection: Inspection }
  | { readonly kind: 'stands' }
  | Refused
  | Unseen;

export function refused(sentence: string): Refused {
  return { kind: 'refused', sentence };
}

export function unseen(why: string, error?: Error): Unseen {
  return { kind: 'unseen', why, error };
}
