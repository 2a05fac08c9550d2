import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRig, Asked, MINUTE } from './account-rig';
import { SteppedClock, TerminalDouble } from './terminal-double';

const BLOCK = 512 * 1024;
/** Two shards. */
const BYTES = 1_000 * BLOCK;
const SNAPSHOT = 'snap-[0-9a-f]+';

let rig: AccountRig;
beforeEach(async () => {
  rig = new AccountRig({ blocks: 'counted' });
  await rig.start();
});
afterEach(async () => rig.stop());

const said = async () => (await rig.run(['status'])).stdout;
const json = async () => (JSON.parse((await rig.run(['status', '--json'])).stdout) as { readonly imports: readonly Record<string, unknown>[] }).imports;

/** A copy that is complete, in a stack that stands. */
async function copied(asked: Asked): Promise<void> {
  for (let passes = 0; !(await rig.pass(asked)); passes += 1) {
    if (passes > 10) {
      throw new Error('The copy does not end');
    }
    rig.clock.advance(MINUTE);
  }
  rig.tell(asked, 'CREATE_COMPLETE', { PhysicalResourceId: asked.id });
  asked.stack.status = 'CREATE_COMPLETE';
}

describe('status of a disk that is copied into a snapshot', () => {
  test('follows it by blocks, with speed and the time left, from the request to the snapshot', async () => {
    rig.stateMachine.durationMs = 10_000;
    const stack = rig.stack('Lab');
    const asked = rig.askCopy(stack, 'DataImport3CFCC81E', BYTES);
    expect(await said()).toBe('Lab  Data: snapshot is being started, 0 s\n');
    await rig.pass(asked);
    expect(await said()).toMatch(new RegExp(`^Lab {2}Data: 0 % of 0.49 GiB written, 0 s, ${SNAPSHOT}\n$`));
    rig.clock.advance(5_000);
    expect(await said()).toMatch(new RegExp(`^Lab {2}Data: 50 % of 0.49 GiB written, 0.05 GiB/s, 5 s, about 5 s left, ${SNAPSHOT}\n$`));
    expect(await json()).toEqual([{
      id: asked.id,
      stackName: 'Lab',
      stackId: stack.id,
      logicalId: 'DataImport3CFCC81E',
      snapshotId: expect.stringMatching(SNAPSHOT),
      stage: 'writing',
      copy: { blocks: 1_000, blocksWritten: 500, bytesPerSecond: 52_428_800 },
      startedAt: '2026-01-01T12:00:00.000Z',
      elapsedSeconds: 5,
      estimatedSecondsLeft: 5,
    }]);
    rig.clock.advance(5_000);
    expect(await said()).toMatch(/^Lab {2}Data: snapshot is being completed, 10 s, /);
    await copied(asked);
    expect(await said()).toMatch(new RegExp(`^Lab {2}Data: available, ${SNAPSHOT}\n$`));
  });

  test('has its bar and its times on the page for the browser', async () => {
    const file = join(tmpdir(), `copies-${process.pid}.html`);
    try {
      const asked = rig.askCopy(rig.stack('Lab'), 'DataImport3CFCC81E', BYTES);
      await rig.run(['status', '--html', file]);
      expect(readFileSync(file, 'utf8')).not.toContain('<progress');
      await rig.pass(asked);
      rig.clock.advance(30_000);
      await rig.run(['status', '--html', file]);
      expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`<progress max="1000" value="500"></progress>50 % of .*<code>${SNAPSHOT}</code>`));
      await copied(asked);
      await rig.run(['status', '--html', file]);
      expect(readFileSync(file, 'utf8')).toMatch(/<td>Data<\/td><td>available<\/td><td><span class="bar".*2 min/);
    } finally {
      rmSync(file, { force: true });
    }
  });

  test('draws a bar of the blocks on a terminal', async () => {
    const asked = rig.askCopy(rig.stack('Lab'), 'DataImport3CFCC81E', BYTES);
    expect((await rig.run(['status'], new TerminalDouble('terminal'))).stdout).toMatch(/░{10,}.* {2}snapshot is being started/);
    await rig.pass(asked);
    rig.clock.advance(30_000);
    expect((await rig.run(['status'], new TerminalDouble('terminal'))).stdout).toMatch(/█{10,}.*░{10,}.* {2}50 % of 0\.49 GiB written/);
  });

  test('is not lost where its events are cut off', async () => {
    const stack = rig.stack('Lab');
    const asked = rig.askCopy(stack, 'DataImport3CFCC81E', BYTES);
    await rig.pass(asked);
    stack.events.forEach((event) => Object.assign(event, { ResourceProperties: event.ResourceProperties?.slice(0, 20) }));
    expect(await json()).toEqual([{ id: asked.id, stackName: 'Lab', stackId: stack.id, snapshotId: expect.stringMatching(SNAPSHOT), stage: 'writing' }]);
  });

  test('prints a line for every tenth of the disk where there is no terminal', async () => {
    rig.stateMachine.durationMs = 60_000;
    const asked = rig.askCopy(rig.stack('Lab'), 'DataImport3CFCC81E', BYTES);
    const terminal = new TerminalDouble();
    let seconds = 0;
    const clock = new SteppedClock(rig.clock.now(), async (now) => {
      rig.clock.advance(now - rig.clock.now());
      seconds += 1;
      if (seconds === 1) {
        await rig.pass(asked);
      }
      if (seconds === 40) {
        terminal.emit('SIGINT');
      }
    });
    const { stdout } = await rig.run(['status', '--watch'], terminal, clock);
    expect(stdout.split('\n').map((line) => /(\d+ %|started)/.exec(line)?.[1]).filter(Boolean)).toEqual(['started', '0 %', '14 %', '21 %', '35 %', '42 %', '50 %']);
  });

  test('tells the second attempt after one that failed', async () => {
    rig.stateMachine.durationMs = 60_000;
    rig.stateMachine.before = () => {
      throw new Error('Out of memory');
    };
    const asked = rig.askCopy(rig.stack('Lab'), 'DataImport3CFCC81E', BYTES);
    await rig.pass(asked);
    rig.clock.advance(MINUTE);
    rig.stateMachine.before = undefined;
    await rig.pass(asked);
    rig.clock.advance(30_000);
    expect(await said()).toMatch(/^Lab {2}Data: 50 % of .*about 30 s left/);
  });

  test('says why it failed, while its stack rolls back and when EBS gave it up', async () => {
    const stack = rig.stack('Lab');
    const [early, late] = [rig.askCopy(stack, 'EarlyImport3CFCC81E', BYTES), rig.askCopy(stack, 'LateImport3CFCC81E', BYTES)];
    rig.tell(early, 'CREATE_FAILED', { ResourceStatusReason: 'there is no disk' });
    await rig.pass(late);
    rig.tell(late, 'CREATE_FAILED', { ResourceStatusReason: 'it takes too long' });
    expect((await json()).map(({ logicalId, failure }) => [logicalId, failure])).toEqual([
      ['EarlyImport3CFCC81E', { reason: 'there is no disk' }], ['LateImport3CFCC81E', { reason: 'it takes too long' }],
    ]);
    stack.status = 'ROLLBACK_COMPLETE';
    expect(await json()).toEqual([expect.objectContaining({ id: late.id, stage: 'writing' })]);
    rig.clock.advance(3 * 24 * 60 * MINUTE);
    expect(await json()).toEqual([expect.objectContaining({ id: late.id, stage: 'failed' })]);
  });
});

