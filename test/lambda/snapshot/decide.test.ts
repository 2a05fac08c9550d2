import { decideSnapshot, type CopyObserved, type SnapshotCircumstances, type SnapshotObserved } from '../../../lambda/snapshot/decide';

const creating: SnapshotCircumstances = { phase: 'creating', elapsed: 30, maxAttempts: 2 };
const NO_COPY: CopyObserved = { kind: 'none' };
const NO_SNAPSHOT: SnapshotObserved = { kind: 'none' };
const PENDING: SnapshotObserved = { kind: 'pending', snapshotId: 'snap-1', eTag: 'e' };
const SPOILED: SnapshotObserved = { kind: 'error', snapshotId: 'snap-1', reason: 'timed out' };
const COMPLETED: SnapshotObserved = { kind: 'completed', snapshotId: 'snap-1', tagChanges: [] };
const TOTAL = { blocksWritten: 16, checksum: 'c3Vt' };
const failed = (attempt: number, again: 'worth-a-try' | 'in-vain' = 'worth-a-try'): CopyObserved => ({ kind: 'failed', attempt, reason: 'no', again });
const copied = (ago: number): CopyObserved => ({ kind: 'succeeded', attempt: 1, total: TOTAL, ago });

describe('a snapshot', () => {
  test.each<[string, SnapshotObserved, CopyObserved, object]>([
    ['that was never started is started', NO_SNAPSHOT, NO_COPY, { kind: 'start-snapshot', attempt: 1 }],
    ['that waits for its copy gets one', PENDING, NO_COPY, { kind: 'start-copy', snapshotId: 'snap-1', attempt: 1 }],
    ['whose copy runs waits, with the progress of the copy', NO_SNAPSHOT, { kind: 'running', attempt: 1, progress: '40' },
      { kind: 'wait', on: 'the blocks of the disk are being written', progress: '40' }],
    ['whose copy failed once gets another one, into the same snapshot', PENDING, failed(1), { kind: 'start-copy', snapshotId: 'snap-1', attempt: 2 }],
    ['that EBS gave up during its copy is started anew', SPOILED, failed(1), { kind: 'start-snapshot', attempt: 2 }],
    ['that is gone after its copy failed is started anew', NO_SNAPSHOT, failed(1), { kind: 'start-snapshot', attempt: 2 }],
    ['whose copy failed as often as it may fails', PENDING, failed(2), { kind: 'fail', reason: 'no' }],
    ['whose copy failed for good fails at once', PENDING, failed(1, 'in-vain'), { kind: 'fail', reason: 'no' }],
    ['that EBS gave up before any copy fails', SPOILED, NO_COPY,
      { kind: 'fail', reason: 'EBS gave up the snapshot snap-1 before a block was written: timed out' }],
    ['whose blocks are all written is completed', PENDING, copied(0), { kind: 'complete', snapshotId: 'snap-1', total: TOTAL, refusal: 'wait' }],
    ['that EBS refuses to complete for 599 s is asked again', PENDING, copied(599), { kind: 'complete', snapshotId: 'snap-1', total: TOTAL, refusal: 'wait' }],
    ['that EBS refuses to complete for 600 s fails', PENDING, copied(600), { kind: 'complete', snapshotId: 'snap-1', total: TOTAL, refusal: 'fail' }],
    ['that EC2 does not list right after its copy is waited for', NO_SNAPSHOT, copied(59), { kind: 'wait', on: 'EC2 to list the snapshot' }],
    ['that EC2 does not list a minute after its copy was deleted', NO_SNAPSHOT, copied(60),
      { kind: 'fail', reason: 'The snapshot was deleted while its blocks were written; deploy again' }],
    ['that EBS gave up after its copy fails', SPOILED, copied(0), { kind: 'fail', reason: 'EBS could not complete the snapshot snap-1: timed out' }],
    ['that is completed is done, whatever became of its copy', COMPLETED, failed(2), { kind: 'done', snapshotId: 'snap-1' }],
  ])('%s', (_what, snapshot, copy, action) => {
    expect(decideSnapshot({ snapshot, copy }, creating)).toEqual(action);
  });

  test('that is completed gets its tags first', () => {
    const changes = [{ on: { kind: 'ec2', resource: 'snapshot', id: 'snap-1' } as const, set: { a: 'b' }, remove: [] }];
    expect(decideSnapshot({ snapshot: { ...COMPLETED, tagChanges: changes }, copy: NO_COPY }, creating)).toEqual({ kind: 'tag', changes });
  });

  test.each([
    [59, { kind: 'wait', on: 'EC2 to list the snapshot' }],
    [60, { kind: 'gone', reason: 'The snapshot does not exist any more; set or change "revision" to import the disk again' }],
  ])('that an update finds no more after %i s is not started again', (elapsed, action) => {
    expect(decideSnapshot({ snapshot: NO_SNAPSHOT, copy: NO_COPY }, { ...creating, phase: 'updating', elapsed })).toEqual(action);
  });
});
