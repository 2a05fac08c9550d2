/**
 * Plays random fault schedules of every kind, in the shares of the random tests: `npm run soak -- --schedules 10000 [--seed N]`.
 * `--kind imports|copies|amis` plays one kind only. A violation is printed with kind, seed and path, which play it again.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { playSchedule } from '../test/lambda/play-schedule';
import { KINDS, type Kind } from '../test/lambda/schedules';

/** Schedules that share a seed: few enough to find one again soon. */
const BATCH = 100;

class Soak {
  private readonly started = performance.now();
  private readonly played = new Map<string, number>();
  private readonly injected = new Map<string, number>();
  private readonly drawn = new Map<string, number>();
  private violations = 0;
  private requests = 0;
  private calls = 0;

  async play(kind: string, { schedules }: Kind, { seed, numRuns }: { readonly seed: number; readonly numRuns: number }): Promise<void> {
    const result = await fc.check(
      fc.asyncProperty(schedules, async (schedule) => {
        const outcome = await playSchedule(schedule);
        add(this.played, kind, 1);
        Object.entries({ ...schedule.answers, encryptionByDefault: schedule.encryptionByDefault }).forEach(([question, answer]) => add(this.drawn, `${question}: ${answer}`, 1));
        this.requests += outcome.requests;
        this.calls += outcome.calls;
        outcome.injected.forEach((times, fault) => add(this.injected, fault, times));
        if (outcome.violations.length > 0) {
          throw new Error(outcome.violations.join('\n'));
        }
      }),
      { seed, numRuns },
    );
    if (result.failed) {
      this.violations += 1;
      console.error(`violation: ${kind}, seed ${seed}, path ${result.counterexamplePath}\n${fc.stringify(result.counterexample)}\n${String(result.errorInstance)}`);
    }
  }

  /** Prints the counts, and returns how many violations there were. */
  report(): number {
    const kinds = [...this.played].map(([kind, times]) => `${times} of ${kind}`).join(', ');
    const seconds = Math.round((performance.now() - this.started) / 1000);
    console.log(`schedules run:   ${kinds} (${this.requests} requests of CloudFormation, ${this.calls} calls to AWS, ${seconds} s)`);
    print('faults injected', this.injected, 26);
    print('answers drawn', this.drawn, 46);
    console.log(`violations:      ${this.violations}`);
    return this.violations;
  }
}

function add(counts: Map<string, number>, what: string, times: number): void {
  counts.set(what, (counts.get(what) ?? 0) + times);
}

function print(title: string, counts: ReadonlyMap<string, number>, width: number): void {
  console.log(`${title}:`);
  [...counts].sort().forEach(([what, times]) => console.log(`  ${what.padEnd(width)}${times}`));
}

async function main(count: number, seed: number, only: string | undefined): Promise<void> {
  const kinds = Object.entries<Kind>(KINDS).filter(([name]) => only === undefined || name === only);
  if (kinds.length === 0) {
    throw new Error(`--kind must be one of ${Object.keys(KINDS).join(', ')}, and not ${only}`);
  }
  const shares = kinds.reduce((sum, [, { share }]) => sum + share, 0);
  const soak = new Soak();
  for (let batch = 0; batch * BATCH < count; batch++) {
    for (const [name, kind] of kinds) {
      const numRuns = Math.round((Math.min(BATCH, count - batch * BATCH) * kind.share) / shares);
      await soak.play(name, kind, { seed: seed + batch, numRuns });
    }
  }
  process.exitCode = soak.report() === 0 ? 0 : 1;
  console.log(`seed:            ${seed}`);
}

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) }, kind: { type: 'string' },
  },
});
void main(Number(values.schedules), Number(values.seed), values.kind);
