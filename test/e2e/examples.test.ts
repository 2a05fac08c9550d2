import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeImagesCommand, EC2Client, Image } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { jsonCall, queryCall } from './aws-call';
import { DEPLOY_TIMEOUT_MS, startCloud } from './deployment';
import { ExampleApp } from './example-app';
import { importByHand } from './import-by-hand';
import { Inbox } from './inbox';
import { demoDisk } from '../../scripts/demo-disk';
import { descriptor, tar } from '../disk-images/archives';
import { recordedImage } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';
import type { LocalCloud } from '../local-cloud/local-cloud';

const IMAGE = 'arn:aws:imagebuilder:us-east-1:000000000000:image';
const VMDK = streamVmdk(demoDisk('an example'));
const OVA = tar([['rhel9.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', VMDK], ['rhel9-disk2.vmdk', VMDK]]);

/** What the buckets of the examples hold. */
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  'my-vm-exports': [
    'erp/system.vmdk', 'erp/data.vmdk', 'payroll.ova', 'web-1.0.0.ova', 'web-1.1.0.ova', 'frontend.ova', 'backend.ova',
    'golden-1.0.0.ova', 'golden-1.1.0.ova', 'fleet/crm.vmdk', 'fleet/wiki.vmdk',
  ],
  'their-vm-exports': ['handover/billing.ova'],
};

