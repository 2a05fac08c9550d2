import { ImportView, inReadingOrder, Stage } from '../../cli/status/import-view';
import { durationOf, blockOf, sentenceOf } from '../../cli/status/lines';
import { Pace } from '../../cli/status/pace';
import { viewsOf } from '../../cli/status/views';
import type { Ami } from '../../lambda/aws/amis';
import type { Task } from '../../lambda/aws/tasks';

const VIEW: ImportView = { id: 'vm-import-1', stackName: 'Lab', stage: { kind: 'tagging' } };
const MINUTE = 60_000;

test.each([
  [0, '0 s'], [-5000, '0 s'], [59_400, '59 s'], [60_000, '1 min'], [59 * MINUTE, '59 min'], [61 * MINUTE, '1 h 01 min'], [47 * 60 * MINUTE, '47 h 00 min'],
])('%i ms read as %s', (milliseconds, text) => expect(durationOf(milliseconds)).toBe(text));

describe('how an import reads', () => {
  const told = (stage: Stage, more: Partial<ImportView> = {}) => ({ view: { ...VIEW, ...more, stage } });

  test.each<[string, Stage, Partial<ImportView>, string]>([
    ['without progress', { kind: 'importing', status: 'pending' }, {}, 'Lab  import: pending'],
    ['by its construct', { kind: 'tagging' }, { logicalId: 'ImagesGoldenImport8A7B3C4D' }, 'Lab  ImagesGolden: AMI is being tagged'],
    ['by a construct that is called Import', { kind: 'tagging' }, { logicalId: 'Import8A7B3C4D' }, 'Lab  Import: AMI is being tagged'],
    ['in a queue, with its wait', { kind: 'queued', position: 2, of: 3 }, {}, 'Lab  import: queued, about 2 of 3 in line'],
    ['as a copy of a large disk, with its speed', { kind: 'writing', copy: { blocks: 204_800, blocksWritten: 51_200, bytesPerSecond: 2 ** 29 } }, {}, 'Lab  import: 25 % of 100 GiB written, 0.5 GiB/s'],
    ['as a copy of a small disk', { kind: 'writing', copy: { blocks: 3072, blocksWritten: 1024 } }, {}, 'Lab  import: 33 % of 1.5 GiB written'],
    ['as a copy without any name', { kind: 'available' }, { snapshotId: 'snap-1' }, 'Lab  snapshot copy: available, snap-1'],
    ['as a registered AMI without any name', { kind: 'available' }, { amiId: 'ami-1' }, 'Lab  AMI: available, ami-1'],
    ['as an AMI with a task', { kind: 'tagging' }, { amiId: 'ami-1', taskId: 'import-ami-1' }, 'Lab  import: AMI is being tagged, ami-1'],
    ['as an AMI with an image', { kind: 'tagging' }, { amiId: 'ami-1', imageArn: 'arn' }, 'Lab  import: AMI is being tagged, ami-1'],
    ['by the construct of a registered AMI', { kind: 'available' }, { logicalId: 'FedoraAmi8A7B3C4D', amiId: 'ami-1' }, 'Lab  Fedora: available, ami-1'],
    ['without any name', { kind: 'tagging' }, { id: undefined }, 'Lab  import: AMI is being tagged'],
    ['without an AMI', { kind: 'available' }, { imageName: 'golden', imageArn: 'arn' }, 'Lab  golden: available, arn'],
    ['without a version', { kind: 'tagging' }, { imageName: 'golden' }, 'Lab  golden: AMI is being tagged'],
  ])('%s', (_, stage, more, text) => expect(sentenceOf(told(stage, more))).toBe(text));

  test('does not steer the terminal, whatever a message says', () => {
    const evil = told({ kind: 'failed', reason: '\u001b[2Jgone\nfake line' }, { imageName: '\u001b[31m', taskId: '\u0007' });
    expect(sentenceOf(evil)).not.toMatch(/[\u001b\n\u0007]/);
    expect(JSON.stringify(blockOf(evil, 80))).not.toMatch(/\\u001b|\\n|\\u0007/);
    expect(JSON.stringify(blockOf(told({ kind: 'importing', status: '\u001b[2J' }), 80))).not.toContain('\\u001b');
  });

  test.each([[200, 30], [80, 30], [60, 15], [46, 1], [45, 0], [10, 0]])('on %i columns with a bar of %i', (columns, width) => {
    const [, state = []] = blockOf(told({ kind: 'importing', status: 'converting', progress: 0 }), columns);
    expect(state.map(({ text }) => text).join('').match(/░/g)?.length ?? 0).toBe(width);
  });
});

