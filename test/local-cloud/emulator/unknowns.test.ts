import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CancelImportTaskCommand, CopyImageCommand, DeregisterImageCommand, DescribeImagesCommand, DescribeImportImageTasksCommand,
  DescribeSnapshotsCommand, DisableImageCommand, EnableImageCommand,
  EnableImageDeregistrationProtectionCommand, GetEbsDefaultKmsKeyIdCommand, GetEbsEncryptionByDefaultCommand,
  ImportImageCommand,
} from '@aws-sdk/client-ec2';
import { DeleteImageCommand, GetImageCommand, ImportVmImageCommand, ListImageBuildVersionsCommand } from '@aws-sdk/client-imagebuilder';
import { accountWithTasks } from './account-with-tasks';
import { accountWithSnapshots, block } from './ebs/account-with-snapshot';
import { DISK } from './sdk-clients';
import { Settings } from './settings';
import { Answer, Answers, answerTo, drawnAnswers, UNKNOWN_IDS, UNKNOWNS } from './unknowns';

const MINUTE = 60_000;

function under(answers: Partial<Answers>, settings: Partial<Settings> = {}) {
  return accountWithTasks({ ...settings, answers });
}

async function nameOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => 'ok', (error: Error) => error.name);
}

/** An account in which an import has just completed. */
async function imported(answers: Partial<Answers>, settings: Partial<Settings> = {}) {
  const account = under(answers, settings);
  const task = await account.start({ owner: 'me' });
  account.clock.advance(20 * MINUTE);
  const { amis: [ami = ''], snapshots: [snapshot = ''] } = await account.emulator.remaining();
  const importVmImage = async () => account.imagebuilder.send(new ImportVmImageCommand({
    name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: task, clientToken: 't',
  }));
  return { ...account, task, ami, snapshot, importVmImage };
}

describe('The list of unknowns', () => {
  test.each(UNKNOWN_IDS)('%s asks a question, and assumes an answer that it has', (id) => {
    const { question, product, assumed, answers } = UNKNOWNS[id];
    expect(question).toMatch(/\?$/);
    expect(product).toMatch(/\.$/);
    expect(Object.keys(answers)).toContain(assumed);
    expect(answerTo({}, id)).toBe(assumed);
    Object.values<Answer>(answers).forEach(({ says, source }) => {
      expect(says).not.toBe('');
      expect(source).not.toBe('');
    });
  });

  test.each(UNKNOWN_IDS)('%s is drawn by schedules, or names the tests that play it', (id) => {
    const played = Object.values<Answer>(UNKNOWNS[id].answers).map((answer) => answer.played);
    const tests = played.flatMap((how) => (typeof how === 'string' ? [] : [how.test]));
    tests.forEach((path) => expect(existsSync(join(__dirname, '..', '..', '..', path))).toBe(true));
    expect(drawnAnswers(id).length + tests.length).toBeGreaterThan(0);
    expect(drawnAnswers(id).length > 0 && tests.length > 0).toBe(false);
  });

  test('says how often schedules draw an answer', () => {
    expect(drawnAnswers('goneAmi')).toEqual([{ answer: 'Unavailable', weight: 8 }, { answer: 'NotFound', weight: 8 }]);
    expect(drawnAnswers('copyTime')).toEqual([{ answer: 'short', weight: 8 }, { answer: 'long', weight: 1 }]);
    expect(drawnAnswers('conditionKeys')).toEqual([]);
  });
});

