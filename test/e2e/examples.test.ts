import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DEPLOY_TIMEOUT_MS, startCloud } from './deployment';
import { ExampleApp } from './example-app';
import { importByHand } from './import-by-hand';
import { demoDisk } from '../../scripts/demo-disk';
import { descriptor, tar } from '../disk-image/archives';
import { streamVmdk } from '../disk-image/stream-vmdk';
import type { LocalCloud } from '../local-cloud/local-cloud';

const IMAGE = 'arn:aws:imagebuilder:us-east-1:000000000000:image';
const VMDK = streamVmdk(demoDisk('an example'));
const OVA = tar([['rhel9.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', VMDK], ['rhel9-disk2.vmdk', VMDK]]);

/** What the buckets of the examples hold. */
const OBJECTS: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
  'my-vm-exports': {
    'erp/system.vmdk': VMDK, 'erp/data.vmdk': VMDK, 'payroll.ova': OVA, 'web-1.0.0.ova': OVA, 'web-1.1.0.ova': OVA, 'frontend.ova': OVA, 'backend.ova': OVA,
  },
  'their-vm-exports': { 'handover/billing.ova': OVA },
};

/** One account has all of them, two at a time: most of the time goes by in the CDK CLI, which looks at a stack now and then. */
describe('the examples, deployed by the CDK CLI as their READMEs say', () => {
  let cloud: LocalCloud;
  let task: string;
  const requestFor = (platformAndKey: RegExp) => cloud.emulator.calls({ action: 'ImportImage' })
    .find(({ parameters }) => platformAndKey.test(JSON.stringify(parameters)))?.parameters;

  beforeAll(async () => {
    cloud = await startCloud();
    for (const [bucket, objects] of Object.entries(OBJECTS)) {
      await cloud.s3.send(new CreateBucketCommand({ Bucket: bucket }));
      for (const [key, body] of Object.entries(objects)) {
        await cloud.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
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
    await Promise.all([local.destroy({ disk }), windows.destroy()]);
  }, DEPLOY_TIMEOUT_MS);

  test('customer-key encrypts with the key of the stack; cross-account-bucket reads the other bucket', async () => {
    const [encrypted, handover] = [new ExampleApp(cloud, 'customer-key'), new ExampleApp(cloud, 'cross-account-bucket')];
    const [{ KeyArn, ImageArn }, { ImageArn: billing }] = await Promise.all([encrypted.deploy(), handover.deploy()]);

    expect([ImageArn, billing]).toEqual([`${IMAGE}/payroll/1.0.0/1`, `${IMAGE}/billing/1.0.0/1`]);
    expect(requestFor(/payroll/)).toMatchObject({ Encrypted: true, KmsKeyId: KeyArn });
    expect(requestFor(/their-vm-exports/)).toMatchObject({ DiskContainers: [{ UserBucket: { S3Key: 'handover/billing.ova' } }] });
    await Promise.all([encrypted.destroy(), handover.destroy()]);
  }, DEPLOY_TIMEOUT_MS);

  test('adopt-task and ebs-snapshot leave the task\'s AMI and the snapshot that they are made of', async () => {
    const [adopted, fromSnapshot] = [new ExampleApp(cloud, 'adopt-task'), new ExampleApp(cloud, 'ebs-snapshot')];
    const snapshot = cloud.emulator.giveSnapshot();
    const [{ AmiId }, { ImageArn }] = await Promise.all([adopted.deploy({ task }), fromSnapshot.deploy({ snapshot })]);

    expect(ImageArn).toBe(`${IMAGE}/from-snapshot/1.0.0/1`);
    expect(requestFor(new RegExp(snapshot))).toMatchObject({ DiskContainers: [{ SnapshotId: snapshot }] });
    await Promise.all([adopted.destroy({ task }), fromSnapshot.destroy({ snapshot })]);
    const { amis, snapshots } = await cloud.emulator.state();
    expect(amis.map(({ ImageId }) => ImageId)).toEqual([AmiId]);
    expect(snapshots.map(({ SnapshotId }) => SnapshotId)).toContain(snapshot);
  }, DEPLOY_TIMEOUT_MS);

  test('rolling-replacement gives the group a new version of the launch template with the new AMI, and the old AMI goes', async () => {
    const [rolling, shared] = [new ExampleApp(cloud, 'rolling-replacement'), new ExampleApp(cloud, 'shared-provider-in-vpc')];
    const [first, amis] = await Promise.all([rolling.deploy(), shared.deploy()]);
    expect(await groupOf(rolling)).toContain('<Version>1</Version>');
    const [second] = await Promise.all([rolling.deploy({ version: '1.1.0' }), shared.destroy()]);

    expect(first.LaunchTemplateVersion).toBe('1');
    expect(second).toMatchObject({ ImageArn: `${IMAGE}/web/1.1.0/1`, LaunchTemplateVersion: '2' });
    expect(await groupOf(rolling)).toContain('<Version>2</Version>');
    const { amis: standing } = await cloud.emulator.remaining();
    expect(standing).toContain(second.AmiId);
    expect(standing).not.toContain(first.AmiId);
    expect(amis).toEqual({ frontendami: expect.stringMatching(/^ami-/), backendami: expect.stringMatching(/^ami-/) });
    await rolling.destroy({ version: '1.1.0' });
  }, DEPLOY_TIMEOUT_MS);

  test('nothing that any of them imported is left', async () => {
    const { amis, snapshots, ...others } = await cloud.emulator.remaining();
    expect(others).toEqual({ tasks: [], images: [], recipes: [] });
    // Those of the task that was run by hand.
    expect([amis.length, snapshots.length]).toEqual([1, 1]);
  });

  /** The Auto Scaling group of an example, as Auto Scaling describes it. */
  async function groupOf({ stackName }: ExampleApp): Promise<string> {
    const { endpoint, region } = cloud.clientConfig();
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/autoscaling/aws4_request, SignedHeaders=host, Signature=0`;
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=DescribeAutoScalingGroups&Version=2011-01-01',
      signal: AbortSignal.timeout(10_000),
    });
    return (await answer.text()).split('<AutoScalingGroupName>').find((group) => group.startsWith(`${stackName}-`)) ?? '';
  }
});
