/**
 * Plays as many random fault schedules as asked: `npm run soak -- --schedules 10000 [--seed N]`.
 * A violation is printed with what it takes to play it again.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { playSchedule } from '../test/lambda/play-schedule';
import { schedules } from '../test/lambda/schedules';

/** Schedules that share a seed: few enough to find one again soon. */
const BATCH = 100;

async function soak(count: number, seed: number): Promise<void> {
  const started = performance.now();
  const injected = new Map<string, number>();
  const drawn = new Map<string, number>();
  let [played, violations, requests, calls] = [0, 0, 0, 0];
  for (let batch = 0; batch * BATCH < count; batch++) {
    const result = await fc.check(
      fc.asyncProperty(schedules, async (schedule) => {
        const outcome = await playSchedule(schedule);
        played += 1;
        Object.entries(schedule.answers).forEach(([question, answer]) => add(drawn, `${question}: ${answer}`, 1));
        requests += outcome.requests;
        calls += outcome.calls;
        outcome.injected.forEach((times, kind) => add(injected, kind, times));
        if (outcome.violations.length > 0) {
          throw new Error(outcome.violations.join('\n'));
        }
      }),
      { seed: seed + batch, numRuns: Math.min(BATCH, count - batch * BATCH) },
    );
    if (result.failed) {
      violations += 1;
      console.error(`violation: seed ${seed + batch}, path ${result.counterexamplePath}\n${fc.stringify(result.counterexample)}\n${String(result.errorInstance)}`);
    }
  }
  console.log(`schedules run:   ${played} (${requests} requests of CloudFormation, ${calls} calls to AWS, ${Math.round((performance.now() - started) / 1000)} s)`);
  console.log('faults injected:');
  [...injected].sort().forEach(([kind, times]) => console.log(`  ${kind.padEnd(26)}${times}`));
  console.log('answers drawn:');
  [...drawn].sort().forEach(([answer, times]) => console.log(`  ${answer.padEnd(46)}${times}`));
  console.log(`violations:      ${violations}`);
  console.log(`seed:            ${seed}`);
  process.exitCode = violations === 0 ? 0 : 1;
}

function add(counts: Map<string, number>, what: string, times: number): void {
  counts.set(what, (counts.get(what) ?? 0) + times);
}

const { values } = parseArgs({
  options: { schedules: { type: 'string', default: '10000' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) } },
});
void soak(Number(values.schedules), Number(values.seed));
