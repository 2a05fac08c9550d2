import { REAL_TIME } from '../../cli/terminal';

test('real time passes, and an aborted wait ends at once', async () => {
  const before = REAL_TIME.now();
  const controller = new AbortController();
  await REAL_TIME.wait(5, controller.signal);
  expect(REAL_TIME.now()).toBeGreaterThan(before);
  const waits = REAL_TIME.wait(60_000, controller.signal);
  controller.abort();
  await waits;
  await REAL_TIME.wait(60_000, controller.signal);
  expect(REAL_TIME.now() - before).toBeLessThan(30_000);
});
