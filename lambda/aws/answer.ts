/** What the two APIs answer, where any field and the thing itself may be missing. */
import type { Aws } from './clients';
import { kindOf } from './errors';

/** The services that are asked. */
export type Described = Pick<Aws, 'ec2' | 'imageBuilder' | 'signal'>;

/** The answer, or nothing where AWS says that the thing is not there. */
export async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (kindOf(error) === 'not-found') {
      return undefined;
    }
    throw error;
  }
}

/** The SDK types every field as one that may be missing. */
export function text(value: string | undefined): string {
  return value ?? '';
}

export function list<T>(value: readonly T[] | undefined): readonly T[] {
  return value ?? [];
}
