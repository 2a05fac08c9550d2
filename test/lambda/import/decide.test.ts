import type { TagChange } from '../../../lambda/aws/tags';
import { decideImport, type AmiObserved, type ImageObserved, type ImportCircumstances, type ImportObserved, type TaskObserved } from '../../../lambda/import/decide';
import type { ImportSource } from '../../../lambda/import/request';
import type { Turn } from '../../../lambda/import/turn';
import { EC2_SETTLES_AFTER, IMAGE_BUILDER_SETTLES_AFTER, REFUSED_TASKS_END_WITHIN } from '../../../lambda/timing';

const TASK = 'import-ami-1';
const AMI = 'ami-1';
const ARN = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1';
const IMPORT: ImportSource = { kind: 'import', parameters: { DiskContainers: [], RoleName: 'vmimport' } };
const ADOPT: ImportSource = { kind: 'adopt', importTaskId: TASK };
const CHANGE: TagChange = { on: { kind: 'ec2', resource: 'ami', id: AMI }, set: { team: 'a' }, remove: [] };

const failed = (reason: string, attempts = 1, refused = 0): TaskObserved => ({ kind: 'failed', taskId: TASK, reason, attempts, refused, snapshotIds: ['snap-1'] });
const REFUSED = 'ClientError: Disk validation failed [We do not have access to the given resource. Reason 403 Forbidden]';
const TASKS: readonly TaskObserved[] = [
  { kind: 'none' },
  { kind: 'active', taskId: TASK, status: 'converting', progress: '28' },
  { kind: 'completed', taskId: TASK },
  { kind: 'failing', taskId: TASK, reason: 'ClientError: bad disk', refused: 0 },
  { kind: 'failing', taskId: TASK, reason: 'ServerError: lost', refused: 0 },
  failed('ClientError: bad disk'),
  failed('ServerError: lost'),
  failed('ServerError: lost', 2),
  failed(''),
  failed(REFUSED, 1, 1),
];
const AMIS: readonly AmiObserved[] = [
  { kind: 'none' },
  { kind: 'pending', amiId: AMI },
  { kind: 'failed', amiId: AMI, reason: 'no disk' },
  { kind: 'available', amiId: AMI, taskId: TASK },
  { kind: 'available', amiId: AMI, taskId: TASK, imageArn: ARN },
];
const IMAGES: readonly ImageObserved[] = [
  { kind: 'none' },
  { kind: 'in-progress', arn: ARN, status: 'PENDING' },
  { kind: 'failed', arn: ARN, status: 'FAILED', reason: 'no space' },
  { kind: 'available', arn: ARN },
];
const TURNS: readonly Turn[] = [{ kind: 'ask' }, { kind: 'later', within: 240 }];
const CIRCUMSTANCES: readonly ImportCircumstances[] = [IMPORT, ADOPT].flatMap((source) =>
  (['creating', 'updating'] as const).flatMap((phase) =>
    [0, EC2_SETTLES_AFTER, 10_000].flatMap((elapsed) =>
      TURNS.map((turn) => ({ source, phase, elapsed, maxAttempts: 2, turn })))));

const EVERY_STATE: readonly (readonly [ImportObserved, ImportCircumstances])[] = TASKS.flatMap((task) =>
  AMIS.flatMap((ami) =>
    IMAGES.flatMap((image) =>
      [[], [CHANGE]].flatMap((tagChanges) => CIRCUMSTANCES.map((circumstances) => [{ task, ami, image, tagChanges }, circumstances] as const)))));

const NOTHING: ImportObserved = { task: { kind: 'none' }, ami: { kind: 'none' }, image: { kind: 'none' }, tagChanges: [] };
const CREATING: ImportCircumstances = { source: IMPORT, phase: 'creating', elapsed: 0, maxAttempts: 2, turn: { kind: 'ask' } };

