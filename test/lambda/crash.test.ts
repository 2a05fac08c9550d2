import { killMoments } from './kill-moments';
import { NOTHING_LEFT } from './rig';
import { S3Double } from './s3-double';
import { importTemplate, StackRig, unanswered, type CloudFormationFault, type Kill, type KillMoment, type StackChange } from './stack-rig';

/**
 * For a recorded create, update, replacement and delete, the handler is killed before and after every single call
 * that it makes to AWS, in turn; CloudFormation's redelivery or rollback follows.
 */
type Scenario = StackChange;

const V1 = importTemplate({ Tags: { team: 'a', stage: 'test' } });
const TAGGED = importTemplate({ Tags: { team: 'b' } });
const V2 = importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' }, Tags: { team: 'a' } });

const KEPT = ['an older disk', 'a disk', 'another disk'];
const DELETING = { Budget: '600', DeleteSources: [{ S3Bucket: 'exports', S3Key: 'golden.vmdk' }], Events: 'Golden' };
const V1_DELETING = importTemplate(DELETING);
const V2_DELETING = importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' }, ...DELETING });

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['a create', { before: undefined, after: V1 }],
  ['an update in place', { before: V1, after: TAGGED }],
  ['a replacement', { before: V1, after: V2 }],
  ['a delete', { before: V1, after: undefined }],
  ['an announced create that deletes its disk', { before: undefined, after: V1_DELETING }],
  ['an announced replacement that deletes its disk', { before: V1, after: V2_DELETING }],
];

/** The disk, and one beside it. */
class Disks extends S3Double {
  /** A disk that was deleted before its image was there. */
  early = 0;

  constructor() {
    super();
    this.objects.versioning = 'on';
    this.putObject('exports', 'golden.vmdk', Buffer.from('an older disk')).putObject('exports', 'golden.vmdk', Buffer.from('a disk'));
    this.putObject('exports', 'other.vmdk', Buffer.from('another disk'));
  }

  /** Watches that no disk goes before the image of a task that has read it is there. */
  watch(rig: StackRig, formerImages: number): void {
    this.answerWith(async ({ method }) => {
      const { images } = await rig.cloud.state();
      this.early += method === 'DELETE' && images.filter(({ state }) => state?.status === 'AVAILABLE').length <= formerImages ? 1 : 0;
      return undefined;
    });
  }

  get left(): readonly string[] {
    return ['golden', 'other'].flatMap((name) => this.objects.left(`exports/${name}.vmdk`));
  }
}

async function prepare({ before }: Scenario, s3: Disks): Promise<StackRig> {
  const rig = new StackRig({ s3 });
  if (before) {
    await rig.driver.createStack('S', before);
  }
  s3.watch(rig, before ? 1 : 0);
  return rig;
}

/** The most tasks that were ever started under one import id. */
async function tasksPerImport(rig: StackRig): Promise<number> {
  const { tasks } = await rig.cloud.state();
  const ids = tasks.map((task) => task.Tags?.find((tag) => tag.Key === 'cdk-vm-import:id')?.Value ?? '');
  return Math.max(0, ...ids.map((id) => ids.filter((other) => other === id).length));
}

async function crash(scenario: Scenario, kill: Kill, ...faults: readonly CloudFormationFault[]): Promise<object> {
  const disks = new Disks();
  const rig = await prepare(scenario, disks);
  const before = rig.driver.resource('S', 'Golden')?.physicalId;
  const standing = (await rig.cloud.remaining()).images;
  rig.arm(kill);
  rig.troubleCloudFormation(...faults);
  const outcome = await rig.change(scenario);
  const reached = rig.calls >= kill.call;
  await rig.driver.settled();
  rig.arm();
  const made = rig.driver.resource('S', 'Golden')?.physicalId;
  const { images } = await rig.cloud.remaining();
  const outcomes = [outcome];
  if (outcome.status !== 'DELETE_COMPLETE') {
    outcomes.push(await rig.driver.deleteStack('S'));
  }
  await rig.driver.settled();
  await rig.repeatFailedCleanup(outcome, before);
  return {
    reached,
    // What failed is as before; what did not has exactly one image.
    images: /^(ROLLBACK|UPDATE_ROLLBACK|DELETE_FAILED)/.test(outcome.status) ? (images.join() === standing.join() ? 'as before' : images) : images.length,
    status: outcome.status,
    unanswered: unanswered(outcomes),
    tasksPerImport: await tasksPerImport(rig),
    doubled: [...rig.doubled],
    disks: disks.left,
    early: disks.early,
    // Perhaps twice: a function that is called again cannot know.
    told: new Set(rig.eventBus.events.map(({ DetailType, Detail }) => `${DetailType}: ${Detail.id === made ? 'the one that stands' : String(Detail.id)}`)),
    remaining: await rig.cloud.remaining(),
  };
}

describe.each(SCENARIOS)('%s that is killed', (name, scenario) => {
  let moments: readonly KillMoment[] = [];

  beforeAll(async () => {
    const rig = await prepare(scenario, new Disks());
    rig.arm();
    await rig.change(scenario);
    await rig.driver.settled();
    moments = killMoments(rig);
  });

  test('before or after any call to AWS and called again ends as if nothing had happened', async () => {
    expect(moments.length).toBeGreaterThan(1);
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'called-again' })]).toEqual([moment, {
        reached: true,
        images: name === 'a delete' ? 0 : 1,
        status: scenario.before === undefined ? 'CREATE_COMPLETE' : scenario.after === undefined ? 'DELETE_COMPLETE' : 'UPDATE_COMPLETE',
        disks: name.endsWith('deletes its disk') ? KEPT.filter((each) => each !== 'a disk') : KEPT,
        early: 0,
        told: new Set(name.startsWith('an announced') ? ['VM Import Succeeded: the one that stands'] : []),
        unanswered: [],
        tasksPerImport: 1,
        doubled: [],
        remaining: NOTHING_LEFT,
      }]);
    }
  }, 600_000);

  test.each<CloudFormationFault>([
    { kind: 'throttled', from: 1, to: 1_000 }, { kind: 'broken', from: 1, to: 12 }, { kind: 'stale', ms: 8_000, from: 1, to: 1_000 },
  ])('before or after any call to AWS while CloudFormation\'s own API is $kind leaves nothing behind', async (fault) => {
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'called-again' }, fault)]).toMatchObject([moment, {
        reached: true, unanswered: [], doubled: [], remaining: NOTHING_LEFT, early: 0, disks: expect.arrayContaining(['an older disk', 'another disk']),
      }]);
    }
  }, 600_000);

  test('before or after any call to AWS and reported as failed leaves nothing that CloudFormation does not know of', async () => {
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'told' })]).toMatchObject([moment, {
        reached: true,
        images: expect.anything(),
        unanswered: [],
        doubled: [],
        remaining: NOTHING_LEFT,
        early: 0,
        disks: expect.arrayContaining(['an older disk', 'another disk']),
      }]);
    }
  }, 600_000);
});
