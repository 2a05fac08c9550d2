import type { TemplateResources, TemplateValue } from '../../local-cloud/cloudformation-template';
import { killMoments } from '../kill-moments';
import { NOTHING_LEFT } from '../rig';
import { importTemplate, StackRig, unanswered, type Kill, type KillMoment, type StackChange } from '../stack-rig';

/**
 * Kills the handler before and after every single call to AWS, in turn, while it creates, updates, renames or deletes an AMI's
 * properties, or registers an AMI. CloudFormation's redelivery or rollback follows.
 */
interface Scenario extends StackChange {
  /** Names of the AMIs that stand when all went well, but for imported ones. */
  readonly names: readonly string[];
  readonly status: string;
}

type Options = { readonly [name: string]: TemplateValue };

const withAmi = (options: Options): TemplateResources => ({
  ...importTemplate({}, 1),
  Ami: { Type: 'Custom::VmImportAmi', Properties: { ServiceToken: 'provider', SourceImageId: { 'Fn::GetAtt': ['Golden', 'AmiId'] }, ...options } },
});
const SHARED: Options = { Description: 'mine', LaunchPermissions: { UserIds: ['222233334444'] }, ImdsSupport: 'v2.0', DeprecateAt: '2030-01-31T09:30:00Z' };
const PROTECTED: Options = { ...SHARED, DeregistrationProtection: 'enabled-without-cooldown', LiftProtection: true };
const IMPORTED = withAmi(PROTECTED);
const NAMED = withAmi({ ...PROTECTED, Name: 'golden-1', Tags: { team: 'a' } });

/** Snapshots of the account, which are no resources of the stack. */
const registered = (options: Options): TemplateResources => ({
  Ami: {
    Type: 'Custom::VmImportAmi',
    Properties: {
      ServiceToken: 'provider',
      Registration: {
        Architecture: 'x86_64',
        BootMode: 'uefi',
        RootDeviceName: '/dev/xvda',
        EnaSupport: true,
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', SnapshotId: 'snap-00000000000000001', VolumeType: 'gp3' }],
      },
      ...options,
    },
  },
});
const REGISTERED = registered({ ...PROTECTED, Name: 'golden-1', Tags: { team: 'a' } });

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['a create', { before: undefined, after: IMPORTED, names: [], status: 'CREATE_COMPLETE' }],
  ['a create with a name', { before: undefined, after: NAMED, names: ['golden-1'], status: 'CREATE_COMPLETE' }],
  ['an update in place', { before: NAMED, after: withAmi({ Name: 'golden-1', Description: 'other', Tags: { team: 'b' } }), names: ['golden-1'], status: 'UPDATE_COMPLETE' }],
  ['an update to another name', { before: NAMED, after: withAmi({ ...PROTECTED, Name: 'golden-2' }), names: ['golden-2'], status: 'UPDATE_COMPLETE' }],
  ['an update that takes the properties out', { before: IMPORTED, after: importTemplate({}, 1), names: [], status: 'UPDATE_COMPLETE' }],
  ['a delete', { before: IMPORTED, after: undefined, names: [], status: 'DELETE_COMPLETE' }],
  ['a create from snapshots', { before: undefined, after: REGISTERED, names: ['golden-1'], status: 'CREATE_COMPLETE' }],
  ['an update from snapshots to another name', { before: REGISTERED, after: registered({ ...PROTECTED, Name: 'golden-2' }), names: ['golden-2'], status: 'UPDATE_COMPLETE' }],
  ['a delete of a registered', { before: REGISTERED, after: undefined, names: [], status: 'DELETE_COMPLETE' }],
  ['a delete of a name', { before: NAMED, after: undefined, names: [], status: 'DELETE_COMPLETE' }],
];

async function prepare({ before }: Scenario): Promise<StackRig> {
  const rig = new StackRig();
  rig.cloud.giveSnapshot();
  if (before) {
    await rig.driver.createStack('S', before);
  }
  return rig;
}

async function namesIn(rig: StackRig): Promise<readonly (string | undefined)[]> {
  return (await rig.cloud.state()).amis.map(({ Name }) => Name).filter((name) => !name?.startsWith('import-ami-'));
}

async function crash(scenario: Scenario, kill: Kill): Promise<object> {
  const rig = await prepare(scenario);
  const before = rig.driver.resource('S', 'Ami')?.physicalId;
  rig.arm(kill);
  const outcome = await rig.change(scenario);
  const reached = rig.calls >= kill.call;
  await rig.driver.settled();
  rig.arm();
  await rig.repeatFailedCleanup(outcome, before);
  const names = await namesIn(rig);
  const outcomes = [outcome];
  if (outcome.status !== 'DELETE_COMPLETE') {
    outcomes.push(await rig.driver.deleteStack('S'));
  }
  await rig.driver.settled();
  return { reached, names, status: outcome.status, unanswered: unanswered(outcomes), imports: rig.cloud.calls({ action: 'ImportImage' }).length, remaining: await rig.cloud.remaining() };
}

describe.each(SCENARIOS)('%s of an AMI that is killed', (_name, scenario) => {
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
        reached: true, names: scenario.names, status: scenario.status, unanswered: [], imports: expect.any(Number), remaining: NOTHING_LEFT,
      }]);
    }
  }, 600_000);

  test('before or after any call to AWS and reported as failed leaves nothing that CloudFormation does not know of', async () => {
    for (const moment of moments) {
      expect([moment, await crash(scenario, { ...moment, then: 'told' })]).toMatchObject([moment, { reached: true, unanswered: [], remaining: NOTHING_LEFT }]);
    }
  }, 600_000);
});