describe('an import', () => {
  test.each<readonly [string, Partial<ImportObserved>, Partial<ImportCircumstances>, object]>([
    ['starts the task where nothing exists', {}, {}, { kind: 'import-image', attempt: 1, leftoverSnapshotIds: [] }],
    ['starts the task late, because it was queued', {}, { elapsed: 9_000 }, { kind: 'import-image', attempt: 1, leftoverSnapshotIds: [] }],
    ['leaves it to a later pass to ask again where it is not its turn', {}, { turn: { kind: 'later', within: 240 } }, { kind: 'wait', on: expect.stringContaining('queued because EC2 has not started the import yet; the function asks EC2 again within 240 s') }],
    ['waits for its turn with a further attempt as well', { task: failed('ServerError: lost') }, { turn: { kind: 'later', within: 240 } }, { kind: 'wait' }],
    ['does not wait for its turn to fail', { task: failed('ClientError: bad disk') }, { turn: { kind: 'later', within: 240 } }, { kind: 'fail' }],
    ['waits for a running task, with its progress', { task: { kind: 'active', taskId: TASK, status: 'converting', progress: '28' } }, {}, { kind: 'wait', on: 'converting', progress: '28', taskId: TASK }],
    ['waits for the AMI of a completed task, however long it takes to show', { task: { kind: 'completed', taskId: TASK } }, { elapsed: 9_000 }, { kind: 'wait', taskId: TASK }],
    ['waits for a pending AMI', { task: { kind: 'completed', taskId: TASK }, ami: { kind: 'pending', amiId: AMI } }, {}, { kind: 'wait', on: 'AMI ami-1 is pending' }],
    ['fails with the reason of a failed AMI', { ami: { kind: 'failed', amiId: AMI, reason: 'no disk' } }, {}, { kind: 'fail', reason: 'AMI ami-1 of the import failed: no disk' }],
    ['tags an AMI before it makes an image of it', { ami: { kind: 'available', amiId: AMI, taskId: TASK }, tagChanges: [CHANGE] }, {}, { kind: 'tag', changes: [CHANGE] }],
    ['makes an image of a tagged AMI', { ami: { kind: 'available', amiId: AMI, taskId: TASK } }, {}, { kind: 'import-vm-image', taskId: TASK, amiId: AMI }],
    ['waits for an image in progress', { image: { kind: 'in-progress', arn: ARN, status: 'CREATING' } }, {}, { kind: 'wait', on: `Image Builder image ${ARN} is CREATING` }],
    ['fails with the reason of a failed image', { image: { kind: 'failed', arn: ARN, status: 'FAILED', reason: 'no space' } }, {}, { kind: 'fail', reason: `Image Builder image ${ARN} is FAILED: no space` }],
    ['is done when the image stands', { image: { kind: 'available', arn: ARN } }, {}, { kind: 'done' }],
    ['brings tags up to date before it is done', { image: { kind: 'available', arn: ARN }, tagChanges: [CHANGE] }, {}, { kind: 'tag', changes: [CHANGE] }],
    ['fails at once with a failure of the disk', { task: { kind: 'failing', taskId: TASK, reason: 'ClientError: bad disk', refused: 0 } }, {}, { kind: 'fail', reason: `VM import ${TASK} failed: ClientError: bad disk` }],
    ['waits for a failure of the service to end before it tries again', { task: { kind: 'failing', taskId: TASK, reason: 'ServerError: lost', refused: 0 } }, {}, { kind: 'wait', taskId: TASK }],
    ['tries again after a failure of the service, and names what it left', { task: failed('ServerError: lost') }, {}, { kind: 'import-image', attempt: 2, leftoverSnapshotIds: ['snap-1'] }],
    ['tries no more often than asked', { task: failed('ServerError: lost', 2) }, {}, { kind: 'fail', reason: `VM import ${TASK} failed: ServerError: lost` }],
    ['tries once where that was asked', { task: failed('ServerError: lost') }, { maxAttempts: 1 }, { kind: 'fail' }],
    ['never tries a failure of the disk again', { task: failed('ClientError: bad disk') }, { maxAttempts: 9 }, { kind: 'fail', reason: `VM import ${TASK} failed: ClientError: bad disk` }],
    ['takes a failure of the disk for one, though it names a failure of the service', { task: failed('ClientError: the guest says ServerError') }, {}, { kind: 'fail' }],
    ['waits for a task to end that could not read the disk', { task: { kind: 'failing', taskId: TASK, reason: REFUSED, refused: 9 } }, { elapsed: REFUSED_TASKS_END_WITHIN - 1 }, { kind: 'wait', taskId: TASK }],
    ['waits for it to end, however late, where it is one of the first', { task: { kind: 'failing', taskId: TASK, reason: REFUSED, refused: 3 } }, { elapsed: 9_000 }, { kind: 'wait', taskId: TASK }],
    ['fails at once with such a task when IAM has propagated the role', { task: { kind: 'failing', taskId: TASK, reason: REFUSED, refused: 4 } }, { elapsed: REFUSED_TASKS_END_WITHIN }, { kind: 'fail' }],
    ['tries again while IAM may propagate the role, however often it was refused', { task: failed(REFUSED, 5, 5) }, { elapsed: REFUSED_TASKS_END_WITHIN - 1, maxAttempts: 1 }, { kind: 'import-image', attempt: 6 }],
    ['tries again after a refusal, however long it was queued', { task: failed(REFUSED, 3, 3) }, { elapsed: 9_000, maxAttempts: 1 }, { kind: 'import-image', attempt: 4 }],
    ['fails when IAM has propagated the role', { task: failed(REFUSED, 4, 4) }, { elapsed: REFUSED_TASKS_END_WITHIN, maxAttempts: 9 }, { kind: 'fail', reason: `VM import ${TASK} failed: ${REFUSED}` }],
    ['does not count what was refused when it tries again after a failure of the service', { task: failed('ServerError: lost', 3, 2) }, {}, { kind: 'import-image', attempt: 4 }],
    ['tries no more than eight times beyond that', { task: failed('ServerError: lost', 10, 9) }, {}, { kind: 'fail' }],
    ['never starts a task for an adopted one that could not read the disk', { task: failed(REFUSED, 1, 1) }, { source: ADOPT }, { kind: 'fail' }],
    ['never starts a task for an adopted one', { task: failed('ServerError: lost') }, { source: ADOPT }, { kind: 'fail' }],
    ['waits a moment for a task to adopt', {}, { source: ADOPT, elapsed: EC2_SETTLES_AFTER - 1 }, { kind: 'wait' }],
    ['fails where the task to adopt does not show', {}, { source: ADOPT, elapsed: EC2_SETTLES_AFTER }, { kind: 'fail', reason: expect.stringContaining('importTaskId') }],
    ['takes a second look before an update finds nothing', {}, { phase: 'updating', elapsed: EC2_SETTLES_AFTER - 1 }, { kind: 'wait' }],
    ['fails an update of what somebody removed by hand', {}, { phase: 'updating', elapsed: EC2_SETTLES_AFTER }, { kind: 'gone', reason: expect.stringContaining('revision') }],
    ['takes a second look before an update misses the AMI', { task: { kind: 'completed', taskId: TASK } }, { phase: 'updating' }, { kind: 'wait' }],
    ['fails an update whose AMI somebody removed by hand', { task: { kind: 'completed', taskId: TASK } }, { phase: 'updating', elapsed: EC2_SETTLES_AFTER }, { kind: 'gone', reason: expect.stringContaining('no longer exists') }],
    ['takes a second look before an update with its image misses the AMI', { image: { kind: 'available', arn: ARN } }, { phase: 'updating', elapsed: EC2_SETTLES_AFTER - 1 }, { kind: 'wait' }],
    ['misses the AMI of an update with its image', { image: { kind: 'available', arn: ARN } }, { phase: 'updating', elapsed: EC2_SETTLES_AFTER }, { kind: 'gone', reason: expect.stringContaining('The AMI of this VM import no longer exists') }],
    ['takes a second look before an update misses the image', { ami: { kind: 'available', amiId: AMI, taskId: TASK, imageArn: ARN } }, { phase: 'updating', elapsed: IMAGE_BUILDER_SETTLES_AFTER - 1 }, { kind: 'wait' }],
    ['misses the image of an update', { ami: { kind: 'available', amiId: AMI, taskId: TASK, imageArn: ARN } }, { phase: 'updating', elapsed: IMAGE_BUILDER_SETTLES_AFTER }, { kind: 'gone', reason: expect.stringContaining('The Image Builder image of this VM import no longer exists') }],
    ['misses the image of an update of an adopted task', { ami: { kind: 'available', amiId: AMI, taskId: TASK } }, { source: ADOPT, phase: 'updating', elapsed: IMAGE_BUILDER_SETTLES_AFTER }, { kind: 'gone' }],
    ['makes the image in an update that finds an AMI of which none was made', { ami: { kind: 'available', amiId: AMI, taskId: TASK } }, { phase: 'updating', elapsed: IMAGE_BUILDER_SETTLES_AFTER }, { kind: 'import-vm-image' }],
    ['makes the image of a create again, whose function died before it noted the last one', { ami: { kind: 'available', amiId: AMI, taskId: TASK, imageArn: ARN } }, {}, { kind: 'import-vm-image' }],
    ['fails an update of an import that had failed', { task: failed('ServerError: lost') }, { phase: 'updating' }, { kind: 'fail' }],
  ])('%s', (_behaviour, observed, circumstances, action) => {
    expect(decideImport({ ...NOTHING, ...observed }, { ...CREATING, ...circumstances })).toMatchObject(action);
  });

  test('has exactly one action in each of its states, which what it does not need to know does not change', () => {
    expect(EVERY_STATE).toHaveLength(10 * 5 * 4 * 2 * 24);
    for (const [observed, circumstances] of EVERY_STATE) {
      const action = decideImport(Object.freeze(observed), Object.freeze(circumstances));
      expect(['done', 'wait', 'fail', 'gone', 'import-image', 'tag', 'import-vm-image']).toContain(action.kind);
      if (observed.image.kind !== 'none') {
        // What led to an image that stands, or ever failed, is history.
        const known = { ...NOTHING, ami: observed.ami, image: observed.image, tagChanges: observed.tagChanges };
        const { source, phase, elapsed } = circumstances;
        expect(decideImport(known, { ...CREATING, source, phase, elapsed })).toEqual(action);
      }
    }
  });

  test('is done if and only if an image stands and every tag is as wanted', () => {
    for (const [observed, circumstances] of EVERY_STATE) {
      const done = decideImport(observed, circumstances).kind === 'done';
      const keepsAttributes = circumstances.phase === 'creating' || observed.ami.kind !== 'none';
      expect(done).toBe(observed.image.kind === 'available' && observed.tagChanges.length === 0 && keepsAttributes);
    }
  });

  test('starts a task only where no task runs, no AMI stands and no image stands', () => {
    for (const [observed, circumstances] of EVERY_STATE) {
      if (decideImport(observed, circumstances).kind === 'import-image') {
        expect([observed.ami.kind, observed.image.kind]).toEqual(['none', 'none']);
        expect(['none', 'failed']).toContain(observed.task.kind);
        expect(circumstances).toMatchObject({ source: IMPORT, phase: 'creating', turn: { kind: 'ask' } });
      }
    }
  });

  test('comes to a wait, a failure or an end within three actions that do what they say', () => {
    for (const [start, circumstances] of EVERY_STATE) {
      let observed = start;
      let steps = 0;
      for (;;) {
        const action = decideImport(observed, circumstances);
        if (action.kind === 'done' || action.kind === 'wait' || action.kind === 'fail' || action.kind === 'gone') {
          break;
        }
        steps += 1;
        expect(steps).toBeLessThanOrEqual(3);
        switch (action.kind) {
          case 'tag':
            observed = { ...observed, tagChanges: [] };
            break;
          case 'import-vm-image':
            observed = { ...observed, image: { kind: 'in-progress', arn: ARN, status: 'PENDING' } };
            break;
          case 'import-image':
            observed = { ...observed, task: { kind: 'active', taskId: TASK, status: 'pending', progress: '' } };
            break;
        }
      }
    }
  });
});