/** One account has all of them, two at a time: most of the time goes by in the CDK CLI, which looks at a stack now and then. */
describe('the examples, deployed by the CDK CLI as their READMEs say', () => {
  let cloud: LocalCloud;
  let task: string;
  const requestFor = (platformAndKey: RegExp) => cloud.emulator.calls({ action: 'ImportImage' })
    .find(({ parameters }) => platformAndKey.test(JSON.stringify(parameters)))?.parameters;

  beforeAll(async () => {
    cloud = await startCloud();
    for (const [bucket, keys] of Object.entries(OBJECTS)) {
      await cloud.s3.send(new CreateBucketCommand({ Bucket: bucket }));
      for (const key of keys) {
        await cloud.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: key.endsWith('.ova') ? OVA : VMDK }));
      }
    }
    task = await importByHand(cloud);
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  test('local-vmdk imports the very VMDK; windows-byol imports both disks with license and license configuration', async () => {
    const disk = join(cloud.folder, 'disk.vmdk');
    writeFileSync(disk, VMDK);
    const [local, windows] = [new ExampleApp(cloud, 'local-vmdk'), new ExampleApp(cloud, 'windows-byol')];
    const [localOutputs, windowsOutputs] = await Promise.all([local.deploy({ disk }), windows.deploy()]);

    expect(localOutputs).toEqual({ ImageArn: `${IMAGE}/appliance/1.0.0/1`, AmiId: expect.stringMatching(/^ami-/) });
    expect(windowsOutputs).toMatchObject({ ImageArn: `${IMAGE}/erp/1.0.0/1`, SnapshotIds: expect.stringMatching(/^snap-[0-9a-f]+,snap-[0-9a-f]+$/) });
    expect(requestFor(/erp\/system/)).toMatchObject({
      LicenseType: 'BYOL',
      LicenseSpecifications: [{ LicenseConfigurationArn: expect.stringMatching(/:license-configuration:lic-/) }],
      DiskContainers: [{ DeviceName: '/dev/sda1' }, { DeviceName: 'xvdb' }],
    });
    // The function looked at a disk before it asked EC2 to import it.
    const logs = [...(await cloud.functionLogs()).values()].flat();
    expect(logs).toContainEqual(expect.stringMatching(/"disk":"s3:\/\/my-vm-exports\/erp\/system\.vmdk","status":"VMDK \(streamOptimized\), \d+ bytes in \d+ reads/));
    await Promise.all([local.delete(), windows.delete()]);
  }, DEPLOY_TIMEOUT_MS);

  test('customer-key encrypts with the key of the stack; cross-account-bucket reads the other bucket', async () => {
    const [encrypted, handover] = [new ExampleApp(cloud, 'customer-key'), new ExampleApp(cloud, 'cross-account-bucket')];
    const [{ KeyArn, ImageArn }, { ImageArn: billing }] = await Promise.all([encrypted.deploy(), handover.deploy()]);

    expect([ImageArn, billing]).toEqual([`${IMAGE}/payroll/1.0.0/1`, `${IMAGE}/billing/1.0.0/1`]);
    expect(requestFor(/payroll/)).toMatchObject({ Encrypted: true, KmsKeyId: KeyArn });
    expect(requestFor(/their-vm-exports/)).toMatchObject({ DiskContainers: [{ UserBucket: { S3Key: 'handover/billing.ova' } }] });
    await Promise.all([encrypted.delete(), handover.delete()]);
  }, DEPLOY_TIMEOUT_MS);

  test('data-disk-snapshot copies the disk of a qcow2 into an encrypted snapshot, which goes with its stack', async () => {
    await cloud.s3.send(new PutObjectCommand({ Bucket: 'my-vm-exports', Key: 'data.qcow2', Body: recordedImage('gpt-uefi-qcow2') }));
    const example = new ExampleApp(cloud, 'data-disk-snapshot');
    const { SnapshotId, VolumeSize } = await example.deploy();

    expect(VolumeSize).toBe('1');
    const described = async () => (await cloud.emulator.state()).snapshots.find((snapshot) => snapshot.SnapshotId === SnapshotId);
    expect(await described()).toMatchObject({ State: 'completed', Encrypted: true, Description: 'The data of the old server' });
    await example.delete();
    expect(await described()).toBeUndefined();
  }, DEPLOY_TIMEOUT_MS);

  test('adopt-task and ebs-snapshot leave the task\'s AMI and the snapshot that they are made of', async () => {
    const [adopted, fromSnapshot] = [new ExampleApp(cloud, 'adopt-task'), new ExampleApp(cloud, 'ebs-snapshot')];
    const snapshot = cloud.emulator.giveSnapshot();
    const imported = cloud.emulator.calls({ action: 'ImportImage' }).length;
    const [{ AmiId, ImageArn: adoptedArn }, { ImageArn }] = await Promise.all([adopted.deploy({ task }), fromSnapshot.deploy({ snapshot })]);

    expect(cloud.emulator.calls({ action: 'ImportImage' })).toHaveLength(imported + 1);
    expect(adoptedArn).toBe(`${IMAGE}/adopted/1.0.0/1`);
    expect(ImageArn).toBe(`${IMAGE}/from-snapshot/1.0.0/1`);
    expect(requestFor(new RegExp(snapshot))).toMatchObject({ DiskContainers: [{ SnapshotId: snapshot }] });
    await Promise.all([adopted.delete(), fromSnapshot.delete()]);
    const { amis, snapshots } = await cloud.emulator.state();
    expect(amis.map(({ ImageId }) => ImageId)).toEqual([AmiId]);
    expect(snapshots.map(({ SnapshotId }) => SnapshotId)).toContain(snapshot);
  }, DEPLOY_TIMEOUT_MS);

  test('rolling-replacement gives the group a new version of the launch template with the new AMI, and the old AMI goes', async () => {
    const [rolling, shared] = [new ExampleApp(cloud, 'rolling-replacement'), new ExampleApp(cloud, 'shared-provider-in-vpc')];
    const [first, amis] = await Promise.all([rolling.deploy(), shared.deploy()]);
    expect(await groupOf(rolling)).toContain('<Version>1</Version>');
    const [second] = await Promise.all([rolling.deploy({ version: '1.1.0' }), shared.delete()]);

    expect(first.LaunchTemplateVersion).toBe('1');
    expect(second).toMatchObject({ ImageArn: `${IMAGE}/web/1.1.0/1`, LaunchTemplateVersion: '2' });
    expect(await groupOf(rolling)).toContain('<Version>2</Version>');
    const { amis: standing } = await cloud.emulator.remaining();
    expect(standing).toContain(second.AmiId);
    expect(standing).not.toContain(first.AmiId);
    expect(amis).toEqual({ frontendami: expect.stringMatching(/^ami-/), backendami: expect.stringMatching(/^ami-/) });
    await rolling.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('fleet and getting-started wait for a place in the quota; getting-started changes a tag in place', async () => {
    const disk = join(cloud.folder, 'disk.raw');
    writeFileSync(disk, demoDisk('an example'));
    const [fleet, starting] = [new ExampleApp(cloud, 'fleet'), new ExampleApp(cloud, 'getting-started')];
    const full = cloud.emulator.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const deploying = Promise.all([fleet.deploy({ machines: 'crm,wiki' }), starting.deploy({ disk })]);
    await refused(4);
    cloud.emulator.removeRule(full);
    const [amis, { ImageArn, AmiId }] = await deploying;

    expect(amis).toEqual({ crmami: expect.stringMatching(/^ami-/), wikiami: expect.stringMatching(/^ami-/) });
    expect(ImageArn).toBe(`${IMAGE}/golden/1.0.0/1`);
    const imported = cloud.emulator.calls({ action: 'ImportImage' }).length;
    expect(await starting.deploy({ disk, team: 'storage' })).toMatchObject({ AmiId });
    expect(cloud.emulator.calls({ action: 'ImportImage' })).toHaveLength(imported);
    expect((await amiOf(AmiId))?.Tags).toContainEqual({ Key: 'team', Value: 'storage' });
    await Promise.all([fleet.delete(), starting.destroy({ disk })]);
  }, DEPLOY_TIMEOUT_MS);

  test('published-ami gives the AMI its name, its accounts and IMDSv2, moves the parameter to the next one, and tells the topic', async () => {
    const published = new ExampleApp(cloud, 'published-ami');
    const first = await published.deploy({ accounts: '111122223333', protect: 'true' });
    expect(await amiOf(first.AmiId)).toMatchObject({ Name: 'golden-1.0.0', ImdsSupport: 'v2.0', DeregistrationProtection: 'enabled-without-cooldown' });
    expect(await parameterOf(first.ParameterName)).toBe(first.AmiId);

    const inbox = await Inbox.of(cloud, first.TopicArn ?? '');
    const second = await published.deploy({ accounts: '111122223333', version: '1.1.0', deprecateAt: '2028-01-31T00:00:00Z', deleteDisk: 'true' });
    expect(await amiOf(second.AmiId)).toMatchObject({ Name: 'golden-1.1.0', DeprecationTime: '2028-01-31T00:00:00.000Z' });
    expect(await parameterOf(first.ParameterName)).toBe(second.AmiId);
    expect(await amiOf(first.AmiId)).toBeUndefined();
    expect(await disksOf('golden-')).toEqual(['golden-1.0.0.ova']);
    expect(await inbox.events()).toMatchObject([
      { 'source': 'cdk-vm-import', 'detail-type': 'VM Import Succeeded', 'detail': { stackName: 'PublishedAmi', imageArn: `${IMAGE}/golden/1.1.0/1` } },
    ]);

    // A disk that is not there: the topic hears that, too, and what stood before stands.
    await expect(published.deploy({ version: '1.2.0' })).rejects.toThrow('golden-1.2.0.ova');
    expect(await inbox.events()).toMatchObject([
      { 'detail-type': 'VM Import Failed', 'detail': { stackName: 'PublishedAmi', id: expect.stringMatching(/^vm-import-/), reason: expect.stringContaining('golden-1.2.0.ova') } },
    ]);
    expect(await parameterOf(first.ParameterName)).toBe(second.AmiId);
    await published.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('nothing that any of them imported is left', async () => {
    const { amis, snapshots, ...others } = await cloud.emulator.remaining();
    expect(others).toEqual({ tasks: [], images: [], recipes: [] });
    // Those of the task that was run by hand.
    expect([amis.length, snapshots.length]).toEqual([1, 1]);
  });

  /** An AMI as EC2 describes it; none where it is gone. */
  async function amiOf(id = ''): Promise<Image | undefined> {
    const ec2 = new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Filters: [{ Name: 'image-id', Values: [id] }] }));
    ec2.destroy();
    return Images[0];
  }

  /** The disks in the bucket whose keys begin so. */
  async function disksOf(Prefix: string): Promise<readonly (string | undefined)[]> {
    const { Contents = [] } = await cloud.s3.send(new ListObjectsV2Command({ Bucket: 'my-vm-exports', Prefix }));
    return Contents.map(({ Key }) => Key);
  }

  /** The value of an SSM parameter. */
  async function parameterOf(name = ''): Promise<string> {
    const { Parameter } = await jsonCall(cloud, 'ssm', 'AmazonSSM.GetParameter', { Name: name }) as { readonly Parameter: { readonly Value: string } };
    return Parameter.Value;
  }

  /** Waits until the quota refused so many imports. */
  async function refused(times: number): Promise<void> {
    const count = () => cloud.emulator.calls({ action: 'ImportImage' })
      .filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode === 'ResourceLimitExceeded').length;
    while (count() < times) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The Auto Scaling group of an example, as Auto Scaling describes it. */
  async function groupOf({ stackName }: ExampleApp): Promise<string> {
    const groups = await queryCall(cloud, 'autoscaling', { Action: 'DescribeAutoScalingGroups', Version: '2011-01-01' });
    return groups.split('<AutoScalingGroupName>').find((group) => group.startsWith(`${stackName}-`)) ?? '';
  }
});
