import type { Aws } from '../../../lambda/aws/clients';
import { locationOf } from '../../../lambda/cloudformation/physical-id';
import { existsBefore, observeImport } from '../../../lambda/import/observe';
import { parseRequest } from '../../../lambda/import/request';
import { observeRemoval } from '../../../lambda/removal/observe';
import { createRequest } from '../requests';

/** Clients that answer as told; what no answer is given for is empty. */
function answering(answers: Readonly<Record<string, unknown>>): { readonly aws: Aws; readonly asked: string[] } {
  const asked: string[] = [];
  const client = {
    send: async (command: object) => {
      const action = command.constructor.name.replace(/Command$/, '');
      asked.push(action);
      return answers[action] ?? {};
    },
  };
  return { aws: { ec2: client, imageBuilder: client, signal: new AbortController().signal } as never, asked };
}

const ID = 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000';
const OURS = [{ Key: 'cdk-vm-import:id', Value: ID }];
const ARN = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1';
const location = locationOf(createRequest().StackId);
const IMPORT = { id: ID, request: parseRequest(createRequest()), location };
const ADOPTION = { id: ID, request: parseRequest(createRequest({ ImportImage: undefined, ImportTaskId: 'import-ami-9' })), location };

const task = (change: object) => ({ ImportTaskId: 'import-ami-1', Status: 'completed', ImageId: 'ami-1', Tags: OURS, ...change });
const tasks = (...changes: object[]) => ({ DescribeImportImageTasks: { ImportImageTasks: changes.map(task) } });
const ami = (change: object) => ({ DescribeImages: { Images: [{ ImageId: 'ami-1', Name: 'import-ami-1', State: 'available', ...change }] } });
const image = (status: string) => ({
  ListImageBuildVersions: { imageSummaryList: [{ arn: ARN, tags: { 'cdk-vm-import:id': ID } }, { arn: 'of-another', tags: { 'cdk-vm-import:id': 'other' } }, { arn: 'untagged' }, {}] },
  GetImage: { image: { state: { status } } },
});

describe('what is seen of the tasks', () => {
  const seen = async (...changes: object[]) => (await observeImport(answering(tasks(...changes)).aws, IMPORT, 'anything')).observed.task;

  test.each<readonly [string, readonly object[], object]>([
    ['a running one counts before ended ones', [{ Status: 'deleted' }, { Status: 'converting', Progress: '28', ImportTaskId: 'import-ami-2' }], { kind: 'active', taskId: 'import-ami-2', status: 'converting', progress: '28' }],
    ['the message says more than the status', [{ Status: 'active', StatusMessage: 'validating' }], { kind: 'active', status: 'validating' }],
    ['a completed one counts before failed ones', [{ Status: 'deleted' }, { ImportTaskId: 'import-ami-2' }, { Status: 'deleted' }], { kind: 'completed', taskId: 'import-ami-2' }],
    ['one that is ending has its reason already', [{ Status: 'deleting', StatusMessage: 'ServerError: x' }], { kind: 'failing', reason: 'ServerError: x' }],
    ['all that failed count as attempts, with what they left', [{ Status: 'deleted', StatusMessage: 'ServerError: x', SnapshotDetails: [{ SnapshotId: 'snap-1', UserBucket: {} }, { SnapshotId: 'snap-2', Url: 's3://exports/home.raw' }, { SnapshotId: 'snap-source' }, { Url: 's3://exports/tmp.raw' }] }, { Status: 'deleted', StatusMessage: 'ServerError: y' }], { kind: 'failed', reason: 'ServerError: y', attempts: 2, snapshotIds: ['snap-1', 'snap-2'] }],
    ['a failure of the disk counts before one of the service', [{ Status: 'deleted', StatusMessage: 'ClientError: x' }, { Status: 'deleted', StatusMessage: 'ServerError: y' }], { kind: 'failed', reason: 'ClientError: x' }],
    ['one that carries another id is none of ours, whatever the filter let through', [{ Tags: [{ Key: 'cdk-vm-import:id', Value: 'other' }] }], { kind: 'none' }],
    ['a bare record is one that runs', [{ ImportTaskId: undefined, Status: undefined }], { kind: 'active', taskId: '', status: '' }],
  ])('%s', async (_what, changes, expected) => {
    expect(await seen(...changes)).toMatchObject(expected);
  });
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['nothing is found', {}, 'nothing'],
  ['a task is found', tasks({ Status: 'converting' }), 'anything'],
  ['an AMI is found whose task EC2 has forgotten', ami({ Tags: OURS }), 'anything'],
  ['an image is found', image('AVAILABLE'), 'anything'],
  ['EC2 does not answer', { DescribeImportImageTasks: { ImportImageTasks: [{ get Status() { throw new Error('socket hang up'); } }] } }, 'anything'],
])('if %s at the start of a request, it stands before: %3$s', async (_what, answers, expected) => {
  expect(await existsBefore(answering(answers).aws, IMPORT)).toBe(expected);
});

