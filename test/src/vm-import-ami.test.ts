import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnParameter, Duration, RemovalPolicy, Size, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events_targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { KEY_ARN } from './an-import';
import { errorOf } from './error-of';
import { Architecture, BootMode, DeregistrationProtection, DiskContainer, DiskContainerOptions, Platform } from '../../src';
import { VmImportAmi, VmImportAmiProps } from '../../src/vm-import-ami';

const env = { account: '111122223333', region: 'eu-west-1' };
const newStack = () => new Stack(new App(), 'Stack', { env });

/** A disk in a bucket. */
function disk(stack: Stack, key: string, options: DiskContainerOptions = {}): DiskContainer {
  const bucket = stack.node.tryFindChild('Bucket') as s3.IBucket | undefined;
  return DiskContainer.fromBucket(bucket ?? s3.Bucket.fromBucketName(stack, 'Bucket', 'disks'), key, options);
}

function anAmi(stack: Stack, props: Partial<VmImportAmiProps> = {}): VmImportAmi {
  return new VmImportAmi(stack, 'Fedora', { diskContainers: [disk(stack, 'fedora.qcow2')], ...props });
}

interface Resource {
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: unknown;
}

function resourcesOf(stack: Stack, type: string): [id: string, resource: Resource][] {
  return Object.entries(Template.fromStack(stack).findResources(type)) as [string, Resource][];
}

/** The properties of the custom resource that registers the AMI. */
function amiWith(props: (stack: Stack) => Partial<VmImportAmiProps> = () => ({})): Record<string, unknown> {
  const stack = newStack();
  anAmi(stack, props(stack));
  return resourcesOf(stack, 'Custom::VmImportAmi')[0]?.[1].Properties ?? {};
}

/** The properties of the custom resources that copy the disks, the boot disk first. */
function disksWith(props: (stack: Stack) => Partial<VmImportAmiProps> = () => ({})): Record<string, unknown>[] {
  const stack = newStack();
  anAmi(stack, props(stack));
  return resourcesOf(stack, 'Custom::VmImportSnapshot').map(([, { Properties }]) => Properties);
}

const attribute = (idPattern: RegExp, name: string) => ({ 'Fn::GetAtt': [expect.stringMatching(idPattern), name] });
const SHARED = { accountIds: ['222233334444'] };

