import fc from 'fast-check';
import { playSchedule } from './play-schedule';
import type { Kind } from './schedules';

/**
 * Tests random schedules of one kind. SCHEDULES and SCHEDULES_SEED ask for another number, or for others. A failure is printed with
 * its seed and path; set SCHEDULES_SEED and SCHEDULES_PATH to these to play it again.
 */
export function testSchedules({ index, share, schedules }: Kind): void {
  const { SCHEDULES = '150', SCHEDULES_SEED = '20260101', SCHEDULES_PATH: path } = process.env;
  const seed = Number(SCHEDULES_SEED) + (path === undefined ? index : 0);
  const numRuns = Math.ceil(Number(SCHEDULES) * share);

  test(`${numRuns} random schedules of faults (seed ${seed}) leave one import per request, nothing behind and no request unanswered`, async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        expect((await playSchedule(schedule)).violations).toEqual([]);
      }),
      { seed, numRuns, path, verbose: 1 },
    );
  }, 1_500_000);
}
