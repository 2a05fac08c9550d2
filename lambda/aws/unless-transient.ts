import { kindOf } from './errors';

/** What a look at AWS finds; nothing where AWS does not answer for now. */
export async function unlessTransient<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (kindOf(error) === 'transient') {
      return undefined;
    }
    throw error;
  }
}
