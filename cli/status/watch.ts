import { explain, mayPass } from '../account/explain';
import { Clock } from '../clock';

/** Milliseconds between two looks at AWS, and between two drawings of what was seen. */
const LOOK_EVERY = 5_000;
const DRAW_EVERY = 1_000;

/** What is wrong beside what was seen, for now. */
export type Trouble = string | undefined;

export interface Watched<T> {
  /** Asks AWS. */
  readonly look: () => Promise<T>;
  /** Draws what was seen last; nothing was seen yet where there is nothing. */
  readonly show: (seen: T | undefined, trouble: Trouble) => void;
}

/**
 * Looks again and again until it is interrupted. What may pass by itself is told and does not end it.
 *
 * @throws what does not pass by itself
 */
export async function watch<T>({ look, show }: Watched<T>, clock: Clock, interrupted: AbortSignal): Promise<void> {
  let seen: T | undefined;
  while (!interrupted.aborted) {
    let trouble: Trouble;
    try {
      seen = await look();
    } catch (error) {
      if (!interrupted.aborted && !mayPass(error)) {
        throw error;
      }
      trouble = explain(error);
    }
    const next = clock.now() + LOOK_EVERY;
    while (!interrupted.aborted && clock.now() < next) {
      show(seen, trouble);
      await clock.wait(DRAW_EVERY, interrupted);
    }
  }
}
