import { DEPLOY_TIMEOUT_MS, Deployment, disk, NOTHING, startCloud } from './deployment';
import { AmiOptions, DeregistrationProtection } from '../../src';
import type { LocalCloud } from '../local-cloud/local-cloud';

/** EC2 counts in minutes, and takes at most two years for a public AMI. */
const IN_A_YEAR = new Date(Date.now() + 365 * 24 * 60 * 60 * 1000).toISOString().replace(/:\d\d\.\d+Z$/, ':00Z');

const ALL: AmiOptions = {
  name: 'golden-1.0.0',
  description: 'The golden image',
  launchPermissions: {
    accountIds: ['222233334444'],
    organizationArns: ['arn:aws:organizations::123456789012:organization/o-0123456789'],
    organizationalUnitArns: ['arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567'],
    publicAccess: true,
  },
  requireImdsv2: true,
  deprecateAt: IN_A_YEAR,
  deregistrationProtection: DeregistrationProtection.ENABLED,
  liftProtectionOnDelete: true,
};

let cloud: LocalCloud;
let diskPath: string;
const times = (action: string) => cloud.emulator.calls({ action }).length;
const amiOf = async (id: string | undefined) => (await cloud.emulator.state()).amis.find(({ ImageId }) => ImageId === id);

beforeAll(async () => {
  cloud = await startCloud(undefined, { blockPublicAccess: 'unblocked' });
  diskPath = disk(cloud, 'a');
}, DEPLOY_TIMEOUT_MS);

beforeEach(() => cloud.emulator.reset());

afterAll(async () => cloud.stop());

/** The steps follow one stack through its life, so they build on one another. */
test('the AMI of an import is named, shared and protected, changed in place, renamed, and gone with its stack, by the CDK CLI', async () => {
  const deployment = new Deployment(cloud, 'Named');
  const tags = { team: 'one' };

  // A name is a copy; the imported AMI stays beside it, because the image is made of it.
  const first = await deployment.outputs({ diskPath, ami: ALL, tags });
  const copy = await amiOf(first.AmiId);
  expect(copy).toMatchObject({
    Name: 'golden-1.0.0',
    Description: 'The golden image',
    ImdsSupport: 'v2.0',
    DeregistrationProtection: 'enabled-without-cooldown',
    DeprecationTime: expect.stringContaining(IN_A_YEAR.slice(0, -4)),
    Public: true,
    Tags: expect.arrayContaining([{ Key: 'team', Value: 'one' }]),
  });
  const others = [
    { UserId: '222233334444' },
    { OrganizationArn: 'arn:aws:organizations::123456789012:organization/o-0123456789' },
    { OrganizationalUnitArn: 'arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567' },
    { Group: 'all' },
  ];
  expect(copy?.launchPermissions).toHaveLength(others.length);
  expect(copy?.launchPermissions).toEqual(expect.arrayContaining(others));
  expect(copy?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.SnapshotId)).toEqual([first.SnapshotIds]);
  expect((await cloud.emulator.remaining()).amis).toHaveLength(2);

  // In place: neither import nor copy; what is taken out goes back to what EC2 made, but for IMDSv2.
  const second = await deployment.outputs({
    diskPath,
    tags: { team: 'two' },
    ami: { name: ALL.name, description: 'Changed', deregistrationProtection: DeregistrationProtection.ENABLED, liftProtectionOnDelete: true },
  });
  expect(second).toEqual(first);
  expect([times('ImportImage'), times('CopyImage')]).toEqual([1, 1]);
  const changed = await amiOf(first.AmiId);
  expect(changed).toMatchObject({ Description: 'Changed', launchPermissions: [], Public: false, ImdsSupport: 'v2.0' });
  expect(changed?.DeprecationTime).toBeUndefined();
  expect(changed?.Tags).toContainEqual({ Key: 'team', Value: 'two' });

  // A new name is a new copy, and no import; the former copy goes with its snapshots.
  const launchPermissions = { ...ALL.launchPermissions, publicAccess: false };
  const third = await deployment.outputs({ diskPath, ami: { ...ALL, launchPermissions, name: 'golden-1.0.1' }, tags });
  expect(third).toMatchObject({ ImageArn: first.ImageArn, ImportTaskId: first.ImportTaskId });
  expect([times('ImportImage'), times('CopyImage')]).toEqual([1, 2]);
  const renamed = await amiOf(third.AmiId);
  expect(renamed).toMatchObject({ Name: 'golden-1.0.1', launchPermissions: expect.arrayContaining([{ UserId: '222233334444' }]) });
  expect(renamed?.launchPermissions).not.toContainEqual({ Group: 'all' });
  const { amis, snapshots } = await cloud.emulator.remaining();
  expect(amis).toHaveLength(2);
  expect(amis).not.toContain(first.AmiId);
  expect(snapshots).not.toContain(first.SnapshotIds);

  await deployment.delete();
  expect(await cloud.emulator.remaining()).toEqual(NOTHING);
}, 2 * DEPLOY_TIMEOUT_MS);

// MiniStack goes on to delete the functions, so that lifting the protection and deleting again is for test/lambda/ami.
test('an AMI that is protected keeps its stack from being deleted, with all that was imported', async () => {
  const deployment = new Deployment(cloud, 'Protected');
  const ami = { deregistrationProtection: DeregistrationProtection.ENABLED };
  const { AmiId, ImageArn, SnapshotIds } = await deployment.outputs({ diskPath, ami });
  const all = { ...NOTHING, amis: [AmiId], images: [ImageArn], snapshots: [SnapshotIds] };

  await deployment.destroy({ diskPath });
  expect(await deployment.status()).toBe('DELETE_FAILED');
  const failed = (await deployment.events()).find(({ ResourceStatus, ResourceType }) => ResourceStatus === 'DELETE_FAILED' && ResourceType === 'Custom::VmImportAmi');
  expect(failed?.ResourceStatusReason).toContain(`AMI ${AmiId} is protected from deregistration`);
  expect(await cloud.emulator.remaining()).toEqual(all);
}, DEPLOY_TIMEOUT_MS);
