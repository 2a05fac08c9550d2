import { DeleteSnapshotCommand, DeregisterImageCommand, RegisterImageCommand } from '@aws-sdk/client-ec2';
import type { CloudFormationRequest, Properties } from '../../../lambda/cloudformation/requests';
import { reasonOf, succeeded } from '../outcome';
import { NOTHING_LEFT, Rig, type Outcome } from '../rig';
import { tagsOf } from '../tags-of';

/** Requests about an AMI that is registered from two snapshots. */
class Registrations {
  readonly rig = new Rig();
  readonly boot = this.rig.cloud.giveSnapshot();
  readonly data = this.rig.cloud.giveSnapshot({ VolumeSize: 20 });

  create(change: Properties = {}, registration: Properties = {}): CloudFormationRequest {
    return { ...this.rig.create(), LogicalResourceId: 'Ami', ResourceType: 'Custom::VmImportAmi', ResourceProperties: this.properties(change, registration) };
  }

  update(id: string, before: Properties, after: CloudFormationRequest): CloudFormationRequest {
    return { ...after, RequestType: 'Update', PhysicalResourceId: id, OldResourceProperties: before };
  }

  delete(id: string, change: Properties = {}): CloudFormationRequest {
    return { ...this.create(change), RequestType: 'Delete', PhysicalResourceId: id };
  }

  deliver(request: CloudFormationRequest): Promise<Outcome> {
    return this.rig.deliver(request);
  }

  async amis() {
    return (await this.rig.cloud.state()).amis;
  }

  properties(change: Properties = {}, registration: Properties = {}): Properties {
    return {
      Registration: {
        Architecture: 'arm64',
        BootMode: 'uefi',
        RootDeviceName: '/dev/xvda',
        EnaSupport: 'true',
        ImdsSupport: 'v2.0',
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', SnapshotId: this.boot, VolumeType: 'gp3' },
          { DeviceName: '/dev/sdf', SnapshotId: this.data, VolumeType: 'gp3' },
        ],
        ...registration,
      },
      Tags: { team: 'images' },
      ...change,
    };
  }
}

