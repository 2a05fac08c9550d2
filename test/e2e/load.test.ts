/**
 * Two hundred imports at once behind EC2's quota of twenty: the bundle that is deployed, under CloudFormation in fake time,
 * against the emulator over HTTP.
 */
import { startBundledHandlers } from './bundled-handlers';
import { importTemplate } from '../lambda/stack-rig';
import { CloudFormationDriver } from '../local-cloud/cloudformation-driver';
import type { TemplateResources } from '../local-cloud/cloudformation-template';
import { Ec2AndImageBuilder, MemoryDiskSource, type CallRecord } from '../local-cloud/emulator';
import { IdleClock } from '../local-cloud/idle-clock';

const IMPORTS = 200;
const QUOTA = 20;
const MINUTE = 60_000;
/**
 * Two passes a minute, each of two calls while an import is queued (its task? then start), and some ten more for each of
 * those that finish: tags, the image, and another look.
 */
const PEAK = IMPORTS * 2 * 2 + QUOTA * 10;

/** Short tasks, or most of the time goes into asking again; what `timeout: Duration.hours(2)` makes of it is three segments. */
const TASK_DURATION = 1.5 * MINUTE;
const SEGMENTS = 3;
const TIME = { Budget: 2400, Timeout: 7200 };

test('two hundred imports at once get through a quota of twenty', async () => {
  const clock = new IdleClock();
  const disks = new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk');
  const emulator = new Ec2AndImageBuilder({ clock, disks, settings: { activeTaskQuota: QUOTA, taskDurationMs: TASK_DURATION } });
  const bundled = await startBundledHandlers(emulator, clock);
  try {
    const driver = new CloudFormationDriver({ handlers: bundled.handlers, clock });
    bundled.cloudFormation.describe(driver);
    const started = clock.now();
    const outcome = await driver.createStack('Load', template());
    const calls = emulator.calls();
    report(calls, (clock.now() - started) / MINUTE);
    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect((await emulator.remaining()).images).toHaveLength(IMPORTS);
    expect((await emulator.state()).tasks).toHaveLength(IMPORTS);
    expect(peakPerMinute(calls)).toBeLessThanOrEqual(PEAK);
  } finally {
    await bundled.stop();
  }
}, 300_000);

function template(): TemplateResources {
  return Object.assign({}, ...Array.from({ length: IMPORTS }, (_, index) => importTemplate(
    { ...TIME, ImportVmImage: { name: `Golden ${index}`, semanticVersion: '1.0.0', platform: 'Linux' } }, SEGMENTS, `Golden${index}x`,
  ))) as TemplateResources;
}

function peakPerMinute(calls: readonly CallRecord[]): number {
  const minutes = new Map<number, number>();
  calls.forEach(({ time }) => minutes.set(Math.floor(time / MINUTE), (minutes.get(Math.floor(time / MINUTE)) ?? 0) + 1));
  return Math.max(...minutes.values());
}

function report(calls: readonly CallRecord[], minutes: number): void {
  const byAction = new Map<string, number>();
  calls.forEach(({ action }) => byAction.set(action, (byAction.get(action) ?? 0) + 1));
  const lines = [...byAction].map(([action, times]) => `  ${action.padEnd(28)}${(times / IMPORTS).toFixed(1)} per import`);
  process.stdout.write([
    `${IMPORTS} imports, quota ${QUOTA}, done after ${minutes.toFixed(0)} simulated minutes`,
    `calls to EC2 and Image Builder: ${(calls.length / IMPORTS).toFixed(1)} per import, at most ${peakPerMinute(calls)} in a simulated minute`,
    ...lines,
    '',
  ].join('\n'));
}
