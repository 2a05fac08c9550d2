import { EC2Client, RegisterImageCommand } from '@aws-sdk/client-ec2';
import { disksNamed } from '../snapshot/copied-disks';
import { machineTemplate, StackRig } from '../stack-rig';

const TEMPLATE = machineTemplate({ bootKey: 'boot.raw', dataKey: 'data.raw', name: 'golden', team: 'a' });

/** Registers an AMI with the name, as somebody else does. */
async function takeName({ cloud }: StackRig): Promise<string | undefined> {
  const ec2 = new EC2Client({ region: 'eu-west-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, requestHandler: cloud.requestHandler() });
  const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: cloud.giveSnapshot() } }];
  return (await ec2.send(new RegisterImageCommand({ Name: 'golden', RootDeviceName: '/dev/xvda', BlockDeviceMappings }))).ImageId;
}

describe('the name of an AMI of copied disks', () => {
  test('that is taken before the deployment fails it before a disk is copied', async () => {
    const rig = new StackRig({ s3: disksNamed('boot.raw', 'data.raw') });
    const holder = await takeName(rig);
    await rig.clock.pause(60_000);
    const { status, events } = await rig.driver.createStack('S', TEMPLATE);
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(events.map(({ reason }) => reason).join()).toContain(`The AMI name "golden" is in use by ${holder}`);
    expect(rig.cloud.calls({ action: 'StartSnapshot' })).toEqual([]);
  });

  test('that is taken while the disks are copied fails the deployment, and the rollback leaves what was there', async () => {
    const rig = new StackRig({ s3: disksNamed('boot.raw', 'data.raw') });
    const creating = rig.driver.createStack('S', TEMPLATE);
    await rig.clock.pause(45_000);
    const holder = await takeName(rig);
    const { status, events } = await creating;
    await rig.driver.settled();
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(events.find(({ logicalId, status: each }) => logicalId === 'Machine' && each === 'CREATE_FAILED')?.reason).toContain(
      `The AMI name "golden" is in use by ${holder}, and AMI names are unique in an account and Region. Use another name for the AMI`,
    );
    const { amis, snapshots } = await rig.cloud.state();
    expect(amis.map(({ ImageId }) => ImageId)).toEqual([holder]);
    // The snapshot of the other AMI is all that is left.
    expect(snapshots).toHaveLength(1);
  });
});