describe('An import task', () => {
  test.each(['ResourceLimitExceeded', 'ImportTaskLimitExceeded', 'InvalidParameter'] as const)('beyond the quota is refused as %s', async (fullQuota) => {
    const { start } = under({ fullQuota }, { activeTaskQuota: 1 });
    await start();
    await expect(start()).rejects.toMatchObject({ name: fullQuota, message: 'You have exceeded the limit of 1 active import tasks' });
  });

  test.each([['accepted', 'ok'], ['IncorrectState', 'IncorrectState'], ['InvalidParameter', 'InvalidParameter']] as const)(
    'that is cancelled already is %s', async (cancelEnded, expected) => {
      const { start, ec2 } = under({ cancelEnded });
      const ImportTaskId = await start();
      const cancel = async () => ec2.send(new CancelImportTaskCommand({ ImportTaskId }));
      await cancel();
      expect(await nameOf(cancel())).toBe(expected);
    });

  test.each([
    ['serviceRole', 'The service role vmimport provided does not exist or does not have sufficient permissions'],
    ['caller', 'User does not have access to the S3 object'],
  ] as const)('whose roles are new is refused because of %s', async (refusedDisk, message) => {
    const { start, emulator } = under({ refusedDisk });
    emulator.addRule({ match: { action: 'ImportImage', call: 1 }, effect: { kind: 'roleNotPropagated' } });
    await expect(start()).rejects.toMatchObject({ name: 'InvalidParameter', message });
    await start();
  });

  test('whose roles are new fails while it validates', async () => {
    const { start, describe: describeTask, emulator, clock } = under({ refusedDisk: 'task' });
    emulator.addRule({ match: { action: 'ImportImage', call: 1 }, effect: { kind: 'roleNotPropagated' } });
    const id = await start();
    clock.advance(MINUTE);
    expect(await describeTask(id)).toMatchObject({
      Status: 'deleting', StatusMessage: 'ClientError: Disk validation failed [We do not have access to the given resource. Reason 403 Forbidden]',
    });
  });

  test('is refused for arm64, which VM Import/Export does not have', async () => {
    const { ec2 } = under({});
    await expect(ec2.send(new ImportImageCommand({ DiskContainers: [DISK], Architecture: 'arm64' })))
      .rejects.toMatchObject({ name: 'InvalidParameter', message: 'architecture=arm64 has an invalid format' });
  });

  test.each([['yes', 'linux', 'ok'], ['no', 'linux', 'InvalidParameterValue'], ['no', 'Linux', 'ok']] as const)(
    'may be asked for in small letters (%s) by %s: %s', async (smallLetters, Platform, expected) => {
      const { ec2 } = under({ smallLetters });
      expect(await nameOf(ec2.send(new ImportImageCommand({ DiskContainers: [DISK], Platform })))).toBe(expected);
    });

  test('is refused to a caller who may not read the disk', async () => {
    const { start, disks } = under({});
    disks.denyCaller('bucket', 'disk.vmdk');
    await expect(start()).rejects.toMatchObject({ name: 'InvalidParameter', message: 'User does not have access to the S3 object' });
  });

  test.each([
    ['matches', 'm*', 1], ['exact', 'm*', 0], ['exact', 'me', 1], ['ignored', 'nobody', 2], ['matches', 'nobody', 0],
  ] as const)('is found by the tag filter that %s %s: %i', async (tagFilter, value, count) => {
    const { start, ec2 } = under({ tagFilter });
    await start({ owner: 'me' });
    await start();
    const { ImportImageTasks } = await ec2.send(new DescribeImportImageTasksCommand({ Filters: [{ Name: 'tag:owner', Values: [value] }] }));
    expect(ImportImageTasks).toHaveLength(count);
  });

  test('is not found by a tag filter that is refused', async () => {
    const { ec2 } = under({ tagFilter: 'refused' });
    const list = async (Name: string) => ec2.send(new DescribeImportImageTasksCommand({ Filters: [{ Name, Values: ['active'] }] }));
    await expect(list('tag:owner')).rejects.toMatchObject({ name: 'InvalidParameterValue', message: 'The filter \'tag:owner\' is invalid' });
    await list('task-state');
  });

  test.each([['forEver', true], ['tenMinutes', false]] as const)('answers its token again %s: %s', async (tokenMemory, same) => {
    const { ec2, clock } = under({ tokenMemory });
    const send = async () => (await ec2.send(new ImportImageCommand({ DiskContainers: [DISK], ClientToken: 'token' }))).ImportTaskId;
    const first = await send();
    clock.advance(10 * MINUTE);
    expect(await send()).toBe(first);
    clock.advance(1);
    expect(await send() === first).toBe(same);
  });

  test.each([['own', undefined], ['source', 'snap-1']] as const)('that failed lists %s snapshots', async (failedTaskSnapshots, expected) => {
    const { ec2, emulator, clock, describe: describeTask } = under({ failedTaskSnapshots });
    const SnapshotId = emulator.giveSnapshot();
    emulator.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: x' } } });
    const { ImportTaskId = '' } = await ec2.send(new ImportImageCommand({ DiskContainers: [{ SnapshotId }] }));
    clock.advance(20 * MINUTE);
    expect((await describeTask(ImportTaskId))?.SnapshotDetails?.[0]?.SnapshotId).toBe(expected && SnapshotId);
  });

  test.each([['stay', []], ['reach', [{ Key: 'owner', Value: 'me' }]]] as const)('has tags that %s', async (taskTags, tags) => {
    const { emulator } = await imported({ taskTags });
    const { amis, snapshots } = await emulator.state();
    expect([amis[0]?.Tags, snapshots[0]?.Tags]).toEqual([tags, tags]);
  });
});