describe('what is seen of the AMI', () => {
  const seen = async (change: object) => (await observeImport(answering({ ...tasks({}), ...ami(change) }).aws, IMPORT, 'anything')).observed.ami;

  test.each<readonly [object, object]>([
    [{}, { kind: 'available', amiId: 'ami-1', taskId: 'import-ami-1' }],
    [{ State: 'pending' }, { kind: 'pending', amiId: 'ami-1' }],
    [{ State: 'failed', StateReason: { Message: 'no disk' } }, { kind: 'failed', amiId: 'ami-1', reason: 'no disk' }],
    [{ State: 'error' }, { kind: 'failed', reason: '' }],
    [{ State: 'invalid' }, { kind: 'failed' }],
    [{ State: 'deregistered' }, { kind: 'none' }],
  ])('%j is %j', async (change, expected) => {
    expect(await seen(change)).toMatchObject(expected);
  });

  test('its task is known from its tag, or else from its name, when EC2 has forgotten the task', async () => {
    const tagged = await observeImport(answering(ami({ Tags: [...OURS, { Key: 'cdk-vm-import:import-task-id', Value: 'import-ami-7' }] })).aws, IMPORT, 'anything');
    expect(tagged.observed.ami).toMatchObject({ taskId: 'import-ami-7' });
    const named = await observeImport(answering(ami({ Tags: OURS })).aws, IMPORT, 'anything');
    expect(named.observed.ami).toMatchObject({ taskId: 'import-ami-1' });
  });

  test('nothing is asked of an AMI that no adopted task names', async () => {
    const { aws, asked } = answering({ DescribeImportImageTasks: { ImportImageTasks: [] } });
    expect((await observeImport(aws, ADOPTION, 'anything')).observed.ami).toEqual({ kind: 'none' });
    expect(asked).toEqual(['DescribeImportImageTasks', 'ListImageBuildVersions']);
  });
});

