import { turnOf } from '../../../lambda/import/turn';

const IDS = Array.from({ length: 1_000 }, (_, index) => `vm-import-${index}`);

/** The numbers of the passes in which an import asks EC2 within so many seconds. */
function asks(id: string, seconds: number, pollInterval = 30): number[] {
  const passes = Array.from({ length: seconds / pollInterval }, (_, pass) => pass);
  return passes.filter((pass) => turnOf({ id, age: pass * pollInterval, pollInterval }).kind === 'ask');
}

const gaps = (passes: readonly number[]) => passes.slice(1).map((pass, index) => pass - (passes[index] ?? 0));

test('an import asks in its first two passes', () => {
  expect(IDS.every((id) => asks(id, 60).length === 2)).toBe(true);
});

test.each([[180, 2], [420, 4], [48 * 3600, 8]])('up to %i s it waits for no more than %i passes of 30 s between two times', (seconds, most) => {
  for (const id of IDS.slice(0, 50)) {
    expect(Math.max(...gaps(asks(id, seconds)))).toBeLessThanOrEqual(most);
  }
});

test.each([5, 10, 30, 60, 120, 180, 240, 300])('polled every %i s, it asks within four minutes, or in every pass', (pollInterval) => {
  for (const id of IDS.slice(0, 50)) {
    const seconds = gaps(asks(id, 4 * 3600, pollInterval)).map((passes) => passes * pollInterval);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(Math.max(240, pollInterval));
  }
});

test('a pass that is not its turn knows within how many seconds the next one is', () => {
  const turn = IDS.map((id) => turnOf({ id, age: 3600, pollInterval: 30 })).find(({ kind }) => kind === 'later');
  expect(turn).toStrictEqual({ kind: 'later', within: 240 });
});

test('a thousand imports that were asked for at the same moment spread over the passes', () => {
  const perPass = Array.from({ length: 8 }, (_, pass) => IDS.filter((id) => turnOf({ id, age: 3600 + pass * 30, pollInterval: 30 }).kind === 'ask').length);
  // A few have two turns in a row.
  expect(perPass.reduce((sum, each) => sum + each)).toBeLessThan(1_200);
  expect(Math.max(...perPass)).toBeLessThan(190);
});

test.each([30.2, 31, 31.7, 35])('an import whose passes are %d s apart misses no turn', (apart) => {
  for (const id of IDS.slice(0, 200)) {
    const times = Array.from({ length: 1_000 }, (_, pass) => 3600 + pass * apart).filter((age) => turnOf({ id, age, pollInterval: 30 }).kind === 'ask');
    expect(Math.max(...gaps(times))).toBeLessThan(240 + 35.01);
    // A turn is five seconds longer than the poll interval, and comes every four minutes.
    expect(times.length).toBeLessThan(1_000 * 35 / 240 * 1.05);
  }
});
