import { describeError, kindOf } from './errors';

/** Takes a step; answers what AWS says where something else holds the thing, and nothing where it went or was gone. */
export async function unlessHeld(step: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await step();
    return undefined;
  } catch (error) {
    switch (kindOf(error)) {
      case 'not-found':
        return undefined;
      case 'in-use':
        return describeError(error);
      default:
        throw error;
    }
  }
}
