import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AccountRig, MINUTE } from './account-rig';
import { TerminalDouble } from './terminal-double';
import { accountOf, leave } from '../../cli/account/account';
import { factsOf } from '../../cli/orphans/ami-facts';
import { leftoversOf } from '../../cli/orphans/leftovers';
import { amisByImportId, type Ami } from '../../lambda/aws/amis';

let rig: AccountRig;
beforeEach(async () => {
  rig = new AccountRig();
  await rig.start();
});
afterEach(async () => rig.stop());

const NOTHING = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };
const YES = ['orphans', '--delete', '--yes'];

/** Somebody at a terminal, who does something when asked. */
function askedAtTerminal(react: (terminal: TerminalDouble) => unknown): TerminalDouble {
  const terminal = new TerminalDouble('terminal');
  const { write } = terminal.stdout;
  terminal.stdout.write = (text) => {
    write(text);
    if (text.endsWith('Type yes: ')) {
      react(terminal);
    }
  };
  return terminal;
}

const terminalWith = (answer: string) => askedAtTerminal(({ stdin }) => stdin.write(answer));

const importIdOf = (stack: string) => `vm-import-${stack.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}-${'a'.repeat(12)}-${'b'.repeat(12)}-${'c'.repeat(12)}`;

test('each import has what carries its own id', () => {
  const [one, other] = ['1', '2'].map(importIdOf) as [string, string];
  const of = <T>(kind: string) => [one, other].map((importId) => ({ id: `${kind} of ${importId}`, arn: `${kind} of ${importId}`, importId, state: 'active', tags: { 'cdk-vm-import:id': importId } }) as T);
  const found = leftoversOf({ tasks: of('task'), amis: of('AMI'), snapshots: of('snapshot'), images: of('image') }, []);
  expect(found).toEqual([one, other].map((importId) => ({
    importId, stack: undefined, taskIds: [`task of ${importId}`], imageArns: [`image of ${importId}`], amiIds: [`AMI of ${importId}`], snapshotIds: [`snapshot of ${importId}`],
  })));
});

test('an AMI that EC2 still lists as deregistered is not left behind', () => {
  const importId = importIdOf('0');
  const amis = (['available', 'deregistered'] as const).map((state) => ({ id: state, state, importId }) as Ami);
  expect(leftoversOf({ tasks: [], amis, snapshots: [], images: [] }, []).map(({ amiIds }) => amiIds)).toEqual([['available']]);
});