describe('the AMI', () => {
  test('has defaults that boot, from the disk where it decides', () => {
    expect(amiWith()).toStrictEqual({
      ServiceToken: attribute(/^VmImportProviderFramework/, 'Arn'),
      ServiceTimeout: '3600',
      Registration: {
        Architecture: attribute(/^FedoraBootDisk/, 'Architecture'),
        BootMode: attribute(/^FedoraBootDisk/, 'BootMode'),
        RootDeviceName: '/dev/xvda',
        EnaSupport: true,
        ImdsSupport: 'v2.0',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', SnapshotId: attribute(/^FedoraBootDisk/, 'SnapshotId'), VolumeType: 'gp3' }],
      },
    });
  });

  test('has every option', () => {
    expect(amiWith((stack) => ({
      amiName: 'fedora-1',
      deprecateAt: '2027-01-31T09:30:00Z',
      deregistrationProtection: DeregistrationProtection.ENABLED,
      description: 'as it is',
      enaSupport: false,
      imdsv2: false,
      launchPermissions: SHARED,
      liftProtectionOnDelete: true,
      rootDeviceName: '/dev/sda1',
      tags: { team: 'images' },
      tpm: true,
      uefiData: new CfnParameter(stack, 'Uefi').valueAsString,
      volumeType: ec2.EbsDeviceVolumeType.GP2,
    }))).toStrictEqual({
      ServiceToken: expect.anything(),
      ServiceTimeout: '3600',
      Registration: {
        Architecture: expect.anything(),
        BootMode: expect.anything(),
        RootDeviceName: '/dev/sda1',
        EnaSupport: false,
        TpmSupport: 'v2.0',
        UefiData: { Ref: 'Uefi' },
        BlockDeviceMappings: [{ DeviceName: '/dev/sda1', SnapshotId: expect.anything(), VolumeType: 'gp2' }],
      },
      Name: 'fedora-1',
      Description: 'as it is',
      LaunchPermissions: { UserIds: ['222233334444'] },
      DeprecateAt: '2027-01-31T09:30:00Z',
      DeregistrationProtection: 'enabled-without-cooldown',
      LiftProtection: true,
      Tags: { team: 'images' },
    });
  });

  test.each([[{ tpm: false }, 'TpmSupport'], [{ imdsv2: false }, 'ImdsSupport']])('with %j has no %s', (props, name) => {
    expect(amiWith(() => props).Registration).not.toHaveProperty(name);
  });

  test('of a Windows disk boots from /dev/sda1', () => {
    expect(amiWith(() => ({ platform: Platform.WINDOWS })).Registration).toMatchObject({ RootDeviceName: '/dev/sda1' });
  });

  test('maps data disks to the device names that they have, and to free ones from /dev/sdf', () => {
    const { Registration } = amiWith((stack) => ({
      diskContainers: [
        disk(stack, 'boot.raw', { deviceName: '/dev/sda1' }), disk(stack, 'a.vmdk'), disk(stack, 'b.raw', { deviceName: '/dev/sdg' }), disk(stack, 'c.vhd'),
      ],
    }));
    expect(Registration).toMatchObject({
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', SnapshotId: attribute(/BootDisk/, 'SnapshotId') }, { DeviceName: '/dev/sdf', SnapshotId: attribute(/DataDisk1/, 'SnapshotId') },
        { DeviceName: '/dev/sdg', SnapshotId: attribute(/DataDisk2/, 'SnapshotId') }, { DeviceName: '/dev/sdh', SnapshotId: attribute(/DataDisk3/, 'SnapshotId') },
      ],
    });
  });

  test('depends on the permissions to register it', () => {
    const stack = newStack();
    anAmi(stack);
    expect(resourcesOf(stack, 'Custom::VmImportAmi')[0]?.[1].DependsOn).toStrictEqual([expect.stringMatching(/^VmImportProviderAmiPermissions/)]);
  });

  test('has attributes of its own resource, and the snapshots in the order of the disks', () => {
    const stack = newStack();
    const ami = anAmi(stack, { diskContainers: [disk(stack, 'boot.raw'), disk(stack, 'data.raw')] });
    const own = (name: string) => attribute(/^FedoraAmi/, name);
    expect(stack.resolve([ami.amiId, ami.architecture, ami.bootMode, ami.rootDeviceName])).toStrictEqual(['AmiId', 'Architecture', 'BootMode', 'RootDeviceName'].map(own));
    expect(stack.resolve(ami.snapshotIds)).toStrictEqual([attribute(/^FedoraBootDisk/, 'SnapshotId'), attribute(/^FedoraDataDisk1/, 'SnapshotId')]);
    expect(ami.platform).toBe('Linux');
  });
});

