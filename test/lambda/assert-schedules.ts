import fc from 'fast-check';
import { playSchedule } from './play-schedule';
import { schedules, type Schedule } from './schedules';

/** One of the test files that share the schedules. */
export interface Part {
  /** Its seed, counted from the first one's. */
  readonly index: number;
  /** Its part of the number of schedules. */
  readonly share: number;
  readonly kind: fc.Arbitrary<Schedule>;
}

/**
 * One half of the schedules, so that two test files share the cores, or schedules of another kind. SCHEDULES and
 * SCHEDULES_SEED ask for another number in all, or for others; what fails is printed with its seed and path, which
 * SCHEDULES_SEED and SCHEDULES_PATH play again.
 */
export function testSchedules(half: 0 | 1 | Part): void {
  const { index, share, kind } = typeof half === 'number' ? { index: half, share: 1 / 2, kind: schedules } : half;
  const { SCHEDULES = '2000', SCHEDULES_SEED = '20260101', SCHEDULES_PATH: path } = process.env;
  const seed = Number(SCHEDULES_SEED) + (path === undefined ? index : 0);
  const numRuns = Math.ceil(Number(SCHEDULES) * share);

  test(`${numRuns} random schedules of faults (seed ${seed}) leave one import per request, nothing behind and no request unanswered`, async () => {
    await fc.assert(
      fc.asyncProperty(kind, async (schedule) => {
        expect((await playSchedule(schedule)).violations).toEqual([]);
      }),
      { seed, numRuns, path, verbose: 1 },
    );
  }, 1_500_000);
}
