import {
  DeregisterImageCommand, DisableImageCommand, DisableImageDeregistrationProtectionCommand, EnableImageDeregistrationProtectionCommand,
} from '@aws-sdk/client-ec2';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { reasonOf, succeeded } from '../outcome';
import { NOTHING_LEFT } from '../rig';
import { tagsOf } from '../tags-of';
import { AmiRig } from './ami-rig';

const ID = /^vm-import-11111111-2222-3333-4444-555555555555-[0-9a-f]{12}-[0-9a-f]{12}-[0-9a-f]{12}$/;
const ALL: Properties = {
  Description: 'golden',
  LaunchPermissions: {
    UserIds: ['222233334444'],
    OrganizationArns: ['arn:aws:organizations::111122223333:organization/o-0123456789'],
    OrganizationalUnitArns: ['arn:aws:organizations::111122223333:ou/o-0123456789/ou-0123-01234567'],
  },
  ImdsSupport: 'v2.0',
  DeprecateAt: '2030-01-31T09:30:00Z',
  DeregistrationProtection: 'enabled-without-cooldown',
};
const LAUNCH_PERMISSIONS = [
  { UserId: '222233334444' }, { OrganizationArn: 'arn:aws:organizations::111122223333:organization/o-0123456789' },
  { OrganizationalUnitArn: 'arn:aws:organizations::111122223333:ou/o-0123456789/ou-0123-01234567' },
];
describe('the properties of an imported AMI', () => {
  test('are given without an import or a copy, in one pass', async () => {
    const { rig, ...made } = await start();
    const outcome = succeeded(await made.ami.deliver(made.ami.create(ALL)));
    expect(outcome).toMatchObject({ id: expect.stringMatching(ID), seconds: 0, data: { AmiId: made.imported, SnapshotIds: expect.stringMatching(/^snap-/) } });
    expect(await made.ami.ami(made.imported)).toMatchObject({
      Description: 'golden',
      ImdsSupport: 'v2.0',
      DeprecationTime: '2030-01-31T09:30:00.000Z',
      DeregistrationProtection: 'enabled-without-cooldown',
      launchPermissions: LAUNCH_PERMISSIONS,
      Public: false,
    });
    expect([rig.count('ImportImage'), rig.count('CopyImage')]).toEqual([1, 0]);
  });

  test('that are as wanted are not asked for again', async () => {
    const { ami } = await start();
    const { id } = succeeded(await ami.deliver(ami.create(ALL)));
    const before = ami.changes().length;
    succeeded(await ami.deliver(ami.update(id, ALL, { ...ALL, LiftProtection: 'true' })));
    expect(ami.changes()).toHaveLength(before);
  });

  test('that are taken out go back to what they were, but for IMDSv2, which EC2 cannot take back', async () => {
    const { ami, imported } = await start();
    const original = await ami.ami(imported);
    const { id } = succeeded(await ami.deliver(ami.create(ALL)));
    expect(succeeded(await ami.deliver(ami.update(id, ALL, { Description: 'other' }))).id).toBe(id);
    expect(await ami.ami(imported)).toMatchObject({ Description: 'other', DeregistrationProtection: 'disabled', launchPermissions: [], ImdsSupport: 'v2.0' });
    expect((await ami.ami(imported))?.DeprecationTime).toBeUndefined();
    succeeded(await ami.deliver(ami.update(id, { Description: 'other' }, { ImdsSupport: 'v2.0' })));
    expect((await ami.ami(imported))?.Description).toBe(original?.Description);
  });

  test('that somebody changed by hand come back with the next update', async () => {
    const { ami, imported, rig } = await start();
    const { id } = succeeded(await ami.deliver(ami.create(ALL)));
    await rig.clients.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId: imported }));
    succeeded(await ami.deliver(ami.update(id, ALL, { ...ALL, Description: 'b' })));
    expect(await ami.ami(imported)).toMatchObject({ Description: 'b', DeregistrationProtection: 'enabled-without-cooldown' });
  });

  test('lift a protection in place where it is to be off', async () => {
    const { ami, imported } = await start();
    const { id } = succeeded(await ami.deliver(ami.create(ALL)));
    succeeded(await ami.deliver(ami.update(id, ALL, { ...ALL, DeregistrationProtection: 'disabled' })));
    expect(await ami.ami(imported)).toMatchObject({ DeregistrationProtection: 'disabled' });
  });

  test('are named the same whoever asks, so that a rollback goes back to the same resource', async () => {
    const { ami } = await start();
    const first = succeeded(await ami.deliver(ami.create({ Description: 'a' }))).id;
    expect(succeeded(await ami.deliver(ami.create({ Description: 'a' }))).id).toBe(first);
    expect(succeeded(await ami.deliver(ami.update('vm-import-other', { SourceImageId: 'ami-0123456789abcdef0' }, { Description: 'a' }))).id).toBe(first);
  });

  test('fail where the AMI is gone', async () => {
    const { ami, imported, rig } = await start();
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: imported }));
    expect(reasonOf(await ami.deliver(ami.create(ALL)))).toMatch(/^The imported AMI ami-\w+ no longer exists\. .*"revision"/);
  });

  test('are waited out while EC2 throttles', async () => {
    const { ami, rig } = await start();
    rig.cloud.addRule({ match: { action: 'ModifyImageAttribute', call: { from: 1, to: 8 } }, effect: { kind: 'throttle' } });
    expect(succeeded(await ami.deliver(ami.create(ALL))).seconds).toBeGreaterThanOrEqual(30);
  });

  test('are not given late for a request that CloudFormation has given up on', async () => {
    const { ami, rig } = await start();
    const create = ami.create(ALL);
    const named = await rig.handlers.onEvent(create, { getRemainingTimeInMillis: () => 60_000 });
    rig.clock.advance(30_000);
    rig.stackResource.status = 'DELETE_IN_PROGRESS';
    await expect(rig.pass({ ...create, ...named })).rejects.toThrow('CloudFormation no longer waits for this AMI, so it was left unchanged');
    expect(ami.changes()).toEqual([]);
  });

  test('that EC2 refuses fail with what it said, and a hint', async () => {
    const { ami } = await start();
    expect(reasonOf(await ami.deliver(ami.create({ LaunchPermissions: { Group: 'all' } })))).toMatch(/block public access for AMIs is enabled.*\(hint: switch block public access/);
  });

  test('make an AMI public where that was chosen and the account lets it', async () => {
    const { ami, imported } = await start({ blockPublicAccess: 'unblocked' });
    succeeded(await ami.deliver(ami.create({ LaunchPermissions: { Group: 'all' } })));
    expect(await ami.ami(imported)).toMatchObject({ Public: true });
  });

  test('are refused where they are not what the construct writes', async () => {
    const { ami } = await start();
    await expect(ami.deliver(ami.create({ LaunchPermissions: { UserIds: 'me' } }))).rejects.toThrow('The property ResourceProperties.LaunchPermissions.UserIds must be a list of strings');
    await expect(ami.deliver(ami.create({ DeprecateAt: 'soon' }))).rejects.toThrow('must be an ISO 8601 time');
  });
});

