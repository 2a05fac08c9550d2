import { disksNamed, missingBlocks } from './copied-disks';
import { killMoments } from '../kill-moments';
import { NOTHING_LEFT } from '../rig';
import { BROKEN_TYPE, copyTemplate, StackRig, unanswered, type Kill, type KillMoment, type StackChange } from '../stack-rig';

/**
 * Kills the handler before and after every single call to AWS, in turn, while it copies a disk, changes its tags, replaces it or deletes it.
 * CloudFormation's redelivery or rollback follows.
 */
interface Scenario extends StackChange {
  readonly status: string;
}

const V1 = copyTemplate({ Tags: { team: 'a', stage: 'test' } });
const V2 = copyTemplate({ Disk: { S3Bucket: 'exports', S3Key: 'next.raw', Format: 'RAW' }, Tags: { team: 'a' } });

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['a create', { before: undefined, after: V1, status: 'CREATE_COMPLETE' }],
  [
    'a create that is cancelled while it copies',
    { before: undefined, after: { ...V1, Other: { Type: BROKEN_TYPE, Properties: { Seconds: 40 } } }, status: 'ROLLBACK_COMPLETE' },
  ],
  ['an update of tags', { before: V1, after: copyTemplate({ Tags: { team: 'b' } }), status: 'UPDATE_COMPLETE' }],
  ['a replacement', { before: V1, after: V2, status: 'UPDATE_COMPLETE' }],
  ['a delete', { before: V1, after: undefined, status: 'DELETE_COMPLETE' }],
];

async function prepare({ before }: Scenario): Promise<StackRig> {
  const rig = new StackRig({ s3: disksNamed('data.raw', 'next.raw') });
  if (before) {
    await rig.driver.createStack('S', before);
  }
  return rig;
}

async function crash(scenario: Scenario, kill: Kill): Promise<object> {
  const rig = await prepare(scenario);
  const before = rig.driver.resource('S', 'Data')?.physicalId;
  rig.arm(kill);
  const outcome = await rig.change(scenario);
  await rig.driver.settled();
  const reached = rig.calls >= kill.call;
  rig.arm();
  await rig.repeatFailedCleanup(outcome, before);
  const [missing, { snapshots }] = [await missingBlocks(rig), await rig.cloud.remaining()];
  const outcomes = [outcome];
  if (outcome.status !== 'DELETE_COMPLETE') {
    outcomes.push(await rig.driver.deleteStack('S'));
  }
  await rig.driver.settled();
  return {
    reached,
    snapshots: snapshots.length,
    missing,
    status: outcome.status,
    unanswered: unanswered(outcomes),
    running: rig.stateMachine.running(),
    remaining: await rig.cloud.remaining(),
  };
}

describe.each(SCENARIOS)('%s of a snapshot that is killed', (_name, scenario) => {
  let moments: readonly KillMoment[] = [];

  beforeAll(async () => {
    const rig = await prepare(scenario);
    rig.arm();
    expect((await rig.change(scenario)).status).toBe(scenario.status);
    await rig.driver.settled();
    moments = killMoments(rig);
  });

  test('before or after any call to AWS and called again ends as if nothing had happened', async () => {
    expect(moments.length).toBeGreaterThan(1);
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'called-again' })]).toEqual([moment, {
        reached: true, snapshots: /^(CREATE|UPDATE)_COMPLETE$/.test(scenario.status) ? 1 : 0, missing: [], status: scenario.status, unanswered: [], running: [], remaining: NOTHING_LEFT,
      }]);
    }
  });

  test('before or after any call to AWS and reported as failed leaves nothing that CloudFormation does not know of', async () => {
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'told' })]).toMatchObject([
        moment, { reached: true, missing: [], unanswered: [], running: [], remaining: NOTHING_LEFT },
      ]);
    }
  });
});
