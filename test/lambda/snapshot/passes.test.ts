import { DeleteSnapshotCommand, DescribeSnapshotsCommand, RegisterImageCommand } from '@aws-sdk/client-ec2';
import { snapshotProperties } from './snapshot-rig';
import type { CloudFormationRequest, Properties } from '../../../lambda/cloudformation/requests';
import type { Settings } from '../../local-cloud/emulator';
import { reasonOf } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';
import { tagsOf } from '../tags-of';

const DISK = Buffer.alloc(1_048_576, 'data');

/** Requests for one snapshot resource, through the handlers. */
class Requests {
  readonly rig: Rig;

  constructor(settings: Partial<Settings> = {}) {
    this.rig = new Rig(settings);
    this.rig.s3.putObject('exports', 'data.raw', DISK, { etag: '"e1"' });
  }

  create(change: Properties = {}): CloudFormationRequest {
    return { ...this.rig.create(), ResourceType: 'Custom::VmImportSnapshot', ResourceProperties: snapshotProperties(change) };
  }

  update(id: string, before: Properties, after: Properties): CloudFormationRequest {
    return { ...this.create(after), RequestType: 'Update', PhysicalResourceId: id, OldResourceProperties: snapshotProperties(before) };
  }

  delete(id: string, change: Properties = {}): CloudFormationRequest {
    return { ...this.create(change), RequestType: 'Delete', PhysicalResourceId: id };
  }

  /** Registers an AMI with a name, as somebody else does. */
  async takeName(Name: string): Promise<string | undefined> {
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: this.rig.cloud.giveSnapshot() } }];
    return (await this.rig.clients.ec2.send(new RegisterImageCommand({ Name, RootDeviceName: '/dev/xvda', BlockDeviceMappings }))).ImageId;
  }

  async created(change: Properties = {}): Promise<string> {
    const outcome = await this.rig.deliver(this.create(change));
    expect(outcome.status).toBe('SUCCESS');
    return outcome.id;
  }
}

test('a create answers the snapshot', async () => {
  const requests = new Requests();
  expect(await requests.rig.deliver(requests.create())).toMatchObject({
    status: 'SUCCESS', id: expect.stringMatching(/^vm-import-/), data: { SnapshotId: expect.stringMatching(/^snap-/), VolumeSize: '1' },
  });
  expect(requests.rig.logs).toContainEqual(expect.objectContaining({ action: 'preflight', status: 'RAW, 1048576 bytes' }));
});

