import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTagsCommand, EC2Client, ImportImageCommand } from '@aws-sdk/client-ec2';
import { ImagebuilderClient, ImportVmImageCommand } from '@aws-sdk/client-imagebuilder';
import { AccountRig, MINUTE, NOON } from './account-rig';
import { Screen } from './screen';
import { SteppedClock, TerminalDouble } from './terminal-double';

let rig: AccountRig;
afterEach(async () => rig.stop());

async function account(settings = {}): Promise<AccountRig> {
  rig = new AccountRig(settings);
  await rig.start();
  return rig;
}

const lines = (text: string) => text.split('\n').filter(Boolean);
const json = async (...args: string[]) => JSON.parse((await rig.run(['status', '--json', ...args])).stdout) as { readonly imports: Record<string, unknown>[] };

describe('status', () => {
  test('says where there are no imports', async () => {
    await account();
    expect(await rig.run(['status'])).toEqual({ status: 0, stderr: '', stdout: 'No VM imports in eu-west-1.\n' });
    expect((await rig.run(['status', '--stack', 'Lab'])).stdout).toBe('No VM imports of stack Lab in eu-west-1.\n');
    const unsized = new TerminalDouble('terminal');
    unsized.stdout.columns = 0;
    expect((await rig.run(['status'], unsized)).stdout).toBe('No VM imports in eu-west-1.\n');
    expect(await json()).toEqual({ region: 'eu-west-1', at: '2026-01-01T12:00:00.000Z', imports: [] });
  });

  test('follows an import from the line to the image', async () => {
    const { clock } = await account();
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport');
    clock.advance(2 * MINUTE);
    expect((await rig.run(['status'])).stdout).toBe('Lab  Golden 1.0.0: queued for 2 min, about 1 of 1 in line\n');
    await rig.pass(asked);
    clock.advance(8 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}Golden 1\.0\.0: 40 % converting, 10 min, about 15 min left, import-ami-[0-9a-f]+\n$/);
    clock.advance(12 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}Golden 1\.0\.0: AMI is being tagged, 22 min, ami-[0-9a-f]+\n$/);
    await rig.pass(asked);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}golden 1\.0\.0\/1: Image Builder image PENDING, 22 min, ami-[0-9a-f]+\n$/);
    clock.advance(MINUTE);
    const done = /^Lab {2}golden 1\.0\.0\/1: available, ami-[0-9a-f]+, arn:aws:imagebuilder:eu-west-1:111122223333:image\/golden\/1\.0\.0\/1\n$/;
    expect((await rig.run(['status'])).stdout).toMatch(done);
    rig.tell(asked, 'CREATE_COMPLETE');
    stack.status = 'CREATE_COMPLETE';
    expect((await rig.run(['status'])).stdout).toMatch(done);
  });

  test.each(['nobody', 'disablesAmi'] as const)('shows an AMI that was registered from copied disks as available (person: %s)', async (person) => {
    const { clock, cloud } = await account({ answers: { person } });
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', SnapshotId: cloud.giveSnapshot(), VolumeType: 'gp3' }];
    const Registration = { Architecture: 'arm64', BootMode: 'uefi', RootDeviceName: '/dev/xvda', EnaSupport: 'true', BlockDeviceMappings };
    const asked = rig.askAmi(rig.stack('Lab'), '', { Registration });
    rig.tell(asked, 'CREATE_IN_PROGRESS');
    await rig.pass(asked);
    clock.advance(5 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}AMI: available, ami-[0-9a-f]+\n$/);
    rig.tell(asked, 'CREATE_COMPLETE', { PhysicalResourceId: asked.id });
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}Golden: available, ami-[0-9a-f]+\n$/);
  });

  test('tells the copy that a name of the AMI takes with its import, and not as another one', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    const { amis: [imported = ''] } = await cloud.remaining();
    const named = rig.askAmi(stack, imported, { Name: 'golden-1.0.0' });
    await rig.pass(named);
    expect((await rig.run(['status'])).stdout).toBe(`Lab  golden 1.0.0/1: AMI is copied to the name golden-1.0.0, ${imported}\n`);
    expect((await rig.run(['status'], new TerminalDouble('terminal'))).stdout).toMatch(/\n.*█{30}.* {2}AMI is copied to the name golden-1\.0\.0\n$/);
    const copy = { amiId: expect.stringMatching(/^ami-/) as string, name: 'golden-1.0.0' };
    expect((await json()).imports).toEqual([expect.objectContaining({ stage: 'copying', amiId: imported, copies: [{ ...copy, state: 'pending' }] })]);
    expect((await json()).imports[0]).not.toHaveProperty('name');
    clock.advance(10 * MINUTE);
    const { imports } = await json();
    expect(imports).toEqual([expect.objectContaining({ stage: 'available', amiId: imported, copies: [{ ...copy, state: 'available' }] })]);
    const [{ copies }] = imports as unknown as readonly [{ readonly copies: readonly { readonly amiId: string }[] }];
    expect((await rig.run(['status'])).stdout).toMatch(new RegExp(`: available, ${imported}, arn:.*, copy golden-1\\.0\\.0 ${copies[0]?.amiId}\n$`));
  });

  test('tells why a copy failed', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    const { amis: [imported = ''] } = await cloud.remaining();
    cloud.addRule({ effect: { kind: 'copyFails', reason: 'The key is disabled' } });
    await rig.pass(rig.askAmi(stack, imported, { Name: 'golden-1.0.0' }));
    clock.advance(10 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/: failed: AMI ami-[0-9a-f]+, the copy to the name golden-1\.0\.0: The key is disabled/);
  });

  test('tells the copy of the AMI of a task that somebody else ran', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    const ec2 = new EC2Client({});
    const { ImportTaskId = '' } = await ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }] }));
    ec2.destroy();
    clock.advance(60 * MINUTE);
    await rig.imported(stack, 'AdoptedImport', { ImportImage: undefined, ImportTaskId });
    const { amis: [theirs = ''] } = await cloud.remaining();
    await rig.pass(rig.askAmi(stack, theirs, { Name: 'adopted-1.0.0' }));
    expect((await json()).imports).toEqual([
      expect.objectContaining({ stage: 'copying', amiId: theirs, copies: [expect.objectContaining({ name: 'adopted-1.0.0' })] }),
    ]);
  });

  test('numbers the line by the time of the request, and the task that runs is not in it', async () => {
    const { clock } = await account();
    const [one, two] = [rig.stack('One'), rig.stack('Two')];
    const running = rig.ask(one, 'Running');
    await rig.pass(running);
    clock.advance(MINUTE);
    rig.ask(two, 'Early', { ImportVmImage: { name: 'early', semanticVersion: '1.0.0', platform: 'Linux' } });
    clock.advance(MINUTE);
    rig.ask(one, 'Late', { ImportVmImage: { name: 'late', semanticVersion: '1.0.0', platform: 'Linux' } });
    expect(lines((await rig.run(['status'])).stdout)).toEqual([
      expect.stringMatching(/^One {2}Golden 1\.0\.0: 10 % validating, 2 min, about 18 min left/),
      'Two  early 1.0.0: queued for 1 min, about 1 of 2 in line',
      'One  late 1.0.0: queued for 0 s, about 2 of 2 in line',
    ]);
    expect(lines((await rig.run(['status', '--stack', 'Two'])).stdout)).toHaveLength(1);
    expect(lines((await rig.run(['status', '--stack', one.id])).stdout)).toHaveLength(2);
  });

  test('tells the reason of a failure and what to do about it, as long as the stack stands', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Unsupported VMDK File Format' } } });
    const asked = rig.ask(stack, 'GoldenImport');
    await rig.pass(asked);
    clock.advance(10 * MINUTE);
    const told = /^Lab {2}Golden 1\.0\.0: failed: ClientError: Unsupported VMDK File Format \(hint: the VMDK is not stream-optimized: .*\), import-ami-[0-9a-f]+\n$/;
    expect((await rig.run(['status'])).stdout).toMatch(told);
    rig.tell(asked, 'CREATE_FAILED', { ResourceStatusReason: 'something longer' });
    stack.status = 'ROLLBACK_IN_PROGRESS';
    expect((await rig.run(['status'])).stdout).toMatch(told);
    stack.status = 'ROLLBACK_COMPLETE';
    expect((await rig.run(['status'])).stdout).toMatch(/: failed: ClientError/);
    stack.status = 'DELETE_COMPLETE';
    expect((await rig.run(['status'])).stdout).toBe('No VM imports in eu-west-1.\n');
  });

  test('tells of a failure that came before any task', async () => {
    await account();
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport');
    rig.tell(asked, 'CREATE_FAILED', { ResourceStatusReason: 'There is no object s3://exports/golden.vmdk: upload it, or check its key.' });
    expect((await rig.run(['status'])).stdout).toBe('Lab  Golden 1.0.0: failed: There is no object s3://exports/golden.vmdk: upload it, or check its key.\n');
    rig.tell(asked, 'CREATE_FAILED');
    expect((await rig.run(['status'])).stdout).toBe('Lab  Golden 1.0.0: failed: no reason given\n');
    rig.tell(asked, 'CREATE_COMPLETE');
    expect((await rig.run(['status'])).stdout).toBe('No VM imports in eu-west-1.\n');
  });

  test('tells of the replacement that is asked for, and of what stands meanwhile', async () => {
    const { clock } = await account();
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    clock.advance(60 * MINUTE);
    rig.begin(stack, 'UPDATE_IN_PROGRESS');
    const next = rig.ask(stack, 'GoldenImport', { Revision: '2' }, { ResourceStatus: 'UPDATE_IN_PROGRESS' });
    clock.advance(MINUTE);
    expect(lines((await rig.run(['status'])).stdout)).toEqual([
      'Lab  Golden 1.0.0: queued for 1 min, about 1 of 1 in line',
      expect.stringMatching(/^Lab {2}golden 1\.0\.0\/1: available/),
    ]);
    await rig.pass(next);
    clock.advance(10 * MINUTE);
    expect(lines((await rig.run(['status'])).stdout)).toEqual([
      expect.stringMatching(/^Lab {2}Golden 1\.0\.0: 50 % updating, 11 min, about 11 min left/),
      expect.stringMatching(/^Lab {2}golden 1\.0\.0\/1: available/),
    ]);
  });

  test('takes a change of tags for what it is, and not for an import', async () => {
    await account();
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    rig.begin(stack, 'UPDATE_IN_PROGRESS');
    rig.ask(stack, 'GoldenImport', { Tags: { team: 'other' } }, { ResourceStatus: 'UPDATE_IN_PROGRESS' });
    expect(lines((await rig.run(['status'])).stdout)).toEqual([expect.stringMatching(/^Lab {2}golden 1\.0\.0\/1: available/)]);
  });

  test('reads all there is of a stack whose beginning is not told any more', async () => {
    const { clock } = await account();
    const stack = rig.stack('Nested');
    stack.events.length = 0;
    rig.ask(stack, 'GoldenImport');
    clock.advance(MINUTE);
    expect((await rig.run(['status'])).stdout).toBe('Nested  Golden 1.0.0: queued for 1 min, about 1 of 1 in line\n');
  });

  test('counts the time of an import over all of its segments', async () => {
    const { clock } = await account({ taskDurationMs: 100 * MINUTE });
    const stack = rig.stack('Lab');
    const first = rig.ask(stack, 'GoldenImport', { Segments: '2' });
    await rig.pass(first);
    clock.advance(50 * MINUTE);
    rig.tell(first, 'CREATE_COMPLETE', { PhysicalResourceId: first.id });
    rig.ask(stack, 'GoldenSegment2', { Segment: '2', Segments: '2', ImportId: first.id });
    clock.advance(20 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}Golden 1\.0\.0: 70 % booting, 1 h 10 min, about 30 min left/);
  });

  test('shows the task of somebody else that an image is made of', async () => {
    const { clock } = await account();
    const ec2 = new EC2Client({});
    const { ImportTaskId = '' } = await ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }] }));
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport', { ImportImage: undefined, ImportTaskId });
    clock.advance(4 * MINUTE);
    expect((await rig.run(['status'])).stdout).toBe(`Lab  Golden 1.0.0: 20 % converting, 4 min, about 16 min left, ${ImportTaskId}\n`);
    clock.advance(20 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}Golden 1\.0\.0: AMI is being tagged, 24 min\n$/);
    await rig.pass(asked);
    clock.advance(10 * MINUTE);
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}golden 1\.0\.0\/1: available, ami-/);
    rig.cloud.forgetTask(ImportTaskId);
    rig.ask(rig.stack('Unknown'), 'Odd', { ImportImage: undefined, ImportTaskId });
    expect((await rig.run(['status', '--stack', 'Unknown'])).stdout).toMatch(/^Unknown {2}Golden 1\.0\.0: AMI is being tagged/);
    ec2.destroy();
  });

  test('asks for an image that Image Builder does not list yet', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    cloud.addRule({ match: { action: 'ListImageBuildVersions' }, effect: { kind: 'invisible', listMs: 60 * MINUTE } });
    const asked = rig.ask(stack, 'GoldenImport');
    await rig.pass(asked);
    clock.advance(20 * MINUTE);
    await rig.pass(asked);
    expect((await rig.run(['status'])).stdout).toMatch(/Image Builder image PENDING/);
    cloud.addRule({ match: { action: 'GetImage' }, effect: { kind: 'invisible', getMs: 60 * MINUTE } });
    expect((await rig.run(['status'])).stdout).toMatch(/AMI is being tagged/);
  });

  test('passes over what is not a segment of this library, and what carries a tag that is not its own', async () => {
    const { clock } = await account();
    const stack = rig.stack('Lab');
    rig.event(stack, { ResourceType: 'Custom::VmImportImage', LogicalResourceId: 'NoProperties', ResourceStatus: 'CREATE_IN_PROGRESS' });
    rig.event(stack, { ResourceType: 'Custom::VmImportImage', LogicalResourceId: 'NoJson', ResourceStatus: 'CREATE_IN_PROGRESS', ResourceProperties: '{"cut' });
    rig.event(stack, { ResourceType: 'Custom::VmImportImage', LogicalResourceId: 'Other', ResourceStatus: 'CREATE_IN_PROGRESS', ResourceProperties: '{"Segment":1}' });
    rig.event(stack, { ResourceType: 'AWS::S3::Bucket', LogicalResourceId: 'Bucket', ResourceStatus: 'CREATE_IN_PROGRESS', ResourceProperties: '{}' });
    const ec2 = new EC2Client({});
    const { ImportTaskId = '' } = await ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }] }));
    await ec2.send(new CreateTagsCommand({ Resources: [ImportTaskId], Tags: [{ Key: 'cdk-vm-import:id', Value: 'vm-import-of-somebody' }] }));
    const imageBuilder = new ImagebuilderClient({});
    await imageBuilder.send(new ImportVmImageCommand({ name: 'other', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: ImportTaskId, clientToken: 'token' }));
    clock.advance(MINUTE);
    expect((await rig.run(['status'])).stdout).toBe('No VM imports in eu-west-1.\n');
    ec2.destroy();
    imageBuilder.destroy();
  });

  test('reads numbers and truth values in the events as CloudFormation hands them to functions', async () => {
    await account();
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport');
    await rig.pass(asked);
    const properties = { ...asked.request.ResourceProperties, Segment: 1, Segments: 1, Preflight: false };
    rig.begin(stack, 'CREATE_IN_PROGRESS');
    rig.tell(asked, 'CREATE_IN_PROGRESS', { ResourceProperties: JSON.stringify(properties) });
    expect((await rig.run(['status'])).stdout).toMatch(/^Lab {2}Golden 1\.0\.0: 1 % pending, 0 s, import-ami-/);
  });

  test('gives scripts a shape to rely on', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    const running = rig.ask(stack, 'Running');
    await rig.pass(running);
    cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: No bootable partition found', atProgress: 10 } } });
    await rig.pass(rig.ask(stack, 'Broken', { Revision: 'b' }));
    clock.advance(10 * MINUTE);
    rig.ask(stack, 'Queued', { Revision: 'q' });
    const names = { stackName: 'Lab', stackId: stack.id, imageName: 'Golden', imageVersion: '1.0.0' };
    expect((await json()).imports).toEqual([
      {
        ...names,
        id: running.id,
        logicalId: 'Running',
        taskId: expect.stringMatching(/^import-ami-/),
        stage: 'importing',
        status: 'updating',
        progress: 50,
        startedAt: '2026-01-01T12:00:00.000Z',
        elapsedSeconds: 600,
        estimatedSecondsLeft: 600,
      },
      { ...names, logicalId: 'Queued', stage: 'queued', queue: { position: 1, of: 1 }, startedAt: '2026-01-01T12:10:00.000Z', elapsedSeconds: 0 },
      {
        ...names,
        id: expect.stringMatching(/^vm-import-/),
        logicalId: 'Broken',
        taskId: expect.stringMatching(/^import-ami-/),
        stage: 'failed',
        startedAt: '2026-01-01T12:00:00.000Z',
        failure: { reason: 'ClientError: No bootable partition found', hint: 'the first disk container must be the boot disk with its partition table' },
      },
    ]);
  });

  test('names the image of a stack that is gone', async () => {
    await account();
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    rig.gone(stack);
    expect((await json()).imports).toEqual([{
      id: expect.stringMatching(/^vm-import-/),
      imageName: 'golden',
      imageVersion: '1.0.0/1',
      taskId: expect.stringMatching(/^import-ami-/),
      amiId: expect.stringMatching(/^ami-/),
      imageArn: expect.stringMatching(/^arn:/),
      stage: 'available',
    }]);
    expect((await rig.run(['status'])).stdout).toMatch(/^\(stack gone\) {2}golden 1\.0\.0\/1: available, ami-/);
  });

  test('on a terminal draws a bar for what runs', async () => {
    const { clock, cloud } = await account();
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'Done');
    rig.begin(stack, 'UPDATE_IN_PROGRESS');
    await rig.pass(rig.ask(stack, 'Running', { Revision: 'r' }));
    cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Footers not identical', atProgress: 10 } } });
    await rig.pass(rig.ask(stack, 'Broken', { Revision: 'b' }));
    clock.advance(10 * MINUTE);
    rig.ask(stack, 'Queued', { Revision: 'q' });
    const { stdout } = await rig.run(['status'], new TerminalDouble('terminal'));
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^Lab {2}Golden 1\.0\.0 {2}import-ami-[0-9a-f]+$/),
      '  ███████████████░░░░░░░░░░░░░░░  50 % updating, 10 min, about 10 min left',
      'Lab  Golden 1.0.0',
      '  queued for 0 s, about 1 of 1 in line',
      'Lab  Golden 1.0.0',
      '  failed: ClientError: Footers not identical',
      '  hint: the VHD is differencing or damaged: merge it into its parent, or convert it with "qemu-img convert -O vpc"',
      'Lab  golden 1.0.0/1',
      expect.stringMatching(/^ {2}available {2}ami-[0-9a-f]+ {2}arn:aws:imagebuilder:/),
      '',
    ]);
  });
});

