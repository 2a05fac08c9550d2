import { reasonOf, succeeded } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';

describe('a create', () => {
  test('fails with one sentence when the disk is bad: what failed, what AWS said, what to do', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Disk validation failed [Unsupported VMDK File Format]' } } });
    const outcome = await rig.deliver(rig.create());
    expect(reasonOf(outcome)).toMatch(/^VM import import-ami-\w+ failed: ClientError: Disk validation failed \[Unsupported VMDK File Format\] \(hint: the VMDK is not stream-optimized: .*\)$/);
    expect(rig.count('ImportImage')).toBe(1);
    // For the metric of failed imports.
    expect(rig.logs.at(-1)).toMatchObject({ action: 'fail', request: 'Create' });
  });

  test('tries a failure of the service again with another task, and cleans up after the first', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: an internal error has occurred', atProgress: 90 } } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    const { tasks, amis, snapshots } = await rig.cloud.state();
    expect(tasks.map((task) => task.Status)).toEqual(['deleted', 'completed']);
    expect(amis).toHaveLength(1);
    expect(snapshots).toHaveLength(1);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('gives up on the service after as many attempts as were asked', async () => {
    const rig = new Rig({ taskDurationMs: 60_000 });
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: an internal error has occurred' } } });
    expect(reasonOf(await rig.deliver(rig.create({ MaxAttempts: '3' })))).toContain('ServerError');
    expect(rig.count('ImportImage')).toBe(3);
  });

  test('fails with what EC2 says of a request that it refuses', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'error', code: 'InvalidParameterValue', message: 'The given S3 bucket is not local to the Region' } });
    expect(reasonOf(await rig.deliver(rig.create()))).toBe(
      'AWS refused a call of the VM import: InvalidParameterValue: The given S3 bucket is not local to the Region (hint: the bucket must be in the Region of the stack)',
    );
  });

  test('fails on timeout with the progress that was reached', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 57 } } });
    const outcome = await rig.deliver(rig.create({ Budget: '1800', Timeout: '1800' }));
    expect(reasonOf(outcome)).toMatch(/^The VM import did not finish within its timeout of 30 min; it was last waiting for: .* \(57 %\)\. Set a longer "timeout" \(up to 48 hours\)\.$/);
    expect(outcome.seconds).toBe(1800);
    succeeded(await rig.deliver(rig.delete(outcome.id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('fails on timeout with what it waited for where there is no progress, in hours where these are whole', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    expect(reasonOf(await rig.deliver(rig.create({ Budget: '60', Timeout: '14400', Segment: '1', Segments: '1' })))).toMatch(
      /within its timeout of 4 h; it was last waiting for: a free slot: queued .* \(ResourceLimitExceeded: [^()]*\)\. Set a longer "timeout"/,
    );
  });

  test('fails with the reason of Image Builder', async () => {
    const rig = new Rig();
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    rig.cloud.addRule({ match: { action: 'ImportVmImage' }, effect: { kind: 'error', code: 'InvalidRequestException', message: 'the AMI is not supported' } });
    for (let minute = 0; minute < 20; minute++, rig.clock.advance(60_000)) {
      await rig.pass({ ...event, ...named });
    }
    await expect(rig.pass({ ...event, ...named })).rejects.toThrow('InvalidRequestException: the AMI is not supported');
    succeeded(await rig.deliver(rig.delete(named.PhysicalResourceId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('refuses properties that the construct would not write', async () => {
    const rig = new Rig();
    await expect(rig.handlers.onEvent(rig.create({ ImportVmImage: undefined }), { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow(
      'The property ResourceProperties.ImportVmImage must be an object',
    );
  });
});