describe('what is seen of the image', () => {
  const seen = async (status: string) => (await observeImport(answering({ ...tasks({}), ...image(status) }).aws, IMPORT, 'anything')).observed.image;

  test.each<readonly [string, object]>([
    ['AVAILABLE', { kind: 'available', arn: ARN }],
    ['DEPRECATED', { kind: 'available', arn: ARN }],
    ['DISABLED', { kind: 'available', arn: ARN }],
    ['PENDING', { kind: 'in-progress', arn: ARN, status: 'PENDING' }],
    ['INTEGRATING', { kind: 'in-progress', arn: ARN, status: 'INTEGRATING' }],
    ['FAILED', { kind: 'failed', arn: ARN, status: 'FAILED', reason: '' }],
    ['CANCELLED', { kind: 'failed', arn: ARN, status: 'CANCELLED' }],
    ['DELETED', { kind: 'none' }],
  ])('%s is %j', async (status, expected) => {
    expect(await seen(status)).toEqual(expect.objectContaining(expected));
  });

  const NOTED = [...OURS, { Key: 'cdk-vm-import:image-arn', Value: 'arn:noted' }];

  test('the ARN on the task is asked for, and nothing else while that image is in progress', async () => {
    const { aws, asked } = answering({ ...tasks({ Tags: NOTED }), ...image('PENDING') });
    expect((await observeImport(aws, IMPORT, 'anything')).observed).toMatchObject({ task: { kind: 'completed' }, image: { kind: 'in-progress', arn: 'arn:noted' } });
    expect(asked).toEqual(['DescribeImportImageTasks', 'GetImage']);
  });

  test('the ARN on the task leads to an image that stands, with its AMI', async () => {
    const { aws, asked } = answering({ ...tasks({ Tags: NOTED }), ...ami({ Tags: OURS }), ...image('AVAILABLE') });
    expect((await observeImport(aws, IMPORT, 'nothing')).observed).toMatchObject({ ami: { kind: 'available' }, image: { kind: 'available', arn: 'arn:noted' } });
    expect(asked).toEqual(['DescribeImportImageTasks', 'GetImage', 'DescribeImages']);
  });

  test('the ARN on an adopted task is that of another import', async () => {
    const { aws } = answering({ ...tasks({ ImportTaskId: 'import-ami-9', Tags: NOTED }), ...ami({ Tags: NOTED }), ...image('AVAILABLE') });
    expect((await observeImport(aws, ADOPTION, 'anything')).observed.image).toEqual({ kind: 'available', arn: ARN });
  });

  test('of an AMI that does not carry the id, no image was made', async () => {
    const { aws, asked } = answering({ ...tasks({}), ...ami({}), ...image('AVAILABLE') });
    expect((await observeImport(aws, IMPORT, 'anything')).observed.image).toEqual({ kind: 'none' });
    expect(asked).toEqual(['DescribeImportImageTasks', 'DescribeImages']);
  });

  test('where nothing stood before, no task means that nothing stands, and no AMI that there is no image', async () => {
    const none = answering({});
    expect((await observeImport(none.aws, IMPORT, 'nothing')).observed).toEqual({ task: { kind: 'none' }, ami: { kind: 'none' }, image: { kind: 'none' }, tagChanges: [] });
    expect(none.asked).toEqual(['DescribeImportImageTasks']);
    const early = answering({ ...tasks({}), ...image('AVAILABLE') });
    expect((await observeImport(early.aws, IMPORT, 'nothing')).observed).toMatchObject({ task: { kind: 'completed' }, ami: { kind: 'none' }, image: { kind: 'none' } });
    expect(early.asked).toEqual(['DescribeImportImageTasks', 'DescribeImages']);
  });

  test('the ARN on the AMI is asked for, whatever the list shows', async () => {
    const { aws, asked } = answering({ ...tasks({}), ...ami({ Tags: [...OURS, { Key: 'cdk-vm-import:image-arn', Value: 'arn:noted' }] }), ...image('PENDING') });
    expect((await observeImport(aws, IMPORT, 'anything')).observed.image).toMatchObject({ arn: 'arn:noted' });
    expect(asked).not.toContain('ListImageBuildVersions');
  });

  test('an image that is listed but gone is none', async () => {
    const { observed } = await observeImport(answering({ ...tasks({}), ...image('AVAILABLE'), GetImage: {} }).aws, IMPORT, 'anything');
    expect(observed.image).toEqual({ kind: 'none' });
  });

  test('lists are read to their end', async () => {
    let pages = 0;
    const { aws } = answering({});
    const send = async (command: object) => {
      if (command.constructor.name !== 'ListImageBuildVersionsCommand' && command.constructor.name !== 'DescribeImportImageTasksCommand') {
        return {};
      }
      pages += 1;
      return pages % 3 === 0 ? {} : { nextToken: 'more', NextToken: 'more' };
    };
    await observeImport({ ...aws, ec2: { send }, imageBuilder: { send } } as never, IMPORT, 'anything');
    expect(pages).toBe(6);
  });
});

