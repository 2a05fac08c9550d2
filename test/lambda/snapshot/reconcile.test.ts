import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { SnapshotRig, STATE_MACHINE } from './snapshot-rig';
import { SourceChanged } from '../../../lambda/disk-copy/source-object';
import { percentOf } from '../../../lambda/snapshot/observe';
import { removeSnapshot } from '../../../lambda/snapshot/removal';

/** 1 MiB and a bit: three blocks, the last of them not full. */
const DISK = Buffer.concat([Buffer.alloc(1_048_576, 'data'), Buffer.from('end')]);

describe('a snapshot', () => {
  test('gets the blocks of the disk, its tags, and answers what was made', async () => {
    const rig = new SnapshotRig(DISK);
    const result = await rig.end();
    const [snapshot] = await rig.snapshots();
    expect(result).toEqual({ kind: 'done', attributes: { SnapshotId: snapshot?.SnapshotId, VolumeSize: '1' } });
    expect(snapshot).toMatchObject({ State: 'completed', VolumeSize: 1 });
    expect(Object.fromEntries((snapshot?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
      'cdk-vm-import:id': rig.id, 'cdk-vm-import:source-etag': 'e1', 'team': 'storage',
    });
    expect(rig.rig.count('PutSnapshotBlock')).toBe(3);
    expect([...rig.rig.stateMachine.executions.keys()]).toEqual([
      `${STATE_MACHINE.replace('stateMachine', 'execution')}:${rig.id.replace('vm-import-', '')}-1`,
    ]);
  });

  test.each([[undefined, 0], [7, 50], [14, 99], [20, 99]])('whose copy has %s events of 14 is copied to %i %%', async (id, percent) => {
    const stepFunctions = { send: async () => ({ events: id === undefined ? [] : [{ id }] }) };
    const execution = { executionArn: 'arn', input: JSON.stringify({ shards: [0, 1] }) };
    expect(await percentOf({ stepFunctions, signal: new AbortController().signal } as never, execution as never)).toBe(percent);
  });

  test('shows how far its copy is', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.durationMs = 100_000;
    expect(await rig.pass()).toMatchObject({ kind: 'wait', on: expect.stringMatching(/^the copy of the disk into snap-\w+ was started$/) });
    rig.rig.clock.advance(50_000);
    expect(await rig.pass()).toEqual({ kind: 'wait', on: 'the blocks of the disk are being written', progress: '42' });
    rig.rig.clock.advance(49_999);
    expect(await rig.pass()).toMatchObject({ progress: '85' });
  });

  test('has done nothing as long as Step Functions reports no event', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.pass();
    rig.rig.stateMachine.history = 'empty';
    expect(await rig.pass()).toEqual({ kind: 'wait', on: 'the blocks of the disk are being written', progress: '0' });
  });

  test('that is begun twice is one snapshot and one copy', async () => {
    const rig = new SnapshotRig(DISK);
    await Promise.all([rig.pass(), rig.pass()]);
    await rig.end();
    expect(await rig.snapshots()).toHaveLength(1);
    expect(rig.rig.stateMachine.executions.size).toBe(1);
  });

  test('whose copy fails once is copied again into the same snapshot', async () => {
    const rig = new SnapshotRig(DISK);
    let failures = 0;
    rig.rig.stateMachine.before = () => {
      if (failures++ === 0) {
        throw new Error('Task timed out after 900.00 seconds');
      }
    };
    expect(await rig.end()).toMatchObject({ kind: 'done' });
    expect(rig.rig.stateMachine.executions.size).toBe(2);
    expect(await rig.snapshots()).toHaveLength(1);
  });

  test('whose copy fails twice fails with the words of the function', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.before = () => {
      throw new Error('Task timed out after 900.00 seconds');
    };
    expect(await rig.end()).toEqual({ kind: 'fail', reason: 'The disk could not be copied: Task timed out after 900.00 seconds' });
    expect(rig.rig.stateMachine.executions.size).toBe(2);
  });

  test('whose object was overwritten during the copy fails at once', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.before = () => {
      throw new SourceChanged('s3://exports/data.raw was overwritten');
    };
    expect(await rig.end()).toEqual({ kind: 'fail', reason: 'The disk could not be copied: s3://exports/data.raw was overwritten' });
    expect(rig.rig.stateMachine.executions.size).toBe(1);
  });

  test('is not continued with another object than it began with', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.before = () => {
      rig.rig.s3.putObject('exports', 'data.raw', DISK, { etag: '"e2"' });
      throw new Error('Lambda.TooManyRequestsException');
    };
    expect(await rig.end()).toEqual({ kind: 'fail', reason: 's3://exports/data.raw was overwritten while it was copied; deploy again' });
  });

  test('whose execution was stopped by hand is not copied again', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.pass();
    rig.rig.stateMachine.executions.forEach((execution) => {
      execution.stoppedAt = rig.rig.clock.now();
    });
    expect(await rig.pass()).toEqual({ kind: 'fail', reason: 'The disk could not be copied: ABORTED' });
  });

  test('is started at once, as a CloudFormation that lags does not know of a new request', async () => {
    const rig = new SnapshotRig(DISK);
    expect(await rig.pass({ elapsed: 9, isStillWanted: async () => false })).toMatchObject({ kind: 'wait' });
    expect(await rig.snapshots()).toHaveLength(1);
  });

  test('is not started once CloudFormation has given up on it', async () => {
    const rig = new SnapshotRig(DISK);
    expect(await rig.pass({ elapsed: 10, isStillWanted: async () => false })).toEqual({
      kind: 'fail', reason: 'CloudFormation does not wait for this snapshot any more, so it was not started',
    });
    expect(await rig.snapshots()).toEqual([]);
  });

  test('gets changed tags in place', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.end();
    expect(await rig.pass({ phase: 'updating' }, { Tags: { team: 'backup' } })).toMatchObject({ kind: 'done' });
    const [snapshot] = await rig.snapshots();
    expect(snapshot?.Tags).toContainEqual({ Key: 'team', Value: 'backup' });
  });

  test('keeps the tags of a later request if CloudFormation has the answer to this one', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.end();
    const before = await rig.snapshots();
    const late = await rig.pass({ elapsed: 10, isStillWanted: async () => false }, { Tags: { team: 'late' } });
    expect(late).toMatchObject({ kind: 'done' });
    expect(await rig.snapshots()).toEqual(before);
  });

  test.each([
    [false, { kind: 'fail', reason: 'The snapshot does not exist any more; set or change "revision" to import the disk again' }],
    // A rollback that fails leaves the stack stuck.
    [true, { kind: 'done', attributes: { SnapshotId: '', VolumeSize: '', Architecture: '', BootMode: '' } }],
  ])('that somebody deleted does not keep a stack from rolling back: %s', async (rollsBack, result) => {
    const rig = new SnapshotRig(DISK);
    expect(await rig.pass({ phase: 'updating', elapsed: 60, isRollingBack: async () => rollsBack })).toEqual(result);
  });

  test('waits if EC2 does not show new tags yet', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.end();
    const { ec2 } = rig.rig.clients;
    const send = ec2.send.bind(ec2);
    // EC2 takes the tags, and shows them in a later pass.
    ec2.send = (async (command: Parameters<typeof send>[0], ...rest: never[]) => (
      command.constructor.name === 'CreateTagsCommand' ? {} : send(command, ...rest))) as never;
    expect(await rig.pass({ phase: 'updating' }, { Tags: { team: 'backup' } })).toEqual({ kind: 'wait', on: 'EC2 to show the new tags of the snapshot' });
  });

  test('is encrypted with the key that is asked for', async () => {
    const rig = new SnapshotRig(DISK);
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-555555555555';
    expect(await rig.end({ Encrypted: 'true', KmsKeyArn: key, VolumeSize: '8', Description: 'data' })).toMatchObject({ kind: 'done', attributes: { VolumeSize: '8' } });
    expect(await rig.snapshots()).toMatchObject([{ Encrypted: true, KmsKeyId: key, VolumeSize: 8, Description: 'data' }]);
  });
});