test('what runs comes first, then the line in its order, then failures, then what stands', () => {
  const stages: Stage[] = [
    { kind: 'available' }, { kind: 'failed', reason: '' }, { kind: 'queued', position: 2, of: 2 }, { kind: 'queued', position: 1, of: 2 },
    { kind: 'image-builder', status: 'PENDING' }, { kind: 'importing', status: 'converting' }, { kind: 'tagging' },
  ];
  expect(inReadingOrder(stages.map((stage) => ({ ...VIEW, stage }))).map(({ stage }) => (stage.kind === 'queued' ? stage.position : stage.kind))).toEqual([
    'importing', 'tagging', 'image-builder', 1, 2, 'failed', 'available',
  ]);
  const named = ['b', 'a', 'c'].map((stackName): ImportView => ({ stackName, stage: { kind: 'available' } }));
  expect(inReadingOrder(named).map(({ stackName }) => stackName)).toEqual(['a', 'b', 'c']);
});

describe('the time that is left', () => {
  const at = (progress: number | undefined, startedAt?: number): ImportView => ({ ...VIEW, taskId: 'import-ami-1', startedAt, stage: { kind: 'importing', status: 'converting', progress } });

  test('follows from the time since the request', () => expect(new Pace().left(at(25, 0), 10 * MINUTE)).toBe(30 * MINUTE));

  test.each([['the progress', at(undefined, 0)], ['the request', at(25)], ['much of the progress', at(4, 0)], ['a task', { ...at(25, 0), taskId: undefined }], ['a running task', VIEW]])(
    'is not told where EC2 does not tell %s', (_, view) => expect(new Pace().left(view, MINUTE)).toBeUndefined());

  test('follows from what was seen once enough was seen, however long it waited in line', () => {
    const pace = new Pace();
    expect(pace.left(at(10, 0), 90 * MINUTE)).toBe(810 * MINUTE);
    expect(pace.left(at(12, 0), 91 * MINUTE)).toBeCloseTo(91 * MINUTE * 88 / 12, 0);
    expect(pace.left(at(20, 0), 100 * MINUTE)).toBe(80 * MINUTE);
  });

  test('begins anew where the task was started again', () => {
    const pace = new Pace();
    pace.left(at(50), 0);
    expect(pace.left(at(10), 10 * MINUTE)).toBeUndefined();
    expect(pace.left(at(20), 20 * MINUTE)).toBe(80 * MINUTE);
  });
});

describe('what is said of an import', () => {
  const id = 'vm-import-00000000-0000-4000-8000-000000000001-aaaaaaaaaaaa-bbbbbbbbbbbb-cccccccccccc';
  const stack = { id: 'arn', uuid: '00000000-0000-4000-8000-000000000001', name: 'Lab', status: 'CREATE_COMPLETE' };
  const seen = { tasks: [], amis: [], images: [], stacks: [stack], requests: [], adopted: new Map() };
  const task = (state: Task['state']): Task => ({ id: 'import-ami-1', importId: id, state, status: state, statusMessage: '', progress: '', snapshotIds: [], tags: {} });
  const ami = (state: string) => ({ id: 'ami-1', importId: id, state, stateReason: 'it broke' }) as Ami;
  const image = (status: string) => ({ arn: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1', importId: id, status, reason: 'no room' });

  test.each<[string, Partial<Parameters<typeof viewsOf>[0]>, object[]]>([
    ['AMI of EC2 failed', { amis: [ami('failed')] }, [{ stage: { kind: 'failed', reason: 'it broke' } }]],
    ['AMI is gone, and the task is remembered', { tasks: [task('completed')], amis: [ami('deregistered')] }, []],
    ['image is deprecated', { images: [image('DEPRECATED')] }, [{ stage: { kind: 'available' }, imageName: 'golden', imageVersion: '1.0.0/1' }]],
    ['image is disabled', { images: [image('DISABLED')] }, [{ stage: { kind: 'available' } }]],
    ['image failed', { images: [image('FAILED')], amis: [ami('available')] }, [{ stage: { kind: 'failed', reason: 'Image Builder image FAILED: no room' } }]],
    ['image was cancelled', { images: [image('CANCELLED')] }, [{ stage: { kind: 'failed', reason: 'Image Builder image CANCELLED: no room' } }]],
    ['image is somehow named', { images: [{ ...image('AVAILABLE'), arn: 'odd' }] }, [{ imageName: '', imageVersion: '' }]],
    ['task says no percents', { tasks: [task('active')] }, [{ stage: { kind: 'importing', status: 'active' } }]],
    ['task is deleted without a word', { tasks: [task('deleting')] }, [{ stage: { kind: 'failed', reason: 'no reason given' } }]],
    ['task of a stack that is gone failed', { tasks: [task('deleted')], stacks: [] }, []],
  ])('whose %s', (_, more, views) => {
    expect(viewsOf({ ...seen, ...more })).toEqual(views.map((view) => expect.objectContaining(view)));
  });
});
