import { NOTHING_LEFT } from './rig';
import { importTemplate, StackRig, unanswered, type CloudFormationFault, type Kill } from './stack-rig';
import type { StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResources } from '../local-cloud/cloudformation-template';

/**
 * For a recorded create, update, replacement and delete, the handler is killed before and after every single call
 * that it makes to AWS, in turn; CloudFormation's redelivery or rollback follows.
 */
interface Scenario {
  readonly before: TemplateResources | undefined;
  readonly after: TemplateResources | undefined;
}

const V1 = importTemplate({ Tags: { team: 'a', stage: 'test' } });
const TAGGED = importTemplate({ Tags: { team: 'b' } });
const V2 = importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' }, Tags: { team: 'a' } });

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['a create', { before: undefined, after: V1 }],
  ['an update in place', { before: V1, after: TAGGED }],
  ['a replacement', { before: V1, after: V2 }],
  ['a delete', { before: V1, after: undefined }],
];

async function prepare({ before }: Scenario): Promise<StackRig> {
  const rig = new StackRig();
  if (before) {
    await rig.driver.createStack('S', before);
  }
  return rig;
}

async function run(rig: StackRig, { before, after }: Scenario): Promise<StackOutcome> {
  if (after === undefined) {
    return rig.driver.deleteStack('S');
  }
  return before === undefined ? rig.driver.createStack('S', after) : rig.driver.updateStack('S', after);
}

/** The most tasks that were ever started under one import id. */
async function tasksPerImport(rig: StackRig): Promise<number> {
  const { tasks } = await rig.cloud.state();
  const ids = tasks.map((task) => task.Tags?.find((tag) => tag.Key === 'cdk-vm-import:id')?.Value ?? '');
  return Math.max(0, ...ids.map((id) => ids.filter((other) => other === id).length));
}

async function crash(scenario: Scenario, kill: Kill, ...faults: readonly CloudFormationFault[]): Promise<object> {
  const rig = await prepare(scenario);
  const before = rig.driver.resource('S', 'Golden')?.physicalId;
  const standing = (await rig.cloud.remaining()).images;
  rig.arm(kill);
  rig.troubleCloudFormation(...faults);
  const outcome = await run(rig, scenario);
  const reached = rig.calls >= kill.call;
  await rig.driver.settled();
  rig.arm();
  const { images } = await rig.cloud.remaining();
  const outcomes = [outcome];
  if (outcome.status !== 'DELETE_COMPLETE') {
    outcomes.push(await rig.driver.deleteStack('S'));
  }
  await rig.driver.settled();
  // CloudFormation takes no notice of a cleanup that fails after an update but for this event; somebody has to act on it.
  if (outcome.status === 'UPDATE_COMPLETE' && outcome.events.some((event) => event.status === 'DELETE_FAILED' && event.physicalId === before)) {
    await rig.repeatDelete(before);
  }
  return {
    reached,
    // What failed is as before; what did not has exactly one image.
    images: /^(ROLLBACK|UPDATE_ROLLBACK|DELETE_FAILED)/.test(outcome.status) ? (images.join() === standing.join() ? 'as before' : images) : images.length,
    status: outcome.status,
    unanswered: unanswered(outcomes),
    tasksPerImport: await tasksPerImport(rig),
    doubled: [...rig.doubled],
    remaining: await rig.cloud.remaining(),
  };
}

describe.each(SCENARIOS)('%s that is killed', (name, scenario) => {
  let calls = 0;

  beforeAll(async () => {
    const rig = await prepare(scenario);
    rig.arm();
    await run(rig, scenario);
    await rig.driver.settled();
    calls = rig.calls;
  });

  test.each(['before', 'after'] as const)('%s any call to AWS and called again ends as if nothing had happened', async (moment) => {
    expect(calls).toBeGreaterThan(4);
    for (let call = 1; call <= calls; call++) {
      expect([call, await crash(scenario, { call, moment, then: 'called-again' })]).toEqual([call, {
        reached: true,
        images: name === 'a delete' ? 0 : 1,
        status: { 'a create': 'CREATE_COMPLETE', 'an update in place': 'UPDATE_COMPLETE', 'a replacement': 'UPDATE_COMPLETE', 'a delete': 'DELETE_COMPLETE' }[name],
        unanswered: [],
        tasksPerImport: 1,
        doubled: [],
        remaining: NOTHING_LEFT,
      }]);
    }
  }, 120_000);

  test.each<CloudFormationFault>([
    { kind: 'throttled', from: 1, to: 1_000 }, { kind: 'broken', from: 1, to: 12 }, { kind: 'stale', ms: 8_000, from: 1, to: 1_000 },
  ])('after any call to AWS while CloudFormation\'s own API is $kind leaves nothing behind', async (fault) => {
    for (let call = 1; call <= calls; call++) {
      expect([call, await crash(scenario, { call, moment: 'after', then: 'called-again' }, fault)]).toMatchObject([call, {
        reached: true, unanswered: [], doubled: [], remaining: NOTHING_LEFT,
      }]);
    }
  }, 120_000);

  test.each(['before', 'after'] as const)('%s any call to AWS and reported as failed leaves nothing that CloudFormation does not know of', async (moment) => {
    for (let call = 1; call <= calls; call++) {
      expect([call, await crash(scenario, { call, moment, then: 'told' })]).toMatchObject([call, {
        reached: true, images: expect.anything(), unanswered: [], doubled: [], remaining: NOTHING_LEFT,
      }]);
    }
  }, 120_000);
});