describe('Lists', () => {
  test.each([['none', 1], ['late', 0]] as const)('show what is new with the lag %s', async (listLag, count) => {
    const { ec2, clock, ami, imagebuilder, importVmImage } = await imported({ listLag });
    const amis = async () => (await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images ?? [];
    const images = async () => (await imagebuilder.send(new ListImageBuildVersionsCommand({}))).imageSummaryList ?? [];
    expect(await amis()).toHaveLength(count);
    expect((await ec2.send(new DescribeImagesCommand({ ImageIds: [ami] }))).Images).toHaveLength(1);
    await importVmImage();
    clock.advance(20_000);
    expect(await amis()).toHaveLength(1);
    expect(await images()).toHaveLength(count);
    await ec2.send(new DeregisterImageCommand({ ImageId: ami }));
    expect(await amis()).toHaveLength(1 - count);
    clock.advance(100_000);
    expect(await amis()).toHaveLength(0);
    expect(await images()).toHaveLength(1);
  });

  test('have short pages where AWS has, of EC2 where a page was asked for', async () => {
    const { ec2, emulator } = under({ pageLength: 'short' });
    const given = [emulator.giveSnapshot(), emulator.giveSnapshot()];
    const list = async (more: object) => ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], ...more }));
    const first = await list({ MaxResults: 1000 });
    const second = await list({ MaxResults: 1000, NextToken: first.NextToken });
    expect([...first.Snapshots ?? [], ...second.Snapshots ?? []].map(({ SnapshotId }) => SnapshotId)).toEqual(given);
    expect((await list({})).Snapshots).toHaveLength(2);
  });
});

describe('What is gone or disabled', () => {
  test.each([['Unavailable', 'InvalidAMIID.Unavailable'], ['NotFound', 'InvalidAMIID.NotFound']] as const)('is %s in EC2', async (goneAmi, code) => {
    const { ec2, ami } = await imported({ goneAmi });
    await ec2.send(new DeregisterImageCommand({ ImageId: ami }));
    expect(await nameOf(ec2.send(new DeregisterImageCommand({ ImageId: ami })))).toBe(code);
  });

  test.each(['ResourceNotFoundException', 'AccessDeniedException'] as const)('answers %s in Image Builder to whom only a tag of it permits', async (goneImage) => {
    const { imagebuilder } = under({ goneImage });
    const imageBuildVersionArn = 'arn:aws:imagebuilder:us-east-1:000000000000:image/n/1.0.0/1';
    expect(await nameOf(imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn })))).toBe(goneImage);
    expect(await nameOf(imagebuilder.send(new GetImageCommand({ imageBuildVersionArn })))).toBe('ResourceNotFoundException');
  });

  test('is not shown where it is disabled, unless asked for', async () => {
    const { ec2, ami } = await imported({});
    const shown = async (more: object) => (await ec2.send(new DescribeImagesCommand(more))).Images?.map(({ State }) => State);
    await ec2.send(new DisableImageCommand({ ImageId: ami }));
    expect(await shown({ Owners: ['self'] })).toEqual([]);
    expect(await shown({ ImageIds: [ami] })).toEqual([]);
    expect(await shown({ Owners: ['self'], IncludeDisabled: true })).toEqual(['disabled']);
    expect(await nameOf(ec2.send(new DisableImageCommand({ ImageId: ami })))).toBe('IncorrectState');
    await ec2.send(new EnableImageCommand({ ImageId: ami }));
    expect(await shown({ Owners: ['self'] })).toEqual(['available']);
  });

  test.each([
    ['nobody', { amis: 1, images: 1, snapshots: 2, disabled: 0 }], ['disablesAmi', { amis: 1, images: 1, snapshots: 2, disabled: 1 }],
    ['deletesAmi', { amis: 0, images: 1, snapshots: 2, disabled: 0 }], ['deletesImage', { amis: 1, images: 0, snapshots: 2, disabled: 0 }],
    ['deletesSnapshot', { amis: 1, images: 1, snapshots: 1, disabled: 0 }],
  ] as const)('is the work of a person who %s, once', async (person, expected) => {
    const { emulator, clock, importVmImage, ec2, ami } = await imported({ person });
    emulator.giveSnapshot();
    await importVmImage();
    clock.advance(3 * MINUTE);
    const { amis, images, snapshots } = await emulator.state();
    expect({ amis: amis.length, images: images.length, snapshots: snapshots.length, disabled: amis.filter(({ State }) => State === 'disabled').length }).toEqual(expected);
    if (person === 'disablesAmi') {
      await ec2.send(new EnableImageCommand({ ImageId: ami }));
      clock.advance(3 * MINUTE);
      expect((await emulator.state()).amis).toMatchObject([{ State: 'available' }]);
    }
  });
});

describe('A protected AMI', () => {
  test.each(['OperationNotPermitted', 'IncorrectState'] as const)('is not deregistered, by %s', async (protectedAmi) => {
    const { ec2, ami } = await imported({ protectedAmi });
    await ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: ami }));
    expect(await nameOf(ec2.send(new DeregisterImageCommand({ ImageId: ami })))).toBe(protectedAmi);
  });

  test.each([['yes', 'ok'], ['no', 'IncorrectState']] as const)('may get a cooldown: %s', async (protection, expected) => {
    const { ec2, ami } = await imported({ protection });
    const protect = async (WithCooldown: boolean) => ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: ami, WithCooldown }));
    await protect(false);
    await protect(false);
    expect(await nameOf(protect(true))).toBe(expected);
  });
});