describe('status --watch', () => {
  /** Watches while time passes, until so many seconds are over. */
  async function watch(terminal: TerminalDouble, seconds: number, during: (now: number) => void | Promise<void>, ...args: string[]) {
    const clock = new SteppedClock(rig.clock.now(), async (now) => {
      rig.clock.advance(1000);
      await during(now);
      if (now >= NOON + seconds * 1000) {
        terminal.emit('SIGINT', 'SIGINT');
      }
    });
    return rig.run(['status', '--watch', ...args], terminal, clock);
  }

  test('on a terminal is drawn over in place, until Ctrl-C, and leaves the cursor', async () => {
    await account({ taskDurationMs: 20_000, imageDurationMs: 5_000 });
    const asked = rig.ask(rig.stack('Lab'), 'GoldenImport');
    const terminal = new TerminalDouble('terminal');
    const frames: string[] = [];
    const { status, stdout, stderr } = await watch(terminal, 40, async (now) => {
      frames.push(new Screen(100).write(terminal.said.stdout).text);
      if ((now - NOON) % 5000 === 0) {
        await rig.pass(asked);
      }
    });
    expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
    expect(frames[0]).toBe('Lab  Golden 1.0.0\n  queued for 0 s, about 1 of 1 in line\nCtrl-C ends.');
    expect(frames[3]).toMatch(/queued for 3 s, about 1 of 1 in line\nCtrl-C ends\.$/);
    expect(frames).toContainEqual(expect.stringMatching(/^Lab {2}Golden 1\.0\.0 {2}import-ami-.*\n {2}█+░+ {2}25 % converting, .*\nCtrl-C ends\.$/));
    expect(frames).toContainEqual(expect.stringMatching(/50 % updating, 15 s, about 10 s left/));
    // Between two looks the time goes on, and with it what is left of it.
    expect(frames).toContainEqual(expect.stringMatching(/50 % updating, 18 s, about 7 s left/));
    expect(frames.at(-1)).toMatch(/^Lab {2}golden 1\.0\.0\/1\n {2}available {2}ami-.*\nCtrl-C ends\.$/);
    const screen = new Screen(100).write(stdout);
    expect(screen).toMatchObject({ cursor: 'shown', text: frames.at(-1) });
    expect(terminal.eventNames()).toEqual([]);
  });

  test('without a terminal says a line for every step', async () => {
    await account({ taskDurationMs: 20_000, imageDurationMs: 5_000 });
    const asked = rig.ask(rig.stack('Lab'), 'GoldenImport');
    const { stdout } = await watch(new TerminalDouble(), 40, async (now) => {
      if ((now - NOON) % 5000 === 0) {
        await rig.pass(asked);
      }
    });
    expect(lines(stdout).map((line) => line.replace(/,.*$/, ''))).toEqual([
      'Lab  Golden 1.0.0: queued for 0 s',
      'Lab  Golden 1.0.0: 1 % pending',
      'Lab  Golden 1.0.0: 25 % converting',
      'Lab  Golden 1.0.0: 50 % updating',
      'Lab  Golden 1.0.0: 75 % booted',
      'Lab  golden 1.0.0/1: Image Builder image PENDING',
      'Lab  golden 1.0.0/1: available',
    ]);
  });

  test('gives scripts an object a line for every step', async () => {
    await account();
    const stack = rig.stack('Lab');
    const { stdout, status } = await watch(new TerminalDouble(), 11, (now) => {
      if (now === NOON + 2000) {
        rig.ask(stack, 'GoldenImport');
      }
    }, '--json');
    expect(status).toBe(130);
    expect(lines(stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
      { region: 'eu-west-1', at: '2026-01-01T12:00:00.000Z', imports: [] },
      { region: 'eu-west-1', at: '2026-01-01T12:00:05.000Z', imports: [expect.objectContaining({ stage: 'queued' })] },
    ]);
  });

  test.each([[[]], [['--json']]])('goes on when AWS does not answer for a while: %j', async (args) => {
    await account();
    const refused = (status: number, code: string) => ({ status, code, message: 'Rate exceeded' });
    rig.cloudFormation.fault = refused(400, 'Throttling');
    const { stdout, stderr, status } = await watch(new TerminalDouble(), 12, (now) => {
      rig.cloudFormation.fault = now < NOON + 4000 ? refused(400, 'Throttling') : now < NOON + 6000 ? refused(500, 'InternalFailure') : undefined;
    }, ...args);
    expect({ status, stderr }).toEqual({
      status: 130,
      stderr: 'AWS does not answer (Throttling: Rate exceeded): try again.\nAWS does not answer (InternalFailure: Rate exceeded): try again.\n',
    });
    expect(lines(stdout)).toEqual([expect.stringMatching(/No VM imports in eu-west-1\.|"imports":\[\]/)]);
  }, 60_000);

  test('on a terminal keeps what was seen last while AWS does not answer', async () => {
    await account();
    rig.ask(rig.stack('Lab'), 'GoldenImport');
    const terminal = new TerminalDouble('terminal');
    const slow = { status: 503, code: 'ServiceUnavailable', message: 'Slow down' };
    rig.cloudFormation.fault = slow;
    await watch(terminal, 12, (now) => {
      rig.cloudFormation.fault = now < NOON + 6000 ? undefined : slow;
    });
    expect(terminal.said.stdout).toMatch(/^\u001b\[\?25l\r\u001b\[JAWS does not answer \(ServiceUnavailable/);
    expect(new Screen(100).write(terminal.said.stdout).text).toBe(
      'Lab  Golden 1.0.0\n  queued for 11 s, about 1 of 1 in line\nAWS does not answer (ServiceUnavailable: Slow down): try again.');
  }, 60_000);

  test('ends where AWS refuses, and leaves the cursor', async () => {
    await account();
    const terminal = new TerminalDouble('terminal');
    const { status, stdout, stderr } = await watch(terminal, 20, () => {
      rig.cloudFormation.fault = { status: 403, code: 'ExpiredToken', message: 'The security token included in the request is expired' };
    });
    expect({ status, stderr }).toEqual({
      status: 2, stderr: 'The AWS credentials have expired (ExpiredToken: The security token included in the request is expired): log in again, for example with "aws sso login".\n',
    });
    expect(new Screen(100).write(stdout).cursor).toBe('shown');
    expect(terminal.eventNames()).toEqual([]);
  });

  test.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)('ends at %s in the middle of a look with status %i', async (signal, code) => {
    await account();
    const terminal = new TerminalDouble('terminal');
    rig.cloud.addRule({ match: { action: 'DescribeImportImageTasks' }, effect: { kind: 'delay', ms: 60 * MINUTE } });
    const run = rig.run(['status', '--watch'], terminal);
    while (rig.cloud.calls({ action: 'DescribeImportImageTasks' }).length === 0) {
      await new Promise(setImmediate);
    }
    terminal.emit(signal, signal);
    expect(await run).toEqual({ status: code, stdout: '', stderr: '' });
  });
});

describe('an account that cannot be asked', () => {
  test('for a profile that does not exist lists those that do', async () => {
    await account();
    const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
    process.env.AWS_CONFIG_FILE = join(folder, 'config');
    writeFileSync(process.env.AWS_CONFIG_FILE, '[profile web]\nregion = eu-west-1\naws_access_key_id = test\naws_secret_access_key = test\n[profile lab]\nregion = eu-west-2\n[sso-session corporate]\nsso_region = eu-west-1\n');
    expect((await rig.run(['status', '--profile', 'web'])).stdout).toBe('No VM imports in eu-west-1.\n');
    expect((await rig.run(['status', '--profile', 'nobody'])).stderr).toBe('There is no AWS profile nobody (configured: lab, web): check --profile and AWS_PROFILE.\n');
    process.env.AWS_PROFILE = 'nobody';
    expect((await rig.run(['orphans'])).stderr).toContain('There is no AWS profile nobody');
    process.env.AWS_PROFILE = '';
    expect((await rig.run(['status'])).stdout).toBe('No VM imports in eu-west-1.\n');
    delete process.env.AWS_PROFILE;
    rmSync(folder, { recursive: true });
  });

  test.each<[string, NodeJS.ProcessEnv, readonly string[], RegExp]>([
    ['no credentials', { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }, [], /^No AWS credentials were found \(.*\): use --profile, set AWS_PROFILE, or log in as for the AWS CLI\.\n$/],
    ['an unknown profile', {}, ['--profile', 'nobody'], /^There is no AWS profile nobody \(none are configured\): check --profile and AWS_PROFILE\.\n$/],
    ['no Region', { AWS_REGION: undefined }, [], /^No AWS Region is configured: use --region, or set AWS_REGION\.\n$/],
  ])('%s: one sentence says so', async (_, env, args, sentence) => {
    await account();
    for (const [name, value] of Object.entries(env)) {
      value === undefined ? delete process.env[name] : process.env[name] = value;
    }
    jest.spyOn(console, 'warn').mockImplementation();
    for (const command of [['status'], ['status', '--watch'], ['orphans']]) {
      expect(await rig.run([...command, ...args])).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(sentence) });
    }
  });

  test('a Region by AWS_DEFAULT_REGION, and one by option', async () => {
    await account();
    delete process.env.AWS_REGION;
    process.env.AWS_DEFAULT_REGION = 'eu-central-1';
    expect((await rig.run(['status'])).stdout).toBe('No VM imports in eu-central-1.\n');
    expect((await rig.run(['status', '--region', 'ap-south-1'])).stdout).toBe('No VM imports in ap-south-1.\n');
  });

  test.each([
    ['AccessDenied', 403, 'User is not authorized', 'The AWS credentials lack the permission cloudformation:ListStacks (AccessDenied: User is not authorized): add it to the IAM policy; https://github.com/cdk-vm-import/cdk-vm-import/blob/main/docs/command.md#permissions lists all permissions of the command.\n'],
    ['ValidationError', 400, 'No.', 'AWS refuses the request (ValidationError: No): check --region and --profile.\n'],
  ])('%s: one sentence says so', async (code, status, message, sentence) => {
    await account();
    rig.cloudFormation.fault = { status, code, message };
    expect(await rig.run(['status'])).toEqual({ status: 2, stdout: '', stderr: sentence });
    expect(await rig.run(['orphans'])).toEqual({ status: 2, stdout: '', stderr: sentence });
  });
});