describe('orphans', () => {
  test('are none where every stack stands, in whatever state', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    for (const status of ['CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'DELETE_FAILED', 'DELETE_IN_PROGRESS', 'ROLLBACK_COMPLETE']) {
      stack.status = status;
      expect(await rig.run(['orphans'])).toEqual({ status: 0, stderr: '', stdout: 'Nothing in eu-west-1 was left behind by a stack.\n' });
    }
  });

  test('are what a deleted stack left behind, with what uses it', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    const { amis: [ami = ''], snapshots: [snapshot], images: [image] } = await rig.cloud.remaining();
    const instances = (['pending', 'running', 'stopping', 'stopped'] as const).map((state) => `instance ${rig.cloud.giveInstance(ami, state)}`);
    rig.cloud.giveInstance(ami, 'terminated');
    rig.cloud.giveInstance('ami-0123456789abcdef0');
    rig.cloud.giveLaunchTemplate('web', ami);
    rig.cloud.giveLaunchTemplate('rolled-back', 'ami-0123456789abcdef0', ami);
    rig.cloud.giveLaunchTemplate('other', 'ami-0123456789abcdef0');
    const usedBy = [...instances, 'launch template web', 'launch template rolled-back'];
    rig.gone(stack);
    expect(await rig.run(['orphans'])).toEqual({
      status: 1,
      stderr: '',
      stdout: [
        'Left behind by stacks that were deleted:',
        '  Lab, deleted on 2026-01-01',
        `    image    ${image}`,
        `    AMI      ${ami}  used by ${usedBy.join(', ')}`,
        `    snapshot ${snapshot}`,
        '',
        '3 things to delete: cdk-vm-import orphans --delete',
        '',
      ].join('\n'),
    });
    const { status, stdout: json } = await rig.run(['orphans', '--json']);
    expect(status).toBe(1);
    expect(json).toBe(`${JSON.stringify(JSON.parse(json), undefined, 2)}\n`);
    expect(JSON.parse(json)).toEqual({
      region: 'eu-west-1',
      orphans: [{
        origin: 'left-behind',
        stackName: 'Lab',
        stackId: stack.id,
        stackDeletedAt: stack.deletedAt?.toISOString(),
        importId: expect.stringMatching(/^vm-import-/),
        taskIds: [],
        imageArns: [image],
        amiIds: [ami],
        snapshotIds: [snapshot],
        amis: { [ami]: { usedBy } },
      }],
    });
  });

  test('are told apart from what a stack retained, and from what CloudFormation does not tell of any more', async () => {
    const [kept, old] = [rig.stack('Kept'), rig.stack('Old')];
    const retained = await rig.imported(kept, 'GoldenImport');
    await rig.imported(old, 'GoldenImport', { ImportVmImage: { name: 'old', semanticVersion: '1.0.0', platform: 'Linux' } });
    rig.gone(kept, { retained: [retained] });
    rig.cloudFormation.stacks.splice(rig.cloudFormation.stacks.indexOf(old), 1);
    const { status, stdout } = await rig.run(['orphans']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Retained on purpose, by removalPolicy or when the stack was deleted:\n {2}Kept, deleted on 2026-01-01\n {4}image [^]*\n\nRetained or left behind by stacks unknown to CloudFormation .*:\n {2}\(unknown stack\)\n[^]*\n\nNothing else in eu-west-1 was left behind by a stack\.\n$/);
    const { orphans } = JSON.parse((await rig.run(['orphans', '--json'])).stdout) as { orphans: object[] };
    expect(orphans).toContainEqual(expect.not.objectContaining({ stackName: expect.anything() }));
    const before = await rig.cloud.remaining();
    expect((await rig.run(YES)).status).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(before);
    expect((await rig.run([...YES, '--include-retained'])).status).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
    expect((await rig.run(['orphans', '--json'])).status).toBe(0);
  });

  test.each([['', 0], [' behind pages of other events', 200]] as const)('are also the replaced images that a stack retained, by their events%s', async (_, others) => {
    const stack = rig.stack('Lab');
    const first = await rig.imported(stack, 'GoldenImport');
    rig.begin(stack, 'UPDATE_IN_PROGRESS');
    await rig.imported(stack, 'GoldenImport', { Revision: '2' });
    rig.gone(stack, { retained: [first] });
    Array.from({ length: others }, () => rig.tell(first, 'DELETE_IN_PROGRESS'));
    const { orphans } = JSON.parse((await rig.run(['orphans', '--json'])).stdout) as { orphans: { origin: string; importId: string }[] };
    expect(new Map(orphans.map(({ importId, origin }) => [importId === first.id, origin]))).toEqual(new Map([[true, 'retained'], [false, 'left-behind']]));
    expect(orphans.map(({ origin }) => origin).sort()).toEqual(['left-behind', 'retained']);
  });

  test('are not what carries a tag that is not ours', async () => {
    const ec2 = new EC2Client({});
    const snapshot = rig.cloud.giveSnapshot({ OwnerId: '111122223333' });
    await ec2.send(new CreateTagsCommand({ Resources: [snapshot], Tags: [{ Key: 'cdk-vm-import:id', Value: 'vm-import-of-somebody' }] }));
    ec2.destroy();
    expect((await rig.run(['orphans'])).stdout).toBe('Nothing in eu-west-1 was left behind by a stack.\n');
  });

  test('are running tasks, too, and those alone can be the thing', async () => {
    const stack = rig.stack('Lab');
    await rig.pass(rig.ask(stack, 'GoldenImport'));
    rig.gone(stack);
    delete stack.deletedAt;
    const { stdout } = await rig.run(['orphans']);
    expect(stdout).toMatch(/^Left behind by stacks that were deleted:\n {2}Lab\n {4}task {5}import-ami-[0-9a-f]+\n\n1 thing to delete: /);
    expect((JSON.parse((await rig.run(['orphans', '--json'])).stdout) as { orphans: object[] }).orphans).toEqual([
      expect.not.objectContaining({ stackDeletedAt: expect.anything() }),
    ]);
    expect(await rig.run(YES)).toEqual({ status: 0, stderr: '', stdout: expect.stringMatching(/\nimport task import-ami-[0-9a-f]+ deleted\n$/) });
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
  });

  test('of many AMIs are asked for in as many calls as EC2 takes them', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    const aws = await accountOf({}, process.env, AbortSignal.timeout(10_000));
    const [ami] = await amisByImportId(aws, 'vm-import-*');
    const amis = Array.from({ length: 201 }, (_, index) => ({ ...ami, id: `ami-${index.toString(16).padStart(17, '0')}` }) as Ami);
    const used = [0, 1, 200].map((index) => amis[index]?.id ?? '');
    const instances = used.map((id) => `instance ${rig.cloud.giveInstance(id)}`);
    const facts = await factsOf(aws, amis);
    expect(used.map((id) => facts.get(id)?.usedBy)).toEqual(instances.map((each) => [each]));
    expect([...facts.values()].filter(({ usedBy }) => usedBy.length > 0)).toHaveLength(3);
    expect(['DescribeInstances', 'DescribeLaunchTemplateVersions'].map((action) => rig.cloud.calls({ action }).length)).toEqual([2, 2]);
    leave(aws);
  });

  test('are also the copies that names of AMIs took, with their snapshots', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    const { amis: [imported = ''], snapshots: [disk], images: [image] } = await rig.cloud.remaining();
    const named = rig.askAmi(stack, imported, { Name: 'golden-1.0.0' });
    await rig.pass(named);
    rig.clock.advance(10 * MINUTE);
    rig.gone(stack);
    const { amis, snapshots } = await rig.cloud.remaining();
    const [copy, copied] = [amis.find((id) => id !== imported), snapshots.find((id) => id !== disk)];
    const { status, stdout } = await rig.run(['orphans']);
    expect(status).toBe(1);
    expect(stdout).toContain(`    image    ${image}\n    AMI      ${imported}\n    snapshot ${disk}\n`);
    expect(stdout).toContain(`    AMI      ${copy}  golden-1.0.0\n    snapshot ${copied}\n`);
    expect(stdout).toMatch(/\n5 things to delete: /);
    const { orphans } = JSON.parse((await rig.run(['orphans', '--json'])).stdout) as { orphans: object[] };
    expect(orphans).toContainEqual(expect.objectContaining({ importId: named.id, imageArns: [], amis: { [copy ?? '']: { name: 'golden-1.0.0', usedBy: [] } } }));
    expect((await rig.run(YES)).status).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
  });

  test('are copies that are not finished, too', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    const { amis: [imported = ''] } = await rig.cloud.remaining();
    await rig.pass(rig.askAmi(stack, imported, { Name: 'golden-1.0.0' }));
    rig.gone(stack);
    expect((await rig.run(YES)).status).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
  });

  test('are told apart from copies that a stack retained', async () => {
    const stack = rig.stack('Lab');
    const first = await rig.imported(stack, 'GoldenImport');
    const { amis: [imported = ''] } = await rig.cloud.remaining();
    const named = rig.askAmi(stack, imported, { Name: 'golden-1.0.0' });
    await rig.pass(named);
    rig.gone(stack, { retained: [first, named] });
    const { orphans } = JSON.parse((await rig.run(['orphans', '--json'])).stdout) as { orphans: { readonly origin: string }[] };
    expect(orphans.map(({ origin }) => origin)).toEqual(['retained', 'retained']);
  });
});