describe('registering an AMI', () => {
  test('creates one of the snapshots, named after the resource, and answers what it is', async () => {
    const requests = new Registrations();
    const { id, data, seconds } = succeeded(await requests.deliver(requests.create({ Description: 'as it is' })));
    const [ami] = await requests.amis();
    expect(data).toEqual({
      AmiId: ami?.ImageId, SnapshotIds: `${requests.boot},${requests.data}`, Architecture: 'arm64', BootMode: 'uefi', RootDeviceName: '/dev/xvda',
    });
    expect(ami).toMatchObject({
      Name: id,
      Description: 'as it is',
      Architecture: 'arm64',
      BootMode: 'uefi',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      ImdsSupport: 'v2.0',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { SnapshotId: requests.boot, VolumeType: 'gp3', DeleteOnTermination: true, VolumeSize: 8 } },
        { DeviceName: '/dev/sdf', Ebs: { SnapshotId: requests.data, VolumeType: 'gp3', DeleteOnTermination: true, VolumeSize: 20 } },
      ],
    });
    expect(tagsOf(ami?.Tags)).toEqual({ 'team': 'images', 'cdk-vm-import:id': id });
    expect(seconds).toBe(30);
  });

  test('leaves out what nobody determines', async () => {
    const requests = new Registrations();
    const { data } = succeeded(await requests.deliver(requests.create({}, { Architecture: 'x86_64', BootMode: '', EnaSupport: 'false', ImdsSupport: undefined })));
    expect(data).toMatchObject({ Architecture: 'x86_64', BootMode: '' });
    const { parameters } = requests.rig.cloud.calls({ action: 'RegisterImage' })[0] ?? {};
    expect(Object.keys(parameters ?? {}).sort()).toEqual([
      'Architecture', 'BlockDeviceMappings', 'EnaSupport', 'Name', 'RootDeviceName', 'TagSpecifications', 'VirtualizationType',
    ]);
    expect(parameters).toMatchObject({ EnaSupport: false });
  });

  test('sets a TPM, UEFI data and a name', async () => {
    const requests = new Registrations();
    succeeded(await requests.deliver(requests.create({ Name: 'golden' }, { Architecture: 'x86_64', TpmSupport: 'v2.0', UefiData: 'AAAA' })));
    expect(await requests.amis()).toMatchObject([{ Name: 'golden', TpmSupport: 'v2.0' }]);
    expect(requests.rig.cloud.calls({ action: 'RegisterImage' })[0]?.parameters).toMatchObject({ UefiData: 'AAAA' });
  });

  test('shares, deprecates and protects it', async () => {
    const requests = new Registrations();
    succeeded(await requests.deliver(requests.create({
      LaunchPermissions: { UserIds: ['222233334444'] }, DeprecateAt: '2030-01-31T09:30:00Z', DeregistrationProtection: 'enabled-without-cooldown',
    })));
    expect(await requests.amis()).toMatchObject([{
      launchPermissions: [{ UserId: '222233334444' }], DeprecationTime: '2030-01-31T09:30:00.000Z', DeregistrationProtection: 'enabled-without-cooldown',
    }]);
  });

  test.each<[string, Properties, string]>([
    ['an architecture', { Architecture: 'i386' }, 'The AMI cannot be registered with the Architecture i386: use one of x86_64, arm64.'],
    ['a boot mode', { BootMode: 'bios' }, 'The AMI cannot be registered with the BootMode bios: use one of legacy-bios, uefi, uefi-preferred.'],
    ['a volume type', { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', SnapshotId: 'snap-1', VolumeType: 'io1' }] }, 'The AMI cannot be registered with the VolumeType io1: use one of gp3, gp2, standard.'],
  ])('refuses %s that EC2 does not have', async (_what, registration, sentence) => {
    const requests = new Registrations();
    await expect(requests.deliver(requests.create({}, registration))).rejects.toThrow(sentence);
  });

  test('registers one AMI if EC2 does not list the first one yet', async () => {
    const requests = new Registrations();
    requests.rig.cloud.addRule({ match: { action: 'DescribeImages' }, effect: { kind: 'invisible', of: ['ami'], listMs: 90_000 } });
    const { id } = succeeded(await requests.deliver(requests.create()));
    expect(await requests.amis()).toMatchObject([{ Name: id }]);
    expect(requests.rig.count('RegisterImage')).toBe(3);
    expect(requests.rig.logs).toContainEqual(expect.objectContaining({ status: `EC2 to free the AMI name ${id}` }));
  });

  test('waits for its own AMI if EC2 lists it by its name, but not by its tag', async () => {
    const requests = new Registrations();
    const request = await requests.rig.begin(requests.create({ Name: 'golden' }));
    requests.rig.clock.advance(30_000);
    requests.rig.cloud.addRule({ match: { action: 'DescribeImages', call: 1 }, effect: { kind: 'invisible', of: ['ami'], listMs: 90_000 } });
    expect(await requests.rig.pass(request)).toEqual({ IsComplete: false });
    const [ami] = await requests.amis();
    expect(requests.rig.logs.at(-1)).toMatchObject({ status: `EC2 to list AMI ${ami?.ImageId}` });
    expect(await requests.rig.pass(request)).toMatchObject({ IsComplete: true, Data: { AmiId: ami?.ImageId } });
  });

  test('fails if another AMI has the name', async () => {
    const requests = new Registrations();
    const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: requests.boot } }];
    const { ImageId } = await requests.rig.clients.ec2.send(new RegisterImageCommand({ Name: 'golden', RootDeviceName: '/dev/xvda', BlockDeviceMappings }));
    expect(reasonOf(await requests.deliver(requests.create({ Name: 'golden' })))).toBe(
      `The AMI name "golden" is in use by ${ImageId}, and AMI names are unique in an account and Region. Use another name for the AMI, for example one that contains the version.`,
    );
  });

  test('waits a minute for a snapshot that EC2 does not find', async () => {
    const requests = new Registrations();
    await requests.rig.clients.ec2.send(new DeleteSnapshotCommand({ SnapshotId: requests.data }));
    const outcome = await requests.deliver(requests.create());
    expect(reasonOf(outcome)).toMatch(/snap-\w+.* Set or change "revision" of the VmImportAmi to import its disks again\.$/);
    expect(outcome.seconds).toBe(60);
  });

  test('fails with the words of EC2 if EC2 refuses', async () => {
    const requests = new Registrations();
    expect(reasonOf(await requests.deliver(requests.create({}, { BootMode: 'legacy-bios' })))).toMatch(/InvalidParameterCombination: The boot mode legacy-bios/);
  });
});

