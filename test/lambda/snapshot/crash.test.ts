import { disksNamed, missingBlocks } from './copied-disks';
import { killMoments } from '../kill-moments';
import { NOTHING_LEFT } from '../rig';
import { BROKEN_TYPE, copyTemplate, machineTemplate, StackRig, unanswered, type Kill, type KillMoment, type StackChange } from '../stack-rig';

/**
 * Kills the handler before and after every single call to AWS, in turn, while it copies disks, registers an AMI of them, changes tags, replaces
 * or deletes. CloudFormation's redelivery or rollback follows.
 */
interface Scenario extends StackChange {
  readonly status: string;
  /** What exists when all went well. */
  readonly left: { readonly snapshots: number; readonly amis: readonly string[] };
}

const SNAPSHOT = copyTemplate({ Tags: { team: 'a', stage: 'test' } });
const MACHINE_1 = machineTemplate({ bootKey: 'boot.raw', dataKey: 'data.raw', name: 'machine-1', team: 'a' });
const MACHINE_2 = machineTemplate({ bootKey: 'boot.raw', dataKey: 'next.raw', name: 'machine-2', team: 'a' });
const BREAKS = { Other: { Type: BROKEN_TYPE, Properties: { Seconds: 40 } } };

const NOTHING = { snapshots: 0, amis: [] };
const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['a create of a snapshot that is cancelled while it copies', { before: undefined, after: { ...SNAPSHOT, ...BREAKS }, status: 'ROLLBACK_COMPLETE', left: NOTHING }],
  ['an update of tags of a snapshot', { before: SNAPSHOT, after: copyTemplate({ Tags: { team: 'b' } }), status: 'UPDATE_COMPLETE', left: { snapshots: 1, amis: [] } }],
  ['a create of an AMI of two disks', { before: undefined, after: MACHINE_1, status: 'CREATE_COMPLETE', left: { snapshots: 2, amis: ['machine-1'] } }],
  ['a replacement of a data disk and its AMI', { before: MACHINE_1, after: MACHINE_2, status: 'UPDATE_COMPLETE', left: { snapshots: 2, amis: ['machine-2'] } }],
  ['a delete of an AMI of two disks', { before: MACHINE_1, after: undefined, status: 'DELETE_COMPLETE', left: NOTHING }],
];

const LOGICAL_IDS = ['Data', 'Boot', 'Extra', 'Machine'];

async function prepare({ before }: Scenario): Promise<StackRig> {
  const rig = new StackRig({ s3: disksNamed('boot.raw', 'data.raw', 'next.raw') });
  if (before) {
    await rig.driver.createStack('S', before);
  }
  return rig;
}

async function crash(scenario: Scenario, kill: Kill): Promise<object> {
  const rig = await prepare(scenario);
  const before = LOGICAL_IDS.map((logicalId) => rig.driver.resource('S', logicalId)?.physicalId);
  rig.arm(kill);
  const outcome = await rig.change(scenario);
  await rig.driver.settled();
  const reached = rig.calls >= kill.call;
  rig.arm();
  // The AMI goes before its snapshots.
  for (const id of [...before].reverse()) {
    await rig.repeatFailedCleanup(outcome, id);
  }
  const missing = await missingBlocks(rig);
  const { snapshots, amis } = await rig.cloud.state();
  const left = { snapshots: snapshots.length, amis: amis.map(({ Name }) => Name) };
  const outcomes = [outcome];
  if (outcome.status !== 'DELETE_COMPLETE') {
    outcomes.push(await rig.driver.deleteStack('S'));
  }
  await rig.driver.settled();
  return {
    reached,
    left,
    missing,
    status: outcome.status,
    unanswered: unanswered(outcomes),
    running: rig.stateMachine.running(),
    remaining: await rig.cloud.remaining(),
  };
}

describe.each(SCENARIOS)('%s that is killed', (_name, scenario) => {
  const { status, left } = scenario;
  const well = { reached: true, missing: [], unanswered: [], running: [], remaining: NOTHING_LEFT };
  let moments: readonly KillMoment[] = [];

  beforeAll(async () => {
    const rig = await prepare(scenario);
    rig.arm();
    expect((await rig.change(scenario)).status).toBe(status);
    await rig.driver.settled();
    moments = killMoments(rig);
  });

  test('before or after any call to AWS and called again ends as if nothing had happened', async () => {
    expect(moments.length).toBeGreaterThan(1);
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'called-again' })]).toEqual([moment, { ...well, left, status }]);
    }
  });

  test('before or after any call to AWS and reported as failed leaves nothing that CloudFormation does not know of', async () => {
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'told' })]).toMatchObject([moment, well]);
    }
  });
});