describe('ImportVmImage', () => {
  test.each([['ResourceNotFoundException', 404], ['ClientException', 400]] as const)('answers %s for a task that it does not see', async (unknownTask, httpStatusCode) => {
    const { importVmImage, clock } = await imported({ unknownTask, taskVisibility: 'aMinuteLater' });
    await expect(importVmImage()).rejects.toMatchObject({ name: unknownTask, $metadata: { httpStatusCode } });
    clock.advance(MINUTE);
    await importVmImage();
  });
});

describe('The default key of the account', () => {
  const OWN = { encryptionByDefault: true, defaultKmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/1' };

  test.each([[{}, false, 'alias/aws/ebs'], [OWN, true, OWN.defaultKmsKeyId]])('is told by EC2: %j', async (settings, encrypts, key) => {
    const { ec2 } = under({}, settings);
    expect(await ec2.send(new GetEbsEncryptionByDefaultCommand({}))).toMatchObject({ EbsEncryptionByDefault: encrypts });
    expect(await ec2.send(new GetEbsDefaultKmsKeyIdCommand({}))).toMatchObject({ KmsKeyId: key });
  });

  test('is told by its ARN where EC2 does so', async () => {
    const { ec2 } = under({ managedKey: 'arn' });
    expect(await ec2.send(new GetEbsDefaultKmsKeyIdCommand({}))).toMatchObject({ KmsKeyId: expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//) });
  });

  test('fails an import of which VM Import/Export was not granted it', async () => {
    const { start, describe: describeTask, clock } = under({}, OWN);
    const id = await start();
    clock.advance(20 * MINUTE);
    expect(await describeTask(id)).toMatchObject({ StatusMessage: 'ClientError: The specified KMS key is not accessible' });
  });

  test('is refused at once where EC2 does so', async () => {
    const { start } = under({ defaultKey: 'InvalidParameterValue' }, OWN);
    await expect(start()).rejects.toMatchObject({ name: 'InvalidParameterValue', message: 'The specified KMS key is not accessible' });
  });

  test('encrypts what it was granted for', async () => {
    const { emulator } = await imported({}, { ...OWN, defaultKeyGrantedTo: 'everybody' });
    expect((await emulator.state()).snapshots).toMatchObject([{ Encrypted: true, KmsKeyId: OWN.defaultKmsKeyId }]);
  });

  test('fails a copy of an AMI as well', async () => {
    const { ec2, clock, ami } = await imported({}, { defaultKmsKeyId: OWN.defaultKmsKeyId });
    const { ImageId = '' } = await ec2.send(new CopyImageCommand({ Name: 'copy', SourceImageId: ami, SourceRegion: 'us-east-1', Encrypted: true }));
    clock.advance(5 * MINUTE);
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    expect(Images).toMatchObject([{ State: 'failed', StateReason: { Message: expect.stringContaining('default CMK') } }]);
  });
});

describe('EC2', () => {
  test.each([['none', 'ok'], ['documented', 'RequestLimitExceeded']] as const)('limits Describe requests: %s', async (describeLimit, expected) => {
    const { list, clock } = under({}, { describeLimit });
    for (let asked = 0; asked < 100; asked++) {
      await list();
    }
    expect(await nameOf(list())).toBe(expected);
    clock.advance(50);
    await list();
  });
});

describe('The EBS direct APIs', () => {
  test.each([['ThrottlingException', undefined], ['RequestThrottledException', 'ACCOUNT_THROTTLED']] as const)('throttle an account by %s', async (name, reason) => {
    const { start } = accountWithSnapshots({ startSnapshotsPerSecond: 1, answers: { ebsAccountThrottle: name } });
    await start();
    const error = await start().catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
    expect((error as { Reason?: string }).Reason).toBe(reason);
  });

  test.each([['status', 'ok'], ['ValidationException', 'ValidationException']] as const)('answer a second CompleteSnapshot by %s', async (ebsSecondComplete, expected) => {
    const { start, put, complete } = accountWithSnapshots({ answers: { ebsSecondComplete } });
    const id = await start();
    await put(id, 0, block(1));
    await complete(id, 1);
    expect(await nameOf(complete(id, 1))).toBe(expected);
  });

  test.each([['error', ['error']], ['gone', []]] as const)('leave a snapshot that nobody completed: %s', async (ebsAbandoned, states) => {
    const { start, clock, emulator } = accountWithSnapshots({ answers: { ebsAbandoned } });
    await start();
    clock.advance(60 * MINUTE);
    expect((await emulator.state()).snapshots.map(({ State }) => State)).toEqual(states);
  });
});
