import fc from 'fast-check';
import { playSchedule } from './play-schedule';
import { schedules } from './schedules';

/** SCHEDULES and SCHEDULES_SEED ask for more, or for others: what fails is printed with its seed and path. */
const { SCHEDULES = '2000', SCHEDULES_SEED = '20260101', SCHEDULES_PATH: path } = process.env;

test(`${SCHEDULES} random schedules of faults over random lifecycles (seed ${SCHEDULES_SEED}) leave one import per request, nothing behind, and no request unanswered`, async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect((await playSchedule(schedule)).violations).toEqual([]);
    }),
    { seed: Number(SCHEDULES_SEED), numRuns: Number(SCHEDULES), path, verbose: 1 },
  );
}, 600_000);