describe('a name', () => {
  const NAMED: Properties = { Name: 'golden-1.0.0', Tags: { team: 'a' } };

  test('takes a copy that has it, with its snapshots tagged, and is the AMI from then on', async () => {
    const { ami, imported, rig } = await start();
    const { id, data, seconds } = succeeded(await ami.deliver(ami.create({ ...NAMED, ...ALL })));
    expect(data.AmiId).not.toBe(imported);
    expect(seconds).toBeLessThanOrEqual(90);
    const copy = await ami.ami(data.AmiId ?? '');
    expect(copy).toMatchObject({ Name: 'golden-1.0.0', State: 'available', Description: 'golden', ImdsSupport: 'v2.0', launchPermissions: LAUNCH_PERMISSIONS });
    expect(tagsOf(copy?.Tags)).toMatchObject({ 'team': 'a', 'cdk-vm-import:id': id });
    const { snapshots } = await rig.cloud.state();
    const own = snapshots.filter(({ SnapshotId = '' }) => data.SnapshotIds?.split(',').includes(SnapshotId));
    expect(own.map(({ Tags }) => tagsOf(Tags))).toEqual([{ 'team': 'a', 'cdk-vm-import:id': id }]);
    expect(await ami.ami(imported)).toMatchObject({ launchPermissions: [] });
    expect(rig.cloud.calls({ action: 'CopyImage' })[0]?.parameters).not.toHaveProperty('Encrypted');
  });

  test.each<readonly [string, Properties, object]>([
    ['its key', { Encrypted: 'true', KmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/1' }, { Encrypted: true, KmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/1' }],
    ['the default key', { Encrypted: 'true' }, { Encrypted: true }],
  ])('keeps the encryption with %s', async (_key, encryption, parameters) => {
    const { rig } = await start();
    const imported = succeeded(await rig.deliver(rig.create({
      ImportVmImage: { name: 'Encrypted', semanticVersion: '1.0.0', platform: 'Linux' },
      ImportImage: { DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }], RoleName: 'vmimport', ...encryption },
    })));
    const ami = await AmiRig.withImport();
    const request = { ...ami.create(NAMED) };
    succeeded(await rig.deliver({ ...request, ResourceProperties: { ...request.ResourceProperties, SourceImageId: imported.data.AmiId } }));
    expect(rig.cloud.calls({ action: 'CopyImage' })[0]?.parameters).toMatchObject(parameters);
    expect((await rig.cloud.state()).snapshots.at(-1)).toMatchObject({ Encrypted: true, KmsKeyId: 'KmsKeyId' in parameters ? expect.any(String) : undefined });
  });

  test('is not to be had where the snapshots have different keys, which a copy cannot keep', async () => {
    const { ami, rig } = await start();
    const disks = [rig.cloud.giveSnapshot({ Encrypted: true, KmsKeyId: 'key-1' }), rig.cloud.giveSnapshot()].map((SnapshotId) => ({ SnapshotId }));
    const imported = succeeded(await rig.deliver(rig.create({
      ImportVmImage: { name: 'Mixed', semanticVersion: '1.0.0', platform: 'Linux' }, ImportImage: { DiskContainers: disks, RoleName: 'vmimport' },
    })));
    expect(reasonOf(await ami.deliver(ami.create({ ...NAMED, SourceImageId: imported.data.AmiId })))).toBe(
      `The snapshots of AMI ${imported.data.AmiId} are not all encrypted with the same key, and a copy has one key. Leave out the name of the AMI.`,
    );
  });

  test('waits for snapshots that EC2 does not show yet, and for EC2 when it throttles', async () => {
    const { ami, rig } = await start();
    rig.cloud.addRule({ match: { action: 'DescribeSnapshots', call: 1 }, effect: { kind: 'invisible', of: ['snapshot'], listMs: 48 * 3_600_000 } });
    rig.cloud.addRule({ match: { action: 'CopyImage', call: { from: 1, to: 4 } }, effect: { kind: 'throttle' } });
    expect(succeeded(await ami.deliver(ami.create(NAMED))).seconds).toBeGreaterThanOrEqual(120);
  });

  test('that a rollback asks for is copied again where EC2 does not say that it stands, and fails where it does', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    const back = ami.update('vm-import-other', { Name: 'other' }, NAMED);
    rig.cloud.addRule({ id: 'rule', match: { action: 'DescribeImages', call: { from: 1, to: 4 } }, effect: { kind: 'throttle' } });
    expect(reasonOf(await ami.deliver(back))).toContain(`is in use by ${first.data.AmiId}`);
    rig.cloud.removeRule('rule');
    rig.cloud.addRule({ match: { action: 'DescribeImages' }, effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 } });
    await expect(ami.deliver(back)).rejects.toThrow('no');
  });

  test('that a rollback asks for is copied anew where the copy of before is gone but still listed', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: first.data.AmiId }));
    rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'lingering', of: ['ami'], listMs: 60_000 } });
    const back = succeeded(await ami.deliver(ami.update('vm-import-other', { Name: 'other' }, NAMED)));
    expect([back.id === first.id, back.data.AmiId === first.data.AmiId]).toEqual([false, false]);
  });

  test('that is another AMI\'s fails at once, and says whose it is', async () => {
    const { ami } = await start();
    const { data } = succeeded(await ami.deliver(ami.create(NAMED)));
    const other = ami.create({ ...NAMED, Tags: {} });
    expect(reasonOf(await ami.deliver({ ...other, LogicalResourceId: 'Other' }))).toBe(
      `The AMI name "golden-1.0.0" is in use by ${data.AmiId}, and AMI names are unique in an account and Region. Use another name for the AMI, for example one that contains the version.`,
    );
  });

  test('that was just freed is waited for', async () => {
    const { ami, rig } = await start();
    rig.cloud.addRule({ match: { action: 'CopyImage', call: 1 }, effect: { kind: 'error', code: 'InvalidAMIName.Duplicate', message: 'AMI name golden-1.0.0 is already in use' } });
    expect(succeeded(await ami.deliver(ami.create(NAMED))).data.AmiId).toMatch(/^ami-/);
  });

  test('that changes copies again, and the cleanup takes the copy of before', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    const second = succeeded(await ami.deliver(ami.update(first.id, NAMED, { ...NAMED, Name: 'golden-1.1.0' })));
    expect(second.id).not.toBe(first.id);
    succeeded(await ami.deliver(ami.delete(first.id, NAMED)));
    expect((await rig.cloud.state()).amis.map(({ Name }) => Name)).toEqual([expect.stringMatching(/^import-ami-/), 'golden-1.1.0']);
    expect((await rig.cloud.remaining()).snapshots).toHaveLength(2);
    expect(rig.count('ImportImage')).toBe(1);
  });

  test('that a rollback goes back to is the copy that stands, which is not copied again', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    const second = succeeded(await ami.deliver(ami.update(first.id, NAMED, { ...NAMED, Name: 'golden-1.1.0' })));
    const back = succeeded(await ami.deliver(ami.update(second.id, { ...NAMED, Name: 'golden-1.1.0' }, NAMED)));
    expect(back).toMatchObject({ id: first.id, data: first.data });
    succeeded(await ami.deliver(ami.delete(second.id, { ...NAMED, Name: 'golden-1.1.0' })));
    expect([rig.count('CopyImage'), (await rig.cloud.remaining()).amis.length]).toEqual([2, 2]);
  });

  test('that a rollback goes back to is the copy that stands, though somebody disabled it', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    const second = succeeded(await ami.deliver(ami.update(first.id, NAMED, { ...NAMED, Name: 'golden-1.1.0' })));
    await rig.clients.ec2.send(new DisableImageCommand({ ImageId: first.data.AmiId }));
    const back = succeeded(await ami.deliver(ami.update(second.id, { ...NAMED, Name: 'golden-1.1.0' }, NAMED)));
    expect(back).toMatchObject({ id: first.id, data: first.data });
    expect(rig.count('CopyImage')).toBe(2);
  });

  test('whose update CloudFormation gave up on leaves no copy: the rollback takes it', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    // It went on, unheard.
    await ami.deliver(ami.update(first.id, NAMED, { ...NAMED, Name: 'golden-1.1.0' }));
    expect(succeeded(await ami.deliver(ami.update(first.id, { ...NAMED, Name: 'golden-1.1.0' }, NAMED))).id).toBe(first.id);
    expect((await rig.cloud.state()).amis.map(({ Name }) => Name)).toEqual([expect.stringMatching(/^import-ami-/), 'golden-1.0.0']);
  });

  test('whose update CloudFormation gave up on does not keep the stack from rolling back where EC2 does not delete the copy in time', async () => {
    const { ami, rig } = await start();
    const first = succeeded(await ami.deliver(ami.create(NAMED)));
    await ami.deliver(ami.update(first.id, NAMED, { ...NAMED, Name: 'golden-1.1.0' }));
    rig.cloud.addRule({ match: { action: 'DeregisterImage' }, effect: { kind: 'throttle' } });
    const back = succeeded(await ami.deliver(ami.update(first.id, { ...NAMED, Name: 'golden-1.1.0' }, NAMED)));
    expect(back).toMatchObject({ id: first.id, seconds: 3000 });
  });

  test('whose create CloudFormation gave up on leaves nothing: the Delete under an id that it made up finds it', async () => {
    const { ami, rig, importId } = await start();
    await ami.deliver(ami.create(NAMED));
    expect(succeeded(await ami.deliver(ami.delete('S-GoldenAmi-1A2B3C', NAMED))).seconds).toBeGreaterThanOrEqual(60);
    succeeded(await rig.deliver(rig.delete(importId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test.each([['stays where its update had only taken it up', 1, 1], ['goes where its update had made it', -60, 0]])(
    '%s, when the update is rolled back',
    async (_what, updatedAfter, left) => {
      const { ami, rig } = await start();
      const { id } = succeeded(await ami.deliver(ami.create(NAMED)));
      const request = ami.delete(id, NAMED);
      const event = { logicalId: 'S', physicalId: request.StackId };
      rig.stackResource.events = [
        { ...event, time: rig.clock.now() + updatedAfter * 60_000, status: 'UPDATE_IN_PROGRESS' },
        { ...event, time: rig.clock.now(), status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
      ];
      succeeded(await ami.deliver(request));
      expect((await rig.cloud.state()).amis.filter(({ Name }) => Name === NAMED.Name)).toHaveLength(left);
    },
  );

  test('keeps tags in place', async () => {
    const { ami, rig } = await start();
    const { id, data } = succeeded(await ami.deliver(ami.create({ Name: 'golden', Tags: { team: 'a', stage: 'x' } })));
    succeeded(await ami.deliver(ami.update(id, { Name: 'golden', Tags: { team: 'a', stage: 'x' } }, { Name: 'golden', Tags: { team: 'b' } })));
    const { amis, snapshots } = await rig.cloud.state();
    const things = [
      ...amis.filter(({ ImageId }) => ImageId === data.AmiId),
      ...snapshots.filter(({ SnapshotId }) => SnapshotId === data.SnapshotIds),
    ];
    expect(things.map(({ Tags }) => tagsOf(Tags))).toEqual([
      { 'team': 'b', 'cdk-vm-import:id': id, 'cdk-vm-import:description': expect.any(String) }, { 'team': 'b', 'cdk-vm-import:id': id },
    ]);
    expect(rig.count('CopyImage')).toBe(1);
  });

  test('goes back to the description of the import where it has none of its own any more', async () => {
    const { ami, imported } = await start();
    const { id, data } = succeeded(await ami.deliver(ami.create({ Name: 'golden', Description: 'mine' })));
    succeeded(await ami.deliver(ami.update(id, { Name: 'golden', Description: 'mine' }, { Name: 'golden' })));
    expect((await ami.ami(data.AmiId ?? ''))?.Description).toBe((await ami.ami(imported))?.Description);
  });

  test('of an imported AMI that somebody disabled fails at once, with the command that enables it', async () => {
    const { ami, rig, imported } = await start();
    await rig.clients.ec2.send(new DisableImageCommand({ ImageId: imported }));
    const outcome = await ami.deliver(ami.create(NAMED));
    expect(outcome).toMatchObject({ status: 'FAILED', seconds: 0 });
    expect(reasonOf(outcome)).toBe(
      `AMI ${imported} is disabled, and only an available AMI can be copied. Enable it (aws ec2 enable-image --image-id ${imported}), and deploy again.`,
    );
    expect(rig.count('CopyImage')).toBe(0);
  });

  test.each([
    ['deregistered succeeds during a rollback', DeregisterImageCommand, 'UPDATE_ROLLBACK_IN_PROGRESS', 'SUCCESS'],
    ['disabled succeeds during a rollback', DisableImageCommand, 'UPDATE_ROLLBACK_IN_PROGRESS', 'SUCCESS'],
    ['deregistered fails otherwise', DeregisterImageCommand, 'UPDATE_IN_PROGRESS', 'FAILED'],
    ['disabled fails otherwise', DisableImageCommand, 'UPDATE_IN_PROGRESS', 'FAILED'],
  ] as const)('of an AMI that somebody %s', async (_what, Command, phase, status) => {
    const { ami, rig, imported } = await start();
    const { id } = succeeded(await ami.deliver(ami.create({ Description: 'one' })));
    await rig.clients.ec2.send(new Command({ ImageId: imported }));
    const update = ami.update(id, { Description: 'one' }, { Description: 'two' });
    rig.stackResource.events = [{ time: rig.clock.now(), logicalId: 'S', physicalId: update.StackId, status: phase }];
    const outcome = await ami.deliver(update);
    expect(outcome.status).toBe(status);
    expect(outcome.status === 'SUCCESS' ? outcome.data.AmiId : imported).toBe(imported);
  });

  test('of a copy that EC2 fails fails with its reason, and the Delete takes the rest', async () => {
    const { ami, rig } = await start();
    rig.cloud.addRule({ match: { action: 'CopyImage' }, effect: { kind: 'copyFails', reason: 'The key is disabled' } });
    const outcome = await ami.deliver(ami.create(NAMED));
    expect(reasonOf(outcome)).toMatch(/^AMI ami-\w+ failed: The key is disabled$/);
    expect((await rig.cloud.remaining()).snapshots).toHaveLength(2);
    succeeded(await ami.deliver(ami.delete(outcome.id, NAMED)));
    expect(await rig.cloud.remaining()).toMatchObject({ amis: [expect.any(String)], snapshots: [expect.any(String)] });
  });

  test('of a copy that never ends fails within the hour, and says what it waited for', async () => {
    const { ami } = await start({ copyDurationMs: 10 * 3_600_000 });
    const outcome = await ami.deliver(ami.create(NAMED));
    expect(outcome.seconds).toBe(3_000);
    expect(reasonOf(outcome)).toMatch(/^The AMI was not ready within 50 min; it was last waiting for: AMI ami-\w+ is pending$/);
  });

  test('of a copy that somebody removed by hand fails the next update', async () => {
    const { ami, rig } = await start();
    const { id, data } = succeeded(await ami.deliver(ami.create(NAMED)));
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: data.AmiId }));
    expect(reasonOf(await ami.deliver(ami.update(id, NAMED, { ...NAMED, Tags: {} })))).toContain('The AMI golden-1.0.0 no longer exists. Use another name');
  });

  test('of an AMI that is gone fails, though not before EC2 had time to show it', async () => {
    const { ami, imported, rig } = await start();
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: imported }));
    const outcome = await ami.deliver(ami.create(NAMED));
    expect(reasonOf(outcome)).toContain('"revision"');
    expect(outcome.seconds).toBe(60);
  });

  test('that is taken fails the import before it begins', async () => {
    const { ami, rig } = await start();
    const { data } = succeeded(await ami.deliver(ami.create(NAMED)));
    await expect(rig.deliver({ ...rig.create({ AmiName: 'golden-1.0.0' }), LogicalResourceId: 'Other' })).rejects.toThrow(`is in use by ${data.AmiId}`);
    expect(rig.count('ImportImage')).toBe(1);
    // For the metric of failed imports.
    expect(rig.logs.at(-1)).toMatchObject({ id: expect.stringMatching(ID), request: 'Create', action: 'fail', status: expect.stringContaining('is in use') });
  });

  test('that the very import has already does not fail the request that is delivered again', async () => {
    const { ami, rig } = await start();
    const create = rig.create({ AmiName: 'golden-1.0.0' });
    rig.stackResource.status = 'CREATE_IN_PROGRESS';
    rig.stackResource.changedAt = new Date(rig.clock.now());
    rig.clock.advance(1_000);
    succeeded(await rig.deliver(ami.create(NAMED)));
    const named = rig.handlers.onEvent(create, { getRemainingTimeInMillis: () => 60_000 });
    await expect(named).resolves.toMatchObject({ PhysicalResourceId: expect.stringMatching(ID) });
  });

  test('that is still listed, but of an AMI that is gone, does not stop an import', async () => {
    const { ami, rig } = await start();
    const { data } = succeeded(await ami.deliver(ami.create(NAMED)));
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: data.AmiId }));
    rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'lingering', of: ['ami'], listMs: 60_000 } });
    const named = rig.handlers.onEvent({ ...rig.create({ AmiName: 'golden-1.0.0' }), LogicalResourceId: 'Other' }, { getRemainingTimeInMillis: () => 60_000 });
    await expect(named).resolves.toMatchObject({ PhysicalResourceId: expect.stringMatching(ID) });
  });

  test('is not asked about while EC2 throttles', async () => {
    const { ami, rig } = await start();
    succeeded(await ami.deliver(ami.create(NAMED)));
    rig.cloud.addRule({ match: { action: 'DescribeImages' }, effect: { kind: 'throttle' } });
    const named = rig.handlers.onEvent({ ...rig.create({ AmiName: 'golden-1.0.0' }), LogicalResourceId: 'Other' }, { getRemainingTimeInMillis: () => 60_000 });
    await expect(named).resolves.toMatchObject({ PhysicalResourceId: expect.stringMatching(ID) });
  });
});