describe('updating a registered AMI', () => {
  test('changes tags, description, permissions, deprecation and protection in place', async () => {
    const requests = new Registrations();
    const before = requests.create({ Description: 'a', LaunchPermissions: { UserIds: ['222233334444'] }, DeregistrationProtection: 'enabled-without-cooldown' });
    const { id } = succeeded(await requests.deliver(before));
    const after = requests.create({ Description: 'b', DeprecateAt: '2030-01-31T09:30:00Z', Tags: { owner: 'ops' } });
    expect(succeeded(await requests.deliver(requests.update(id, before.ResourceProperties, after))).id).toBe(id);
    const amis = await requests.amis();
    expect(amis).toMatchObject([{ Description: 'b', launchPermissions: [], DeprecationTime: '2030-01-31T09:30:00.000Z', DeregistrationProtection: 'disabled' }]);
    expect(tagsOf(amis[0]?.Tags)).toEqual({ 'owner': 'ops', 'cdk-vm-import:id': id });
    expect(requests.rig.count('RegisterImage')).toBe(1);
  });

  test('keeps a description that the app no longer sets, because EC2 has none of its own to go back to', async () => {
    const requests = new Registrations();
    const before = requests.create({ Description: 'a' });
    const { id } = succeeded(await requests.deliver(before));
    const changed = requests.create({ Description: 'b' });
    succeeded(await requests.deliver(requests.update(id, before.ResourceProperties, changed)));
    succeeded(await requests.deliver(requests.update(id, changed.ResourceProperties, requests.create())));
    expect(await requests.amis()).toMatchObject([{ Description: 'b' }]);
  });

  test.each<[string, Properties, Properties]>([
    ['another boot mode', {}, { BootMode: '' }], ['IMDSv1', {}, { ImdsSupport: undefined }], ['a name', { Name: 'golden' }, {}],
  ])('to %s registers another one, and a rollback returns to the first', async (_what, change, registration) => {
    const requests = new Registrations();
    const before = requests.create();
    const first = succeeded(await requests.deliver(before));
    const after = requests.create(change, registration);
    const second = succeeded(await requests.deliver(requests.update(first.id, before.ResourceProperties, after)));
    expect([second.id === first.id, second.data.AmiId === first.data.AmiId]).toEqual([false, false]);
    const back = succeeded(await requests.deliver(requests.update(second.id, after.ResourceProperties, requests.create())));
    expect([back.id, back.data.AmiId]).toEqual([first.id, first.data.AmiId]);
    expect(await requests.amis()).toHaveLength(2);
  });

  test('fails if somebody deregistered it', async () => {
    const requests = new Registrations();
    const before = requests.create();
    const { id, data } = succeeded(await requests.deliver(before));
    await requests.rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: data.AmiId }));
    expect(reasonOf(await requests.deliver(requests.update(id, before.ResourceProperties, requests.create({ Description: 'b' }))))).toBe(
      'The AMI no longer exists. Set or change "revision" of the VmImportAmi to import its disks again.',
    );
  });

  test('without an answer leaves nothing after its rollback', async () => {
    const requests = new Registrations();
    const before = requests.create();
    const { id } = succeeded(await requests.deliver(before));
    const after = requests.create({ Name: 'golden' });
    requests.rig.stackResource.status = 'UPDATE_IN_PROGRESS';
    await requests.rig.begin(requests.update(id, before.ResourceProperties, after));
    expect(await requests.amis()).toHaveLength(2);
    succeeded(await requests.deliver(requests.update(id, after.ResourceProperties, requests.create())));
    expect(await requests.amis()).toMatchObject([{ Name: id }]);
  });
});

describe('deleting a registered AMI', () => {
  test('deregisters it at once, and leaves its snapshots to their own resources', async () => {
    const requests = new Registrations();
    const { id } = succeeded(await requests.deliver(requests.create()));
    expect(succeeded(await requests.deliver(requests.delete(id))).seconds).toBe(0);
    expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    expect((await requests.rig.cloud.state()).snapshots).toHaveLength(2);
  });

  test('finds it under a name that CloudFormation made up', async () => {
    const requests = new Registrations();
    await requests.rig.begin(requests.create());
    succeeded(await requests.deliver(requests.delete('stack-Ami-1A2B3C')));
    expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('fails while it is protected, unless the protection is to be lifted', async () => {
    const requests = new Registrations();
    const protection = { DeregistrationProtection: 'enabled-without-cooldown' };
    const { id, data } = succeeded(await requests.deliver(requests.create(protection)));
    expect(reasonOf(await requests.deliver(requests.delete(id, protection)))).toContain(`AMI ${data.AmiId} is protected from deregistration`);
    succeeded(await requests.deliver(requests.delete(id, { ...protection, LiftProtection: 'true' })));
    expect(await requests.rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});

describe('the end of an import as an AMI', () => {
  const ASKED = { Events: 'FedoraAmi' };

  test('is announced with the AMI, and not again by an update in place', async () => {
    const requests = new Registrations();
    const { id, data } = succeeded(await requests.deliver(requests.create(ASKED)));
    const { StackId } = requests.create();
    const stack = { stackId: StackId, stackName: StackId.split('/')[1] };
    succeeded(await requests.deliver(requests.update(id, requests.properties(ASKED), requests.create({ ...ASKED, Tags: { a: 'b' } }))));
    expect(requests.rig.eventBus.events).toStrictEqual([
      { Source: 'cdk-vm-import', DetailType: 'VM Import Succeeded', Detail: { id, ...stack, logicalId: 'FedoraAmi', amiId: data.AmiId } },
    ]);
  });

  test('is announced with the reason of a failure', async () => {
    const requests = new Registrations();
    reasonOf(await requests.deliver(requests.create(ASKED, { BootMode: 'legacy-bios' })));
    expect(requests.rig.eventBus.events).toMatchObject([{ DetailType: 'VM Import Failed', Detail: { logicalId: 'FedoraAmi', reason: expect.stringContaining('legacy-bios') } }]);
  });

  test('is not announced by a request that nobody listens to, or by a delete', async () => {
    const requests = new Registrations();
    const { id } = succeeded(await requests.deliver(requests.create()));
    succeeded(await requests.deliver(requests.delete(id, ASKED)));
    expect(requests.rig.eventBus.events).toEqual([]);
  });
});
