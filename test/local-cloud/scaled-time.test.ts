import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PRELOAD = join(__dirname, 'scaled-time.cjs');

function evaluate(expression: string, env: NodeJS.ProcessEnv): number {
  return Number(execFileSync(process.execPath, ['--require', PRELOAD, '-p', expression], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' }));
}

describe('the scaled time of the functions', () => {
  const hourAgo = Date.now() - 3_600_000;
  const scaled = { LOCAL_CLOUD_TIME_SCALE: '60', LOCAL_CLOUD_TIME_ORIGIN: String(hourAgo) };

  test.each(['Date.now()', 'new Date().getTime()', 'Date.parse(Date())'])('runs so many times faster since its origin: %s', (expression) => {
    const hours = (evaluate(expression, scaled) - hourAgo) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(59.9);
    expect(hours).toBeLessThan(61);
  });

  test.each([
    ['new Date(5).getTime()', 5],
    ['Date.UTC(1970, 0, 2)', 86_400_000],
    ['Number(new Date(0) instanceof Date)', 1],
    ['new (class extends Date {})(7).getTime()', 7],
  ])('leaves everything else as it is: %s', (expression, value) => {
    expect(evaluate(expression, scaled)).toBe(value);
  });

  test('makes pauses so many times shorter', () => {
    const pause = 'const { setTimeout } = require("node:timers/promises"); const begun = performance.now(); setTimeout(60_000).then(() => console.log(performance.now() - begun))';
    const elapsed = Number(execFileSync(process.execPath, ['--require', PRELOAD, '-e', pause], { env: { PATH: process.env.PATH, ...scaled }, encoding: 'utf8' }));
    expect(elapsed).toBeGreaterThanOrEqual(999);
    expect(elapsed).toBeLessThan(20_000);
  });

  test('is the real one without a scale', () => {
    expect(Math.abs(evaluate('Date.now()', {}) - Date.now())).toBeLessThan(10_000);
  });
});