describe('a delete', () => {
  test('of properties puts the imported AMI back, but for IMDSv2', async () => {
    const { ami, imported } = await start();
    const original = await ami.ami(imported);
    const { DeregistrationProtection: _none, ...unprotected } = ALL;
    const { id } = succeeded(await ami.deliver(ami.create(unprotected)));
    expect(succeeded(await ami.deliver(ami.delete(id, unprotected))).seconds).toBe(0);
    expect(await ami.ami(imported)).toMatchObject({ ...original, Tags: expect.anything(), ImdsSupport: 'v2.0' });
  });

  test('of the properties of an AMI that is gone is done at once', async () => {
    const { ami, imported, rig } = await start();
    const { id } = succeeded(await ami.deliver(ami.create({ Description: 'a' })));
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: imported }));
    expect(succeeded(await ami.deliver(ami.delete(id, { Description: 'a' }))).seconds).toBe(0);
  });

  describe.each([['imported', {}], ['copied', { Name: 'golden' }]] as const)('of an %s AMI that is protected', (_kind, name) => {
    const PROTECTED = { ...name, Description: 'a', DeregistrationProtection: 'enabled-without-cooldown' };

    test('fails at once, changes nothing, says both ways out, and succeeds after one of them', async () => {
      const { ami, rig, importId } = await start();
      const { id, data } = succeeded(await ami.deliver(ami.create(PROTECTED)));
      const before = await rig.cloud.state();
      const outcome = await ami.deliver(ami.delete(id, PROTECTED));
      expect(outcome.seconds).toBe(0);
      expect(reasonOf(outcome)).toContain(`AMI ${data.AmiId} is protected from deregistration, and deleting a resource does not lift the protection. Either lift it`);
      expect(reasonOf(outcome)).toContain('--retain-resources');
      expect(await rig.cloud.state()).toEqual(before);
      await rig.clients.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId: data.AmiId }));
      succeeded(await ami.deliver(ami.delete(id, PROTECTED)));
      succeeded(await rig.deliver(rig.delete(importId)));
      expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    });

    test('lifts the protection where that was chosen, and nothing is left with the import', async () => {
      const { ami, rig, importId } = await start();
      const { id } = succeeded(await ami.deliver(ami.create({ ...PROTECTED, LiftProtection: 'true' })));
      succeeded(await ami.deliver(ami.delete(id, { ...PROTECTED, LiftProtection: 'true' })));
      succeeded(await rig.deliver(rig.delete(importId)));
      expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    });

    test('lifts the protection of an AMI that somebody disabled', async () => {
      const { ami, rig, importId } = await start();
      const { id, data } = succeeded(await ami.deliver(ami.create({ ...PROTECTED, LiftProtection: 'true' })));
      await rig.clients.ec2.send(new DisableImageCommand({ ImageId: data.AmiId }));
      succeeded(await ami.deliver(ami.delete(id, { ...PROTECTED, LiftProtection: 'true' })));
      succeeded(await rig.deliver(rig.delete(importId)));
      expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    });

    test('says that EC2 wants 24 hours where it was protected with a cooldown, and succeeds after them', async () => {
      const { ami, rig, importId } = await start();
      const cooling = { ...PROTECTED, DeregistrationProtection: 'enabled-with-cooldown', LiftProtection: 'true' };
      const { id } = succeeded(await ami.deliver(ami.create(cooling)));
      const remove = async () => [await ami.deliver(ami.delete(id, cooling)), await rig.deliver(rig.delete(importId))];
      const reasons = (await remove()).flatMap((outcome) => (outcome.status === 'FAILED' ? [outcome.reason] : []));
      expect(reasons[0]).toMatch(/cooldown period \(hint: .*wait 24 hours/);
      rig.clock.advance(24 * 3_600_000);
      (await remove()).forEach(succeeded);
      expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    });
  });

  test.each([['yes', 'SUCCESS'], ['no', 'FAILED']] as const)('can be preceded by an update to a cooldown where EC2 allows it: %s', async (protection, status) => {
    const { ami, rig, importId } = await start({ answers: { protection } });
    const WITHOUT = { DeregistrationProtection: 'enabled-without-cooldown', LiftProtection: 'true' };
    const { id } = succeeded(await ami.deliver(ami.create(WITHOUT)));
    const outcome = await ami.deliver(ami.update(id, WITHOUT, { ...WITHOUT, DeregistrationProtection: 'enabled-with-cooldown' }));
    expect(outcome.status).toBe(status);
    if (outcome.status === 'FAILED') {
      expect(outcome.reason).toContain('must be disabled first');
      succeeded(await ami.deliver(ami.delete(id, WITHOUT)));
      succeeded(await rig.deliver(rig.delete(importId)));
      expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    }
  });

  test('of the import says at once what protects its AMI, before it removes the image', async () => {
    const { imported, rig, importId } = await start();
    await rig.clients.ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: imported }));
    const outcome = await rig.deliver(rig.delete(importId));
    expect(outcome.seconds).toBe(0);
    expect(reasonOf(outcome)).toContain(`AMI ${imported} is protected from deregistration`);
    expect((await rig.cloud.remaining()).images).toHaveLength(1);
  });

  test('under an id that CloudFormation made up puts an imported AMI back, too', async () => {
    const { ami, imported } = await start();
    await ami.deliver(ami.create({ DeprecateAt: '2030-01-31T09:30:00Z' }));
    succeeded(await ami.deliver(ami.delete('S-GoldenAmi-1A2B3C', { DeprecateAt: '2030-01-31T09:30:00Z' })));
    expect((await ami.ami(imported))?.DeprecationTime).toBeUndefined();
  });

  test('under such an id leaves a copy alone that was retained long before', async () => {
    const { ami, rig } = await start();
    await ami.deliver(ami.create({ Name: 'golden' }));
    rig.clock.advance(4 * 3_600_000);
    succeeded(await ami.deliver(ami.delete('S-GoldenAmi-1A2B3C', { Name: 'golden' })));
    expect((await rig.cloud.state()).amis.map(({ Name }) => Name)).toContain('golden');
  });

  test('of a copy that a rollback only adopted leaves it alone, and ends at once', async () => {
    const { ami, rig } = await start();
    const { id } = succeeded(await ami.deliver(ami.create({ Name: 'golden' })));
    rig.clock.advance(24 * 3_600_000);
    const request = ami.delete(id, { Name: 'golden' });
    rig.stackResource.events = ([[0, 'UPDATE_IN_PROGRESS', 'stack'], [5, 'UPDATE_IN_PROGRESS', request.LogicalResourceId], [10, 'UPDATE_ROLLBACK_IN_PROGRESS', 'stack']] as const)
      .map(([seconds, status, logicalId]) => (
        { time: rig.clock.now() + seconds * 1_000, status, logicalId, physicalId: logicalId === 'stack' ? request.StackId : id }
      ));
    expect(succeeded(await ami.deliver(request)).seconds).toBeLessThan(60);
    expect((await rig.cloud.state()).amis.map(({ Name }) => Name)).toContain('golden');
  });

  test('that something holds up for too long fails within the hour, and says what', async () => {
    const { ami, rig } = await start();
    const { id } = succeeded(await ami.deliver(ami.create({ Name: 'golden' })));
    rig.cloud.addRule({ match: { action: 'DeleteSnapshot' }, effect: { kind: 'error', code: 'InvalidSnapshot.InUse', message: 'in use by a volume' } });
    const outcome = await ami.deliver(ami.delete(id, { Name: 'golden' }));
    expect([outcome.seconds, reasonOf(outcome)]).toEqual([3_000, expect.stringMatching(/^The AMI was not removed within 50 min; it was last waiting for: snapshot snap-\w+ is held: .*in use by a volume$/)]);
  });

  test('takes snapshots that a delete before it left', async () => {
    const { ami, rig } = await start();
    const { id, data } = succeeded(await ami.deliver(ami.create({ Name: 'golden' })));
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: data.AmiId }));
    succeeded(await ami.deliver(ami.delete(id, { Name: 'golden' })));
    expect((await rig.cloud.remaining()).snapshots).toHaveLength(1);
  });
});

async function start(settings: Parameters<typeof AmiRig.withImport>[0] = {}) {
  const ami = await AmiRig.withImport(settings);
  return { ami, rig: ami.rig, imported: ami.importedAmi, importId: ami.importId };
}