describe('tag changes', () => {
  test('an image in progress is left alone until it stands', async () => {
    const { aws, asked } = answering({ ...tasks({}), ...ami({ Tags: OURS }), ...image('PENDING') });
    expect((await observeImport(aws, IMPORT, 'anything')).observed.tagChanges).toEqual([]);
    expect(asked).not.toContain('DescribeSnapshots');
  });

  const DISK = { BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }, {}] };
  const SNAPSHOTS = { DescribeSnapshots: { Snapshots: [{ SnapshotId: 'snap-1' }] } };

  test('an AMI that was just made and its snapshots all get the same, and nobody asks for those', async () => {
    const { aws, asked } = answering({ ...tasks({ LicenseType: 'BYOL' }), ...ami(DISK), ...SNAPSHOTS });
    const { observed } = await observeImport(aws, IMPORT, 'anything');
    expect(observed.tagChanges).toEqual([
      { on: { kind: 'ec2', resource: 'ami', id: 'ami-1' }, set: { 'cdk-vm-import:id': ID }, remove: [] },
      { on: { kind: 'ec2', resource: 'snapshot', id: 'snap-1' }, set: { 'cdk-vm-import:id': ID }, remove: [] },
    ]);
    expect(asked).not.toContain('DescribeSnapshots');
  });

  test('an AMI whose image stands takes note of its task and of the license type that the task reported', async () => {
    const { aws } = answering({ ...tasks({ LicenseType: 'BYOL' }), ...ami({ ...DISK, Tags: OURS }), ...image('AVAILABLE') });
    expect((await observeImport(aws, IMPORT, 'nothing')).observed.tagChanges).toEqual([
      { on: { kind: 'image', arn: ARN }, set: { 'cdk-vm-import:id': ID }, remove: [] },
      { on: { kind: 'ec2', resource: 'ami', id: 'ami-1' }, set: { 'cdk-vm-import:import-task-id': 'import-ami-1', 'cdk-vm-import:license-type': 'BYOL' }, remove: [] },
    ]);
  });

  test('snapshots are asked for their tags where the import may be of an earlier request', async () => {
    const { aws } = answering({ ...tasks({}), ...ami({ ...DISK, Tags: OURS }), ...image('AVAILABLE'), ...SNAPSHOTS });
    expect((await observeImport(aws, IMPORT, 'anything')).observed.tagChanges).toContainEqual(
      { on: { kind: 'ec2', resource: 'snapshot', id: 'snap-1' }, set: { 'cdk-vm-import:id': ID }, remove: [] },
    );
  });

  test('a task that has failed is history and keeps its tags', async () => {
    const { aws } = answering(tasks({ Status: 'deleted', ImageId: undefined, StatusMessage: 'ServerError: x' }));
    expect((await observeImport(aws, { ...IMPORT, request: { ...IMPORT.request, tags: { team: 'b' } } }, 'anything')).observed.tagChanges).toEqual([]);
  });
});

describe('what is seen of what is left', () => {
  test('AMIs are found by tag and by their tasks, once each; deregistered ones and deleted images are gone', async () => {
    const both = answering({ ...tasks({}), DescribeImages: { Images: [{ ImageId: 'ami-1', State: 'available', Tags: OURS }] } });
    expect((await observeRemoval(both.aws, IMPORT)).amiIds).toEqual(['ami-1']);
    const gone = answering({ ...tasks({}), ...ami({ State: 'deregistered' }), ...image('DELETED') });
    expect(await observeRemoval(gone.aws, IMPORT)).toMatchObject({ amiIds: [], images: [], imageEvidence: 'missing' });
  });

  test('a snapshot is named once, however many ways lead to it, and is ours only if it was not the source', async () => {
    const importOfSnapshot = { ...IMPORT, request: parseRequest(createRequest({ ImportImage: { RoleName: 'r', DiskContainers: [{ SnapshotId: 'snap-source' }] } })) };
    const { aws } = answering({
      ...tasks({ Status: 'deleted', ImageId: undefined, SnapshotDetails: [{ SnapshotId: 'snap-1' }] }),
      DescribeSnapshots: { Snapshots: [{ SnapshotId: 'snap-1', Tags: OURS }, { SnapshotId: 'snap-2' }, { SnapshotId: 'snap-source' }] },
    });
    expect(await observeRemoval(aws, importOfSnapshot)).toMatchObject({ snapshotIds: ['snap-1', 'snap-2'], untaggedIds: ['snap-2'] });
  });

  test('an image is missing where a completed task says that there may be one', async () => {
    expect(await observeRemoval(answering(tasks({ ImageId: undefined })).aws, IMPORT)).toMatchObject({ imageEvidence: 'missing' });
    expect(await observeRemoval(answering(tasks({ Status: 'deleted', ImageId: undefined })).aws, IMPORT)).toMatchObject({ imageEvidence: 'none-expected' });
    expect(await observeRemoval(answering({ ...tasks({ ImportTaskId: 'import-ami-9' }) }).aws, ADOPTION)).toMatchObject({ imageEvidence: 'missing', amiIds: [] });
    expect(await observeRemoval(answering({}).aws, ADOPTION)).toMatchObject({ imageEvidence: 'none-expected' });
  });

  test('an image that is being made is told apart, and so is a task that is ending', async () => {
    expect(await observeRemoval(answering({ ...tasks({ Status: 'deleting' }), ...image('TESTING') }).aws, IMPORT)).toMatchObject({
      endingTaskIds: ['import-ami-1'], images: [{ arn: ARN, state: 'in-progress' }], imageEvidence: 'found',
    });
  });
});
