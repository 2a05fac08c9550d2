import fc from 'fast-check';
import { playSchedule } from './play-schedule';
import { schedules } from './schedules';

/**
 * One half of the schedules, so that two test files share the cores. SCHEDULES and SCHEDULES_SEED ask for another
 * number in all, or for others; what fails is printed with its seed and path, which SCHEDULES_SEED and SCHEDULES_PATH
 * play again.
 */
export function testSchedules(half: 0 | 1): void {
  const { SCHEDULES = '2000', SCHEDULES_SEED = '20260101', SCHEDULES_PATH: path } = process.env;
  const seed = Number(SCHEDULES_SEED) + (path === undefined ? half : 0);
  const numRuns = Math.ceil(Number(SCHEDULES) / 2);

  test(`${numRuns} random schedules of faults (seed ${seed}) leave one import per request, nothing behind and no request unanswered`, async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        expect((await playSchedule(schedule)).violations).toEqual([]);
      }),
      { seed, numRuns, path, verbose: 1 },
    );
  }, 900_000);
}