describe('starting a copy', () => {
  test('that runs already under another input is as good', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.failures.set('StartExecution', 'ExecutionAlreadyExists');
    expect(await rig.pass()).toMatchObject({ kind: 'wait', on: expect.stringMatching(/was started$/) });
  });

  test('leaves other errors to the pass', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.failures.set('StartExecution', 'AccessDeniedException');
    await expect(rig.pass()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('completing a snapshot', () => {
  /** Blocks are written, and EBS has not been asked to complete the snapshot. */
  async function copied(): Promise<SnapshotRig> {
    const rig = new SnapshotRig(DISK);
    await rig.pass();
    rig.rig.clock.advance(60_000);
    return rig;
  }
  const refuse = (rig: SnapshotRig, code: string) =>
    rig.rig.cloud.addRule({ id: 'refused', match: { action: 'CompleteSnapshot' }, effect: { kind: 'error', code, message: 'no', status: 400 } });

  test.each(['ValidationException', 'ConflictException'])('waits out a %s of EBS for ten minutes', async (code) => {
    const rig = await copied();
    refuse(rig, code);
    expect(await rig.pass()).toMatchObject({ kind: 'wait', on: expect.stringMatching(/^EBS to complete the snapshot snap-/) });
    rig.rig.clock.advance(500_000);
    expect(await rig.pass()).toMatchObject({ kind: 'wait' });
    rig.rig.clock.advance(100_000);
    expect(await rig.pass()).toMatchObject({ kind: 'fail', reason: expect.stringMatching(/^EBS refused to complete the snapshot snap-\w+: ValidationException|ConflictException/) });
  });

  test('leaves other errors to the pass', async () => {
    const rig = await copied();
    refuse(rig, 'AccessDeniedException');
    await expect(rig.pass()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('needs no checksum if the copy has none', async () => {
    const rig = await copied();
    for (const execution of rig.rig.stateMachine.executions.values()) {
      await execution.end;
      Object.assign(execution, { end: Promise.resolve({ status: 'SUCCEEDED', output: JSON.stringify({ blocksWritten: 3 }) }) });
    }
    expect(await rig.end()).toMatchObject({ kind: 'done' });
  });

  test('says what Step Functions reports if a function says nothing', async () => {
    const rig = await copied();
    rig.rig.stateMachine.executions.forEach((execution) => {
      Object.assign(execution, { end: Promise.resolve({ status: 'FAILED', error: 'SnapshotNotWritable', cause: 'no JSON' }) });
    });
    expect(await rig.pass()).toEqual({ kind: 'fail', reason: 'The disk could not be copied: no JSON' });
  });

  test('passes on an error of Step Functions', async () => {
    const rig = await copied();
    rig.rig.stateMachine.failures.set('DescribeExecution', 'ThrottlingException');
    await expect(rig.pass()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  test('fails if EBS gave up the snapshot', async () => {
    const rig = new SnapshotRig(DISK);
    rig.rig.stateMachine.before = () => {
      throw new Error('no');
    };
    await rig.pass();
    rig.rig.clock.advance(3 * 24 * 60 * 60_000);
    expect(await rig.pass()).toMatchObject({ kind: 'wait' });
    expect(await rig.snapshots()).toHaveLength(2);
  });
});

describe('removing a snapshot', () => {
  test('deletes it at once if it is complete', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.end();
    expect(await rig.remove()).toEqual({ kind: 'done', attributes: {} });
    expect(await rig.snapshots()).toEqual([]);
  });

  test('stops its copy, deletes it, and looks again', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.pass();
    expect(await rig.remove()).toEqual({ kind: 'wait', on: 'a second look, whether EC2 lists nothing of this snapshot', settles: true });
    expect(rig.rig.stateMachine.calls.at(-2)).toBe('StopExecution');
    expect(await rig.snapshots()).toEqual([]);
    rig.rig.clock.advance(119_000);
    expect(await rig.remove()).toMatchObject({ kind: 'wait' });
    rig.rig.clock.advance(1_000);
    expect(await rig.remove()).toEqual({ kind: 'done', attributes: {} });
    expect(rig.rig.stateMachine.calls.filter((call) => call === 'StopExecution')).toHaveLength(1);
  });

  test('leaves a snapshot alone that carries another id, whatever the filter let through', async () => {
    const rig = new SnapshotRig(DISK);
    const other = { SnapshotId: 'snap-1', State: 'completed', Tags: [{ Key: 'cdk-vm-import:id', Value: 'vm-import-other' }] };
    const send = async (command: object) => {
      expect(command).toBeInstanceOf(DescribeSnapshotsCommand);
      return { Snapshots: [other] };
    };
    expect(await removeSnapshot({ ...rig.aws, ec2: { send } as never }, rig.resource(), 0)).toMatchObject({ kind: 'wait', settles: true });
  });

  test('waits while an AMI uses it', async () => {
    const rig = new SnapshotRig(DISK);
    await rig.end();
    rig.rig.cloud.addRule({ id: 'held', match: { action: 'DeleteSnapshot' }, effect: { kind: 'error', code: 'InvalidSnapshot.InUse', message: 'in use by ami-1', status: 400 } });
    expect(await rig.remove()).toMatchObject({ kind: 'wait', on: expect.stringMatching(/^snapshot snap-\w+ is held: InvalidSnapshot.InUse/) });
    rig.rig.cloud.removeRule('held');
    expect(await rig.remove()).toMatchObject({ kind: 'done' });
  });
});