describe('orphans --delete', () => {
  async function leftBehind() {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    rig.gone(stack);
    return rig.cloud.remaining();
  }

  test('asks, and deletes image, AMI and snapshot when the answer is yes', async () => {
    const { images: [image], amis: [ami], snapshots: [snapshot] } = await leftBehind();
    const terminal = terminalWith('yes\n');
    const patience = jest.spyOn(AbortSignal, 'timeout');
    const { status, stdout, stderr } = await rig.run(['orphans', '--delete'], terminal);
    expect(new Set(patience.mock.calls.flat())).toEqual(new Set([10 * MINUTE]));
    patience.mockRestore();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Left behind[^]*\nDelete 3 things for good\? Type yes: image /);
    expect(stdout.slice(stdout.indexOf('yes: ') + 5)).toBe(`image ${image} deleted\nAMI ${ami} deleted\nsnapshot ${snapshot} deleted\n`);
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
    expect(terminal.eventNames()).toEqual([]);
    expect(terminal.stdin.isPaused()).toBe(true);
  });

  test.each(['no\n', '\n', 'y\n'])('deletes nothing when the answer is %j', async (answer) => {
    const before = await leftBehind();
    expect(await rig.run(['orphans', '--delete'], terminalWith(answer))).toMatchObject({ status: 1, stdout: expect.stringMatching(/Type yes: Nothing was deleted\.\n$/) });
    expect(await rig.cloud.remaining()).toEqual(before);
  });

  test('deletes nothing when the input ends', async () => {
    const before = await leftBehind();
    expect(await rig.run(['orphans', '--delete'], askedAtTerminal(({ stdin }) => stdin.end()))).toMatchObject({ status: 1, stdout: expect.stringMatching(/Type yes: \nNothing was deleted\.\n$/) });
    expect(await rig.cloud.remaining()).toEqual(before);
  });

  test('deletes nothing after Ctrl-C', async () => {
    const before = await leftBehind();
    const terminal = askedAtTerminal((each) => each.emit('SIGINT', 'SIGINT'));
    expect(await rig.run(['orphans', '--delete'], terminal)).toMatchObject({ status: 130, stdout: expect.stringMatching(/Type yes: \n$/) });
    expect(await rig.cloud.remaining()).toEqual(before);
  });

  test('refuses to guess the answer where there is no terminal, and asks nothing of AWS', async () => {
    await leftBehind();
    const before = rig.cloud.calls().length;
    const refusal = { status: 2, stdout: '', stderr: 'Nothing was deleted: there is no terminal to confirm at. Use --yes to delete what orphans lists.\n' };
    expect(await rig.run(['orphans', '--delete'])).toEqual(refusal);
    const half = new TerminalDouble('terminal');
    half.stdout.isTTY = false;
    expect(await rig.run(['orphans', '--delete'], half)).toEqual(refusal);
    expect(rig.cloud.calls()).toHaveLength(before);
  });

  test('asks nothing where there is nothing to delete', async () => {
    expect(await rig.run(['orphans', '--delete'], new TerminalDouble('terminal'))).toEqual({ status: 0, stderr: '', stdout: 'Nothing in eu-west-1 was left behind by a stack.\n' });
  });

  test('leaves AMI and snapshots where a recipe holds the image, and goes on with the rest', async () => {
    await leftBehind();
    const other = rig.stack('Other');
    await rig.imported(other, 'GoldenImport', { ImportVmImage: { name: 'other', semanticVersion: '1.0.0', platform: 'Linux' } });
    rig.gone(other);
    const { amis: [ami], images: [image = ''] } = await rig.cloud.remaining();
    rig.cloud.addRule({ match: { action: 'DeleteImage', id: image }, effect: { kind: 'recipeHoldsImage', forMs: MINUTE } });
    const { status, stderr } = await rig.run(YES);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^image arn:.*\/golden\/1\.0\.0\/1 stays: ResourceDependencyException: The image .* is used by the image recipe .*\n$/) });
    expect(await rig.cloud.remaining()).toMatchObject({ amis: [ami], images: [image] });
    rig.clock.advance(2 * MINUTE);
    expect((await rig.run(YES)).status).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
  });

  test('leaves what is protected from deregistration, and says how to lift it', async () => {
    const stack = rig.stack('Lab');
    const imported = await rig.imported(stack, 'GoldenImport');
    const { amis: [ami = ''] } = await rig.cloud.remaining();
    const kept = rig.askAmi(stack, ami, { DeregistrationProtection: 'enabled-with-cooldown' });
    while (!(await rig.pass(kept)));
    rig.gone(stack);
    const before = await rig.cloud.remaining();
    const { status, stdout, stderr } = await rig.run(['orphans', '--delete'], new TerminalDouble('terminal'));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `AMI ${ami} is protected and stays, with its image and snapshots: run "aws ec2 disable-image-deregistration-protection --image-id ${ami}" first.\n`,
    });
    expect(stdout).toContain(`    AMI      ${ami}  protected from deregistration (enabled-with-cooldown)\n`);
    expect(stdout).not.toContain('Type yes');
    expect(await rig.cloud.remaining()).toEqual(before);
    expect(JSON.parse((await rig.run(['orphans', '--json'])).stdout)).toMatchObject({
      orphans: [{ importId: imported.id, amis: { [ami]: { protection: 'enabled-with-cooldown', usedBy: [] } } }],
    });
  });

  test('does not mind what is gone already', async () => {
    await leftBehind();
    rig.cloud.addRule({ match: { action: 'DeregisterImage', call: 1 }, effect: { kind: 'dropAfter' } });
    expect((await rig.run(YES)).status).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING);
  });
});