test('a disk that cannot be imported fails before anything starts', async () => {
  const requests = new Requests();
  const request = requests.create({ Disk: { S3Bucket: 'exports', S3Key: 'data.raw', Format: 'QCOW2' } });
  await expect(requests.rig.handlers.onEvent(request, { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow(/^s3:\/\/exports\/data.raw cannot be imported/);
  expect(requests.rig.count('StartSnapshot')).toBe(0);
});

describe('the default key of the account', () => {
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';

  test.each<[string, Partial<Settings>, Properties]>([
    ['where the account encrypts by default', { defaultKmsKeyId: KEY, encryptionByDefault: true }, {}],
    ['where the disk is to be encrypted', { defaultKmsKeyId: KEY }, { Encrypted: 'true' }],
  ])('is refused before anything starts if only its owner may use it, %s', async (_, settings, change) => {
    const requests = new Requests(settings);
    await expect(requests.rig.handlers.onEvent(requests.create(change), { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow(
      `The disk cannot be copied: EBS would encrypt the imported snapshots with ${KEY}, the default key of this account and Region, and only encryptionKey ` +
      'lets the provider\'s functions use it. Set encryptionKey to this key. If AWS manages the key, or if its key policy allows this already, skip this look. ' +
      '(preflight: false skips this look.)',
    );
    expect(requests.rig.count('StartSnapshot')).toBe(0);
  });

  test.each<[string, Partial<Settings>, Properties, number]>([
    ['nothing is encrypted', { defaultKmsKeyId: KEY }, {}, 1],
    ['AWS manages the key', { encryptionByDefault: true }, {}, 2],
    ['the disk names its key', { defaultKmsKeyId: KEY, encryptionByDefault: true }, { Encrypted: 'true', KmsKeyArn: KEY }, 0],
    ['there is no preflight', { encryptionByDefault: true }, { Preflight: 'false' }, 0],
  ])('stands where %s, after as few questions as that takes', async (_, settings, change, asked) => {
    const requests = new Requests(settings);
    await requests.created(change);
    expect(requests.rig.count('GetEbsEncryptionByDefault') + requests.rig.count('GetEbsDefaultKmsKeyId')).toBe(asked);
  });
});

test('a copy under a default key that the provider may not use fails after some minutes, says what to set, and leaves nothing', async () => {
  const requests = new Requests({ encryptionByDefault: true, defaultKmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/1' });
  const { rig } = requests;
  const outcome = await rig.deliver(requests.create({ Preflight: 'false' }));
  expect(reasonOf(outcome)).toMatch(/lack a permission: AccessDeniedException: .*\(hint: if the account encrypts .* set encryptionKey to that key\)$/);
  expect(outcome.seconds).toBeLessThan(420);
  expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test.each(['true', 'false'])('a disk for an AMI whose name another AMI has fails before anything starts (preflight %s)', async (Preflight) => {
  const requests = new Requests();
  const holder = await requests.takeName('golden');
  requests.rig.clock.advance(1_000);
  await expect(requests.rig.deliver(requests.create({ AmiName: 'golden', Preflight }))).rejects.toThrow(
    `The AMI name "golden" is in use by ${holder}, and AMI names are unique in an account and Region. Use another name for the AMI, for example one that contains the version.`,
  );
  expect(requests.rig.count('StartSnapshot')).toBe(0);
});

test('a disk for an AMI whose name is free is copied', async () => {
  const requests = new Requests();
  await requests.takeName('golden');
  await requests.created({ AmiName: 'golden-2' });
});

test('another AMI name does not copy a disk again, and is not asked for', async () => {
  const requests = new Requests();
  const id = await requests.created({ AmiName: 'golden-1' });
  await requests.takeName('golden-2');
  requests.rig.clock.advance(1_000);
  expect(await requests.rig.deliver(requests.update(id, { AmiName: 'golden-1' }, { AmiName: 'golden-2' }))).toMatchObject({ status: 'SUCCESS', id });
  expect(requests.rig.count('StartSnapshot')).toBe(1);
});

test('a disk that onEvent cannot read is left to the passes', async () => {
  const requests = new Requests();
  let refusals = 2;
  requests.rig.s3.answerWith(() => (refusals-- > 0 ? { status: 403 } : undefined));
  await requests.created();
  expect(requests.rig.logs).toContainEqual(expect.objectContaining({ action: 'preflight', status: expect.stringMatching(/^could not look: AccessDenied/) }));
});

test('without a preflight onEvent does not look', async () => {
  const requests = new Requests();
  await requests.created({ Preflight: 'false' });
  expect(requests.rig.logs.map(({ action }) => action)).not.toContain('preflight');
});

test('a copy that takes longer than its timeout fails, with its progress', async () => {
  const requests = new Requests();
  requests.rig.stateMachine.durationMs = 3_600_000;
  expect(await requests.rig.deliver(requests.create({ Timeout: '600' }))).toMatchObject({
    status: 'FAILED', reason: 'The snapshot was not completed within 10 min; it was last waiting for: the blocks of the disk are being written (14 %)',
  });
});

test('new tags change the snapshot in place', async () => {
  const requests = new Requests();
  const id = await requests.created();
  const updated = await requests.rig.deliver(requests.update(id, {}, { Tags: { owner: 'backup' } }));
  expect(updated).toMatchObject({ status: 'SUCCESS', id, data: { VolumeSize: '1' } });
  const { Snapshots: [snapshot, ...others] = [] } = await requests.rig.clients.ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  expect(others).toEqual([]);
  expect(tagsOf(snapshot?.Tags)).toMatchObject({ owner: 'backup' });
  expect(tagsOf(snapshot?.Tags)).not.toHaveProperty('team');
});

test('another disk is another snapshot, and a rollback returns to the first', async () => {
  const requests = new Requests();
  const id = await requests.created();
  const replaced = await requests.rig.deliver(requests.update(id, {}, { Revision: '2' }));
  expect(replaced.id).not.toBe(id);
  expect((await requests.rig.cloud.state()).snapshots).toHaveLength(2);
  const back = await requests.rig.deliver(requests.update(replaced.id, { Revision: '2' }, {}));
  expect(back.id).toBe(id);
  expect((await requests.rig.cloud.state()).snapshots).toHaveLength(2);
});

test('a snapshot that EC2 still lists, but does not find by its id, is copied again', async () => {
  const requests = new Requests();
  const id = await requests.created();
  const replaced = await requests.rig.deliver(requests.update(id, {}, { Revision: '2' }));
  requests.rig.cloud.addRule({ match: { action: 'DescribeSnapshots', call: 2 }, effect: { kind: 'error', code: 'InvalidSnapshot.NotFound', message: 'gone' } });
  const back = await requests.rig.deliver(requests.update(replaced.id, { Revision: '2' }, {}));
  expect([id, replaced.id]).not.toContain(back.id);
  expect((await requests.rig.cloud.state()).snapshots).toHaveLength(3);
});

test.each([['at once', []], ['once EC2 lets go of it', [{ kind: 'error', code: 'InvalidSnapshot.InUse', message: 'ami-1', status: 400 }] as const]])('the rollback of an update without an answer removes what it started, %s', async (_, effects) => {
  const requests = new Requests();
  const id = await requests.created();
  requests.rig.stackResource.status = 'UPDATE_IN_PROGRESS';
  await requests.rig.begin(requests.update(id, {}, { Revision: '2' }));
  expect((await requests.rig.cloud.state()).snapshots).toHaveLength(2);
  effects.forEach((effect) => requests.rig.cloud.addRule({ match: { action: 'DeleteSnapshot', call: { from: 1, to: 2 } }, effect }));
  const back = await requests.rig.deliver(requests.update(id, { Revision: '2' }, {}));
  expect(back).toMatchObject({ status: 'SUCCESS', id });
  expect((await requests.rig.cloud.state()).snapshots).toHaveLength(1);
});

test('a delete leaves nothing', async () => {
  const requests = new Requests();
  const id = await requests.created();
  expect(await requests.rig.deliver(requests.delete(id))).toMatchObject({ status: 'SUCCESS' });
  expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test('a delete under a name that CloudFormation made up removes what the create started', async () => {
  const requests = new Requests();
  await requests.rig.begin(requests.create());
  expect(await requests.rig.deliver(requests.delete('stack-Data-1A2B3C'))).toMatchObject({ status: 'SUCCESS' });
  expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test('a delete under a name that CloudFormation made up removes a completed snapshot, and looks again', async () => {
  const requests = new Requests();
  await requests.created();
  const outcome = await requests.rig.deliver(requests.delete('stack-Data-1A2B3C'));
  expect(outcome).toMatchObject({ status: 'SUCCESS', seconds: 120 });
  expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test('a delete of what never started ends after two minutes, if CloudFormation answers no question about events', async () => {
  const requests = new Requests();
  requests.rig.stackResource.failureOfEvents = { statusCode: 503, code: 'ServiceUnavailable' };
  expect(await requests.rig.deliver(requests.delete('stack-Data-1A2B3C'))).toMatchObject({ status: 'SUCCESS', seconds: 120 });
});

test('a delete waits for what holds the snapshot, and fails after 50 minutes', async () => {
  const requests = new Requests();
  await requests.rig.begin(requests.create());
  requests.rig.cloud.addRule({ match: { action: 'DeleteSnapshot' }, effect: { kind: 'error', code: 'InvalidSnapshot.InUse', message: 'ami-1', status: 400 } });
  const outcome = await requests.rig.deliver(requests.delete('stack-Data-1A2B3C'));
  expect(outcome).toMatchObject({
    status: 'FAILED', reason: expect.stringMatching(/^The snapshot was not removed within 50 min; it was last waiting for: snapshot snap-\w+ is held/), seconds: 3_000,
  });
});

test('what a rollback only adopted stays', async () => {
  const requests = new Requests();
  const id = await requests.created();
  const { StackId } = requests.create();
  requests.rig.clock.advance(24 * 60 * 60_000);
  const at = (seconds: number) => new Date(requests.rig.clock.now() + seconds * 1_000);
  requests.rig.stackResource.events = [
    { time: at(0).getTime(), status: 'UPDATE_IN_PROGRESS', logicalId: 'stack', physicalId: StackId },
    { time: at(5).getTime(), status: 'UPDATE_IN_PROGRESS', logicalId: 'Import', physicalId: id },
    { time: at(10).getTime(), status: 'UPDATE_ROLLBACK_IN_PROGRESS', logicalId: 'stack', physicalId: StackId },
  ] as never;
  expect(await requests.rig.deliver(requests.delete(id))).toMatchObject({ status: 'SUCCESS' });
  expect((await requests.rig.cloud.state()).snapshots).toHaveLength(1);
});

test('an update of a snapshot that somebody deleted fails, and its rollback goes on without the snapshot', async () => {
  const requests = new Requests();
  const id = await requests.created();
  const [{ SnapshotId = '' } = {}] = (await requests.rig.cloud.state()).snapshots;
  await requests.rig.clients.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  const updated = await requests.rig.deliver(requests.update(id, {}, { Tags: { team: 'backup' } }));
  expect(updated).toMatchObject({ status: 'FAILED', reason: 'The snapshot does not exist any more; set or change "revision" to import the disk again' });
  const { StackId } = requests.create();
  requests.rig.stackResource.events = [{ time: requests.rig.clock.now(), status: 'UPDATE_ROLLBACK_IN_PROGRESS', logicalId: 'stack', physicalId: StackId }];
  const back = await requests.rig.deliver(requests.update(id, { Tags: { team: 'backup' } }, {}));
  expect(back).toMatchObject({ status: 'SUCCESS', id, data: { SnapshotId: '' } });
});

test('a create that CloudFormation gave up on is taken back by its last pass', async () => {
  const requests = new Requests();
  const request = await requests.rig.begin(requests.create());
  requests.rig.clock.advance(60_000);
  requests.rig.stackResource.status = 'DELETE_COMPLETE';
  requests.rig.stackResource.events = [{
    time: requests.rig.clock.now(), status: 'CREATE_FAILED', logicalId: request.LogicalResourceId, physicalId: 'made-up',
  }] as never;
  const passes: string[] = [];
  for (let pass = 0; pass < 10 && passes.length === 0; pass++) {
    await requests.rig.pass(request).catch((error: Error) => passes.push(error.message));
    requests.rig.clock.advance(30_000);
  }
  expect(passes).toEqual(['CloudFormation no longer waits for this request, so everything it created was removed']);
  expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test('a disk of an AMI announces its failure, and leaves the success to the AMI', async () => {
  const requests = new Requests();
  await requests.created({ Events: 'FedoraAmi' });
  expect(requests.rig.eventBus.events).toEqual([]);
  const missing = requests.create({ Events: 'FedoraAmi', Disk: { S3Bucket: 'exports', S3Key: 'other.raw', Format: 'RAW' } });
  await expect(requests.rig.deliver(missing)).rejects.toThrow('There is no object s3://exports/other.raw');
  expect(requests.rig.eventBus.events).toMatchObject([
    { DetailType: 'VM Import Failed', Detail: { logicalId: 'FedoraAmi', reason: expect.stringContaining('There is no object s3://exports/other.raw') } },
  ]);
});