describe('orphans of copies', () => {
  test('are the snapshots of a deleted stack, complete or not, and --delete removes them', async () => {
    const stack = rig.stack('Lab');
    await copied(rig.askCopy(stack, 'DataImport3CFCC81E', BLOCK));
    await rig.pass(rig.askCopy(stack, 'MoreImport3CFCC81E', BYTES));
    expect(await rig.run(['orphans'])).toMatchObject({ status: 0 });
    rig.gone(stack);
    const { stdout, status } = await rig.run(['orphans']);
    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`^Left behind by stacks that were deleted:\n(  Lab, deleted on 2026-01-01\n    snapshot ${SNAPSHOT}\n){2}\n2 things to delete: `));
    expect(await rig.run(['orphans', '--delete', '--yes'])).toMatchObject({ status: 0 });
    expect((await rig.cloud.remaining()).snapshots).toEqual([]);
  });

  test('are the AMI that was registered from them, which goes before them', async () => {
    const stack = rig.stack('Lab');
    const disk = rig.askCopy(stack, 'FedoraDataDisk13CFCC81E', BLOCK);
    await copied(disk);
    const [snapshot] = (await rig.cloud.remaining()).snapshots;
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', SnapshotId: snapshot, VolumeType: 'gp3' }];
    const Registration = { Architecture: 'arm64', BootMode: 'uefi', RootDeviceName: '/dev/xvda', EnaSupport: 'true', BlockDeviceMappings };
    const [ami, named] = [rig.askAmi(stack, '', { Registration }), rig.askAmi(stack, '', { Registration, Name: 'fedora 1' })];
    await rig.pass(ami);
    await rig.pass(named);
    expect(await rig.run(['orphans'])).toMatchObject({ status: 0 });
    rig.gone(stack);
    const { stdout, status } = await rig.run(['orphans']);
    expect(status).toBe(1);
    expect(stdout).toMatch(new RegExp(`^ {4}snapshot ${snapshot}$`, 'm'));
    expect([...stdout.matchAll(/^ {4}AMI {6}ami-\w+(.*)$/gm)].map(([, name]) => name).sort()).toEqual(['', '  fedora 1']);
    // The list would take the snapshot first.
    expect(disk.id < ami.id && disk.id < named.id).toBe(true);
    expect(await rig.run(['orphans', '--delete', '--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(await rig.cloud.remaining()).toMatchObject({ amis: [], snapshots: [] });
  });

  test('keep their snapshots if the AMI is protected', async () => {
    const stack = rig.stack('Lab');
    await copied(rig.askCopy(stack, 'DataImport3CFCC81E', BLOCK));
    const [snapshot] = (await rig.cloud.remaining()).snapshots;
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', SnapshotId: snapshot, VolumeType: 'gp3' }];
    const Registration = { Architecture: 'arm64', BootMode: 'uefi', RootDeviceName: '/dev/xvda', EnaSupport: 'true', BlockDeviceMappings };
    const ami = rig.askAmi(stack, '', { Registration, DeregistrationProtection: 'enabled-without-cooldown' });
    await rig.pass(ami);
    rig.clock.advance(MINUTE);
    await rig.pass(ami);
    rig.gone(stack);
    const { stderr, status } = await rig.run(['orphans', '--delete', '--yes']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^AMI ami-\w+ is protected and stays/);
    expect((await rig.cloud.remaining())).toMatchObject({ amis: [expect.any(String)], snapshots: [snapshot] });
  });

  test('are not those that the stack retained', async () => {
    const stack = rig.stack('Lab');
    const kept = rig.askCopy(stack, 'DataImport3CFCC81E', BLOCK);
    await copied(kept);
    rig.gone(stack, { retained: [kept] });
    expect(await rig.run(['orphans', '--delete', '--yes'])).toMatchObject({ status: 0 });
    expect((await rig.cloud.remaining()).snapshots).toHaveLength(1);
  });
});