describe('the disks', () => {
  test('are copied with the options of the AMI, and the first is checked for booting', () => {
    const copy = {
      AmiName: 'fedora-1', CopiedContent: expect.any(String), KmsKeyArn: KEY_ARN, Encrypted: true, Preflight: false, Revision: '2', Tags: { team: 'images' }, Timeout: 600,
    };
    expect(disksWith((stack) => ({
      amiName: 'fedora-1',
      architecture: Architecture.ARM64,
      bootMode: BootMode.UEFI,
      description: 'as it is',
      diskContainers: [disk(stack, 'boot.raw'), disk(stack, 'data.ova', { description: 'data', ovaDisk: 1 })],
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN),
      preflight: false,
      revision: '2',
      tags: { team: 'images' },
      timeout: Duration.minutes(10),
      volumeSize: Size.gibibytes(20),
    }))).toStrictEqual([
      {
        ...copy,
        ServiceToken: expect.anything(),
        ServiceTimeout: '3600',
        StateMachineArn: expect.anything(),
        Disk: { S3Bucket: 'disks', S3Key: 'boot.raw', Format: 'RAW' },
        Boot: { Required: true, Architecture: 'arm64', BootMode: 'uefi' },
        VolumeSize: 20,
      },
      {
        ...copy,
        ServiceToken: expect.anything(),
        ServiceTimeout: '3600',
        StateMachineArn: expect.anything(),
        Disk: { S3Bucket: 'disks', S3Key: 'data.ova', Format: 'OVA', OvaDisk: 1 },
        Description: 'data',
      },
    ]);
  });

  test('are copied again where the diff says so: the boot disk for another boot mode, but not the data disk', () => {
    const [bios, uefi] = [BootMode.LEGACY_BIOS, BootMode.UEFI].map((bootMode) => disksWith((stack) => ({
      bootMode, diskContainers: [disk(stack, 'boot.raw'), disk(stack, 'data.raw')],
    })).map(({ CopiedContent }) => CopiedContent));
    expect(uefi?.[0]).not.toBe(bios?.[0]);
    expect(uefi?.[1]).toBe(bios?.[1]);
  });

  test.each([[{}, { Required: true }], [{ tpm: true }, { Required: true, BootMode: 'uefi' }], [{ uefiData: 'AAAA' }, { Required: true, BootMode: 'uefi' }],
    [{ uefiData: 'AAAA', bootMode: BootMode.UEFI_PREFERRED }, { Required: true, BootMode: 'uefi-preferred' }]])('with %j must boot as %j', (props, boot) => {
    expect(disksWith(() => props)[0]?.Boot).toStrictEqual(boot);
  });

  test('can have holes', () => {
    expect(disksWith(() => ({ omitUnallocatedBlocks: true }))).toMatchObject([{ OmitUnallocatedBlocks: true }]);
  });

  test('get the tags of Tags.of(), as the AMI does', () => {
    const stack = newStack();
    Tags.of(anAmi(stack, { tags: { a: '1' } })).add('b', '2');
    const all = ['Custom::VmImportAmi', 'Custom::VmImportSnapshot'].flatMap((type) => resourcesOf(stack, type).map(([, { Properties }]) => Properties.Tags));
    expect(all).toStrictEqual([{ a: '1', b: '2' }, { a: '1', b: '2' }]);
  });

  test('from a local file are looked at for how they boot', () => {
    const folder = mkdtempSync(join(tmpdir(), 'disk-'));
    try {
      writeFileSync(join(folder, 'boot.raw'), Buffer.alloc(1_048_576));
      const container = () => ({ diskContainers: [DiskContainer.fromAsset(join(folder, 'boot.raw'))] });
      expect(errorOf(() => amiWith(container))).toMatch(/has no partition table.*\(preflight: false imports it all the same\.\)/);
      expect(disksWith(() => ({ ...container(), preflight: false }))).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the removal policy', () => {
  test.each([
    [undefined, 'Delete', 'Delete'], [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
    [RemovalPolicy.RETAIN, 'RetainExceptOnCreate', 'Retain'], [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', 'Retain'],
  ])('%s of the AMI and its snapshots deletes with %s and replaces with %s', (removalPolicy, DeletionPolicy, UpdateReplacePolicy) => {
    const stack = newStack();
    anAmi(stack, { removalPolicy });
    for (const type of ['Custom::VmImportAmi', 'Custom::VmImportSnapshot']) {
      expect(resourcesOf(stack, type)[0]?.[1]).toMatchObject({ DeletionPolicy, UpdateReplacePolicy });
    }
  });

  test('cannot be SNAPSHOT', () => {
    expect(errorOf(() => amiWith(() => ({ removalPolicy: RemovalPolicy.SNAPSHOT })))).toMatch(/^ValidationError: removalPolicy is "snapshot": use DESTROY or RETAIN\./);
  });
});

describe('permissions', () => {
  const statementsWith = (): readonly { readonly Action: unknown; readonly Resource: unknown; readonly Condition: unknown }[] => {
    const stack = newStack();
    anAmi(stack);
    const [policy] = resourcesOf(stack, 'AWS::IAM::ManagedPolicy').filter(([id]) => id.startsWith('VmImportProviderAmiPermissions'));
    return (policy?.[1].Properties.PolicyDocument as { Statement: [] } | undefined)?.Statement ?? [];
  };
  const ours = (key: string) => ({ [`aws:${key}/cdk-vm-import:id`]: expect.anything() });

  test('register an AMI of snapshots of this stack only', () => {
    const [image, snapshot] = ['image', 'snapshot'].map((resource) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ec2:eu-west-1::${resource}/*`]] }));
    expect(statementsWith().slice(1)).toStrictEqual([
      { Action: 'ec2:RegisterImage', Effect: 'Allow', Resource: image, Condition: { StringLikeIfExists: ours('RequestTag') } },
      { Action: 'ec2:RegisterImage', Effect: 'Allow', Resource: snapshot, Condition: { StringLike: ours('ResourceTag') } },
      {
        Action: 'ec2:CreateTags', Effect: 'Allow', Resource: image, Condition: { StringLike: ours('RequestTag'), StringEquals: { 'ec2:CreateAction': 'RegisterImage' } },
      },
    ]);
  });

  test('copy no AMI, and pass no role', () => {
    const stack = newStack();
    anAmi(stack);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/ec2:CopyImage|iam:PassRole|imagebuilder:ImportVmImage/);
  });
});

describe('the AMI in use', () => {
  const vpcOf = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { natGateways: 0, maxAzs: 1 });
  const amiId = attribute(/^FedoraAmi/, 'AmiId');

  test('is the machine image of instances, launch templates and Auto Scaling groups', () => {
    const stack = newStack();
    const machineImage = anAmi(stack);
    const vpc = vpcOf(stack);
    const vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC };
    const instanceType = new ec2.InstanceType('t4g.small');
    new ec2.Instance(stack, 'Instance', { machineImage, instanceType, vpc, vpcSubnets });
    const launchTemplate = new ec2.LaunchTemplate(stack, 'Template', { machineImage, instanceType });
    new autoscaling.AutoScalingGroup(stack, 'Group', { launchTemplate, vpc, vpcSubnets });
    expect(resourcesOf(stack, 'AWS::EC2::Instance')[0]?.[1].Properties.ImageId).toStrictEqual(amiId);
    expect(resourcesOf(stack, 'AWS::EC2::LaunchTemplate')[0]?.[1].Properties.LaunchTemplateData).toMatchObject({ ImageId: amiId });
    expect(resourcesOf(stack, 'AWS::AutoScaling::AutoScalingGroup')[0]?.[1].Properties).toMatchObject({ LaunchTemplate: { LaunchTemplateId: { Ref: expect.stringMatching(/^Template/) } } });
  });

  test('is the parent image of a recipe', () => {
    const stack = newStack();
    new imagebuilder.CfnImageRecipe(stack, 'Recipe', { name: 'fedora', version: '1.0.0', parentImage: anAmi(stack).amiId, components: [] });
    expect(resourcesOf(stack, 'AWS::ImageBuilder::ImageRecipe')[0]?.[1].Properties.ParentImage).toStrictEqual(amiId);
  });

  test('is an SSM parameter', () => {
    const stack = newStack();
    anAmi(stack).addAmiParameter('Parameter', { parameterName: '/images/fedora' });
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { DataType: 'aws:ec2:image', Name: '/images/fedora', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FedoraAmi'), 'AmiId'] } });
  });

  test.each([[Platform.LINUX, '#!/bin/bash'], [Platform.WINDOWS, '<powershell></powershell>']])('of %s has its user data', (platform, userData) => {
    const stack = newStack();
    expect(anAmi(stack, { platform }).getImage(stack).userData.render()).toBe(userData);
  });

  test('may be launched with its key', () => {
    const stack = newStack();
    const launcher = new iam.Role(stack, 'Launcher', { assumedBy: new iam.AccountRootPrincipal() });
    anAmi(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }).grantLaunch(launcher).assertSuccess();
    const policy = JSON.stringify(resourcesOf(stack, 'AWS::IAM::Policy').filter(([id]) => id.startsWith('Launcher')));
    expect(policy).toMatch(/ec2:RunInstances.*kms:Decrypt.*kms:CreateGrant/);
  });

  test('announces its end to rules, from all of its resources', () => {
    const stack = newStack();
    const ami = anAmi(stack);
    const target = new events_targets.SnsTopic(new sns.Topic(stack, 'Topic'));
    ami.onImportSucceeded('Succeeded', { target });
    ami.onImportFailed('Failed', { target });
    const [[owner] = ['']] = resourcesOf(stack, 'Custom::VmImportAmi');
    const patterns = resourcesOf(stack, 'AWS::Events::Rule').map(([, { Properties }]) => Properties.EventPattern);
    expect(patterns).toStrictEqual(['VM Import Succeeded', 'VM Import Failed'].map((detailType) => (
      { 'source': ['cdk-vm-import'], 'detail-type': [detailType], 'detail': { stackName: ['Stack'], logicalId: [owner] } })));
    const told = ['Custom::VmImportAmi', 'Custom::VmImportSnapshot'].flatMap((type) => resourcesOf(stack, type).map(([, { Properties }]) => Properties.Events));
    expect(told).toStrictEqual([owner, owner]);
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Role'))).toContain('events:PutEvents');
  });

  test('has rules and parameters without options', () => {
    const stack = newStack();
    const ami = anAmi(stack);
    ami.addAmiParameter('Parameter');
    ami.onImportSucceeded('Succeeded');
    ami.onImportFailed('Failed');
    expect(['AWS::SSM::Parameter', 'AWS::Events::Rule'].map((type) => resourcesOf(stack, type).length)).toStrictEqual([1, 2]);
  });

  test('from attributes is launched and used like one of the stack', () => {
    const stack = newStack();
    const ami = VmImportAmi.fromVmImportAmiAttributes(stack, 'Fedora', { amiId: 'ami-0123456789abcdef0' });
    expect(ami.getImage(stack)).toMatchObject({ imageId: 'ami-0123456789abcdef0', osType: ec2.OperatingSystemType.LINUX });
    const launcher = new iam.Role(stack, 'Launcher', { assumedBy: new iam.AccountRootPrincipal() });
    ami.grantLaunch(launcher).assertSuccess();
    expect(JSON.stringify(resourcesOf(stack, 'AWS::IAM::Policy'))).toContain('image/ami-0123456789abcdef0');
    const windows = VmImportAmi.fromVmImportAmiAttributes(stack, 'Windows', { amiId: 'ami-0123456789abcdef0', platform: Platform.WINDOWS });
    expect(windows.getImage(stack).osType).toBe(ec2.OperatingSystemType.WINDOWS);
  });
});

describe('what EC2 would refuse fails the synthesis with one sentence', () => {
  const untyped = (value: unknown) => value as never;

  test.each<[string, (stack: Stack) => Partial<VmImportAmiProps>, string]>([
    ['no disk', () => ({ diskContainers: [] }), 'diskContainers has 0 disks: use 1 to 22, the boot disk first. [at Stack/Fedora]'],
    ['23 disks', (stack) => ({ diskContainers: Array.from({ length: 23 }, (_, index) => disk(stack, `${index}.raw`)) }), 'diskContainers has 23 disks: use 1 to 22, the boot disk first. [at Stack/Fedora]'],
    ['no list of disks', (stack) => ({ diskContainers: untyped(disk(stack, 'a.raw')) }), 'diskContainers is an object: use a list with the boot disk first. [at Stack/Fedora]'],
    ['i386', () => ({ architecture: Architecture.I386 }), 'architecture is "i386": use one of x86_64, arm64. [at Stack/Fedora]'],
    ['a boot mode', () => ({ bootMode: untyped('bios') }), 'bootMode is "bios": use one of legacy-bios, uefi, uefi-preferred. [at Stack/Fedora]'],
    ['a volume type', () => ({ volumeType: ec2.EbsDeviceVolumeType.IO1 }), 'volumeType is "io1": use one of gp3, gp2, standard. [at Stack/Fedora]'],
    ['macOS', () => ({ platform: Platform.MACOS }), 'platform is macOS, whose AMIs EC2 does not register from a disk: use LINUX or WINDOWS. [at Stack/Fedora]'],
    ['another platform', () => ({ platform: untyped('BSD') }), 'platform is "BSD": use one of Linux, Windows, macOS. [at Stack/Fedora]'],
    ['arm64 by BIOS', () => ({ architecture: Architecture.ARM64, bootMode: BootMode.LEGACY_BIOS }), 'bootMode is legacy-bios, but arm64 boots by UEFI only: use UEFI, or remove bootMode. [at Stack/Fedora]'],
    ['a TPM for arm64', () => ({ architecture: Architecture.ARM64, tpm: true }), 'tpm is true, but EC2 has no TPM for arm64: remove tpm. [at Stack/Fedora]'],
    ['a TPM without UEFI', () => ({ tpm: true, bootMode: BootMode.UEFI_PREFERRED }), 'tpm requires the bootMode UEFI, but bootMode is uefi-preferred: use UEFI, or remove tpm. [at Stack/Fedora]'],
    ['UEFI data without UEFI', () => ({ uefiData: 'AAAA', bootMode: BootMode.LEGACY_BIOS }), 'uefiData requires UEFI, but bootMode is legacy-bios: remove one of them. [at Stack/Fedora]'],
    ['UEFI data that is not base64', () => ({ uefiData: 'AAA' }), 'uefiData is not base64 of at most 64 KiB: use the output of python-uefivars. [at Stack/Fedora]'],
    ['UEFI data of more than 64 KiB', () => ({ uefiData: Buffer.alloc(65_537).toString('base64') }), 'uefiData is not base64 of at most 64 KiB: use the output of python-uefivars. [at Stack/Fedora]'],
    ['UEFI data that is empty', () => ({ uefiData: '' }), 'uefiData is empty: use at least 1 character, or remove it. [at Stack/Fedora]'],
    ['a device name', () => ({ rootDeviceName: 'xvda' }), '"xvda" is not a device name of EC2: use /dev/xvda or /dev/sda1 for the boot disk, and /dev/sdf to /dev/sdz for data disks. [at Stack/Fedora]'],
    ['two root device names', (stack) => ({ rootDeviceName: '/dev/xvda', diskContainers: [disk(stack, 'a.raw', { deviceName: '/dev/sda1' })] }), 'rootDeviceName is /dev/xvda, but the boot disk has the deviceName /dev/sda1: remove one of them. [at Stack/Fedora]'],
    ['a device name for two disks', (stack) => ({ diskContainers: [disk(stack, 'a.raw'), disk(stack, 'b.raw', { deviceName: '/dev/xvda' })] }), 'Two disks have the device name /dev/xvda: use another deviceName for one of them. [at Stack/Fedora]'],
    ['an AMI name', () => ({ amiName: 'a:b' }), '"a:b" cannot be the name of an AMI: use 3 to 128 letters, digits, spaces and ()[]./-\'@_. [at Stack/Fedora]'],
    ['too long a description', () => ({ description: 'x'.repeat(256) }), 'The description of the AMI has 256 characters: shorten it to 255. [at Stack/Fedora]'],
    ['a public encrypted AMI', () => ({ encrypted: true, launchPermissions: { publicAccess: true } }), 'The AMI is encrypted and has publicAccess, which EC2 does not allow: remove one of them. [at Stack/Fedora]'],
    ['a volume of parts of GiB', () => ({ volumeSize: Size.mebibytes(1536) }), 'volumeSize is 1.5 GiB: use a whole number from 1 to 65536. [at Stack/Fedora/BootDisk]'],
  ])('%s', (_what, props, sentence) => {
    expect(errorOf(() => amiWith(props))).toBe(`ValidationError: ${sentence}`);
  });

  test('no properties', () => {
    const stack = newStack();
    expect(errorOf(() => new VmImportAmi(stack, 'Fedora', untyped(undefined)))).toBe('ValidationError: The third argument of VmImportAmi is undefined: use an object with its properties. [at Stack/Fedora]');
  });

  test('another platform of an AMI from attributes', () => {
    const stack = newStack();
    expect(errorOf(() => VmImportAmi.fromVmImportAmiAttributes(stack, 'Fedora', { amiId: 'ami-1', platform: untyped('BSD') }))).toMatch(/^ValidationError: platform is "BSD"/);
  });

  test('the name of another AMI of the stack', () => {
    const stack = newStack();
    anAmi(stack, { amiName: 'fedora' });
    expect(errorOf(() => new VmImportAmi(stack, 'Other', { amiName: 'fedora', diskContainers: [disk(stack, 'a.raw')] }))).toMatch(/^ValidationError: The AMI name "fedora" is also that of Stack\/Fedora/);
  });

  test.each<[string, Partial<VmImportAmiProps>]>([
    ['the largest UEFI data', { uefiData: Buffer.alloc(65_536).toString('base64') }],
    ['a device name of a partition', { rootDeviceName: '/dev/sda1' }], ['the last device name', { rootDeviceName: '/dev/xvddz' }],
    ['arm64 by UEFI', { architecture: Architecture.ARM64, bootMode: BootMode.UEFI }], ['a TPM by UEFI', { tpm: true, bootMode: BootMode.UEFI }],
  ])('but not %s', (_what, props) => {
    expect(amiWith(() => props)).toHaveProperty('Registration');
  });

  test('but not device names that are only known at deployment', () => {
    const { Registration } = amiWith((stack) => ({ rootDeviceName: new CfnParameter(stack, 'Root').valueAsString }));
    expect(Registration).toMatchObject({ RootDeviceName: { Ref: 'Root' } });
  });

  test('but not 22 disks', () => {
    const { Registration } = amiWith((stack) => ({ diskContainers: Array.from({ length: 22 }, (_, index) => disk(stack, `${index}.raw`)) }));
    expect((Registration as { BlockDeviceMappings: object[] }).BlockDeviceMappings.at(-1)).toMatchObject({ DeviceName: '/dev/sdz' });
  });
});

describe('synthesis warns', () => {
  function warningsWith(props: (stack: Stack) => Partial<VmImportAmiProps>): string[] {
    const stack = newStack();
    anAmi(stack, props(stack));
    return Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  }

  test.each<[string, (stack: Stack) => Partial<VmImportAmiProps>, RegExp]>([
    ['of Windows', () => ({ platform: Platform.WINDOWS }), /use VmImportImage for Windows\. \[ack: cdk-vm-import:windowsAsItIs\]$/],
    ['of a deprecation that has passed', () => ({ deprecateAt: '2020-01-31T09:30:00Z' }), /cdk-vm-import:deprecatedAmi/],
    ['of a public AMI', () => ({ launchPermissions: { publicAccess: true } }), /cdk-vm-import:publicAmi/],
    ['of what a shared AMI needs of its key', (stack) => ({ launchPermissions: SHARED, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }), /cdk-vm-import:sharedKeyPolicy/],
  ])('%s', (_what, props, warning) => {
    expect(warningsWith(props)).toStrictEqual([expect.stringMatching(warning)]);
  });

  test('of nothing else', () => {
    expect(warningsWith(() => ({}))).toStrictEqual([]);
  });

  test('if the AMI is used in another Region', () => {
    const stack = newStack();
    const ami = anAmi(stack);
    const other = new Stack(stack.node.root as App, 'Other', { env: { ...env, region: 'us-east-1' } });
    ami.getImage(other);
    Annotations.fromStack(other).hasWarning('*', Match.stringLikeRegexp('The AMI of Stack/Fedora is in eu-west-1, but is used in us-east-1'));
  });
});
