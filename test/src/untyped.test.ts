import { Lazy, Stack } from 'aws-cdk-lib';
import { Annotations as Given, Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, newStack, SNAPSHOT } from './an-import';
import { errorOf } from './error-of';
import { DiskContainer, VmImportAmi, VmImportImage, VmImportImageProps, VmImportProvider, VmImportSnapshot } from '../../src';

/** As JavaScript gives it, and a cast. */
const untyped = (value: unknown) => value as never;
const bucketOf = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');

describe('a value that its type has not is refused with one sentence', () => {
  test.each<[string, Partial<VmImportImageProps>, string]>([
    ['architecture', { architecture: untyped('arm') }, 'architecture is "arm": use one of i386, x86_64, arm64.'],
    ['bootMode', { bootMode: untyped('UEFI') }, 'bootMode is "UEFI": use one of legacy-bios, uefi.'],
    ['hypervisor', { hypervisor: untyped('kvm') }, 'hypervisor is "kvm": use one of xen.'],
    ['licenseType', { licenseType: untyped('byol') }, 'licenseType is "byol": use one of AWS, BYOL.'],
    ['licenseType', { licenseType: untyped(null) }, 'licenseType is null: use one of AWS, BYOL.'],
    ['platform', { platform: untyped('linux') }, 'platform is "linux": use one of Linux, Windows, macOS.'],
    ['platform', { platform: untyped(Lazy.string({ produce: () => 'Linux' })) }, 'platform is only known at deployment: use one of Linux, Windows, macOS.'],
    ['usageOperation', { licenseType: undefined, usageOperation: untyped(2) }, '2 is not a usage operation: use RunInstances, or one with a code, like RunInstances:0002.'],
    ['removalPolicy', { removalPolicy: untyped('keep') }, 'removalPolicy is "keep": use DESTROY or RETAIN.'],
    ['ami', { ami: untyped('golden') }, 'ami is "golden": use an object with the properties of the AMI.'],
    [
      'ami.deregistrationProtection', { ami: { deregistrationProtection: untyped('enabled') } },
      'The deregistrationProtection of the AMI is "enabled": use one of disabled, enabled-without-cooldown, enabled-with-cooldown.',
    ],
    [
      'ami.launchPermissions', { ami: { launchPermissions: untyped('123456789012') } },
      'The launchPermissions of the AMI is "123456789012": use an object, such as { accountIds: ["123456789012"] }.',
    ],
    ['ami.launchPermissions.accountIds', { ami: { launchPermissions: { accountIds: untyped('123456789012') } } }, 'accountIds is "123456789012": use a list.'],
    ['clientData', { clientData: untyped('by hand') }, 'clientData is "by hand": use an object with comment, uploadStart, uploadEnd or uploadSize.'],
    ['encryptionKey', { encryptionKey: untyped('alias/disks') }, 'encryptionKey is "alias/disks": use a key, such as kms.Key.fromKeyArn makes.'],
    ['logGroup', { logGroup: untyped('/aws/imagebuilder/x') }, 'logGroup is "/aws/imagebuilder/x": use a log group, such as logs.LogGroup.fromLogGroupName makes.'],
    ['provider', { provider: untyped('Provider') }, 'provider is "Provider": use a VmImportProvider.'],
    ['role', { role: untyped('vmimport') }, 'role is "vmimport": use a role, such as iam.Role.fromRoleName makes.'],
    ['role', { role: untyped(null) }, 'role is null: use a role, such as iam.Role.fromRoleName makes.'],
    ['tags', { tags: untyped('team') }, 'tags is "team": use an object with a text for each key.'],
    ['timeout', { timeout: untyped(3600) }, 'timeout is 3600: use a Duration, such as Duration.minutes(50).'],
    ['licenseConfigurationArns', { licenseConfigurationArns: untyped('lic-1') }, 'licenseConfigurationArns is "lic-1": use a list.'],
    ['description', { description: untyped({}) }, 'description is an object: use a text.'],
    ['diskContainers', { diskContainers: untyped('golden.ova') }, 'diskContainers is "golden.ova": use a list.'],
    [
      'a disk container', { diskContainers: [DiskContainer.fromSnapshot(SNAPSHOT), untyped(undefined)] },
      'The disk container 2 is undefined: use one that DiskContainer.fromBucket, fromAsset, fromSnapshot or fromUrl makes.',
    ],
    [
      'a disk container', { diskContainers: [untyped({ bucket: 'disks' })] },
      'The disk container 1 is an object: use one that DiskContainer.fromBucket, fromAsset, fromSnapshot or fromUrl makes.',
    ],
  ])('%s', (_name, props, sentence) => {
    expect(errorOf(() => anImport(newStack(), 'Golden', props))).toBe(`ValidationError: ${sentence} [at Stack/Golden]`);
  });

  test.each<[string, (stack: Stack) => DiskContainer, string]>([
    [
      'a bucket by its name', () => DiskContainer.fromBucket(untyped('disks'), 'golden.ova'),
      'The bucket of a disk container is "disks": use a bucket, such as s3.Bucket.fromBucketName makes.',
    ],
    [
      'no bucket', () => DiskContainer.fromBucket(untyped(undefined), 'golden.ova'),
      'The bucket of a disk container is undefined: use a bucket, such as s3.Bucket.fromBucketName makes.',
    ],
    ['no key', (stack) => DiskContainer.fromBucket(bucketOf(stack), untyped(undefined)), 'The key of a disk container is undefined: use the key of an object.'],
    ['no URL', () => DiskContainer.fromUrl(untyped(undefined)), 'The URL of a disk container is undefined: use https://host/path or s3://bucket/key.'],
    ['no file', () => DiskContainer.fromAsset(untyped(undefined)), 'There is no file at undefined: use the path of a disk image.'],
    ['no snapshot', () => DiskContainer.fromSnapshot(untyped(undefined)), 'undefined is not the id of an EBS snapshot: use one like snap-0123456789abcdef0.'],
    [
      'a format in lower case', (stack) => DiskContainer.fromBucket(bucketOf(stack), 'golden', { format: untyped('vmdk') }),
      'The format of a disk container is "vmdk": use one of OVA, QCOW2, RAW, VHD, VHDX, VMDK.',
    ],
    [
      'a disk container of one\'s own that is bound to nothing', () => ({ bind: () => untyped(undefined) }),
      'The result of bind is undefined: use a DiskContainerConfig.',
    ],
  ])('%s', (_name, disk, sentence) => {
    const stack = newStack();
    expect(errorOf(() => anImport(stack, 'Golden', { diskContainers: [disk(stack)] }))).toBe(`ValidationError: ${sentence} [at Stack/Golden/Disk1]`);
  });

  test.each([VmImportImage, VmImportAmi, VmImportSnapshot])('%p without properties', (construct: typeof VmImportImage | typeof VmImportAmi | typeof VmImportSnapshot) => {
    expect(errorOf(() => new construct(newStack(), 'Golden', untyped(undefined))))
      .toBe(`ValidationError: The third argument of ${construct.name} is undefined: use an object with its properties. [at Stack/Golden]`);
  });

  test.each<[string, unknown, string]>([
    ['encrypted', 'yes', '"yes": use true or false.'],
    ['encryptionKey', 'alias/images', '"alias/images": use a key, such as kms.Key.fromKeyArn makes.'],
    ['preflight', 'no', '"no": use true or false.'],
    ['provider', 'p', '"p": use a VmImportProvider.'],
    ['timeout', 60, '60: use a Duration, such as Duration.minutes(50).'],
  ])('the option %s, in each construct', (name, value, sentence) => {
    const constructs = [
      (stack: Stack) => anImport(stack, 'Golden', untyped({ [name]: value })),
      (stack: Stack) => new VmImportAmi(stack, 'Golden', untyped({ diskContainers: [DiskContainer.fromBucket(bucketOf(stack), 'a.raw')], [name]: value })),
      (stack: Stack) => new VmImportSnapshot(stack, 'Golden', untyped({ diskContainer: DiskContainer.fromBucket(bucketOf(stack), 'a.raw'), [name]: value })),
    ];
    expect(constructs.map((make) => errorOf(() => make(newStack())))).toEqual(Array(3).fill(`ValidationError: ${name} is ${sentence} [at Stack/Golden]`));
  });

  test.each<[string, unknown, string]>([
    ['volumeSize', 20, 'volumeSize is 20: use a Size, such as Size.gibibytes(20). [at Stack/Golden]'],
    ['revision', 2, 'revision is 2: use a text. [at Stack/Golden/BootDisk]'],
    ...['enaSupport', 'imdsv2', 'omitUnallocatedBlocks', 'tpm'].map((name): [string, unknown, string] => [name, 1, `${name} is 1: use true or false. [at Stack/Golden]`]),
  ])('the option %s of an AMI', (name, value, sentence) => {
    const make = (stack: Stack) => new VmImportAmi(stack, 'Golden', untyped({ diskContainers: [DiskContainer.fromBucket(bucketOf(stack), 'a.raw')], [name]: value }));
    expect(errorOf(() => make(newStack()))).toBe(`ValidationError: ${sentence}`);
  });

  test('the name of an image', () => {
    expect(errorOf(() => anImport(newStack(), 'Golden', { imageName: untyped(5) }))).toBe('ValidationError: imageName is 5: use a text. [at Stack/Golden]');
  });

  test.each([
    ['environmentEncryption', 'a key, such as kms.Key.fromKeyArn makes'],
    ['logEncryptionKey', 'a key, such as kms.Key.fromKeyArn makes'],
    ['vpc', 'a VPC, such as ec2.Vpc.fromLookup makes'],
  ])('the option %s of a provider', (name, instead) => {
    expect(errorOf(() => new VmImportProvider(newStack(), 'Provider', untyped({ [name]: 'x' }))))
      .toBe(`ValidationError: ${name} is "x": use ${instead}. [at Stack/Provider]`);
  });

  test.each<[string, (stack: Stack) => unknown, string]>([
    ['an image', (stack) => VmImportImage.fromVmImportImageAttributes(stack, 'Golden', untyped(undefined)), 'The third argument of fromVmImportImageAttributes is undefined: use an object with the attributes.'],
    ['an AMI', (stack) => VmImportAmi.fromVmImportAmiAttributes(stack, 'Golden', untyped(undefined)), 'The third argument of fromVmImportAmiAttributes is undefined: use an object with the attributes.'],
    ['a snapshot', (stack) => VmImportSnapshot.fromVmImportSnapshotAttributes(stack, 'Golden', untyped(undefined)), 'The third argument of fromVmImportSnapshotAttributes is undefined: use an object with the attributes.'],
    ['an AMI without its ID', (stack) => VmImportAmi.fromVmImportAmiAttributes(stack, 'Golden', untyped({})), 'amiId is undefined: use the ID of an AMI.'],
    ['a snapshot without its ID', (stack) => VmImportSnapshot.fromVmImportSnapshotAttributes(stack, 'Golden', untyped({})), 'snapshotId is undefined: use the ID of a snapshot.'],
  ])('the attributes of %s', (_name, make, sentence) => {
    expect(errorOf(() => make(newStack()))).toBe(`ValidationError: ${sentence} [at Stack]`);
  });

  test('the poll interval of a provider', () => {
    expect(errorOf(() => new VmImportProvider(newStack(), 'Provider', { pollInterval: untyped(30) }))).toBe(
      'ValidationError: pollInterval is 30: use a Duration, such as Duration.minutes(1). [at Stack/Provider]',
    );
  });

  test('the platform of an image that was made elsewhere', () => {
    const imageArn = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1';
    expect(errorOf(() => VmImportImage.fromVmImportImageAttributes(newStack(), 'Golden', { imageArn, platform: untyped('win') }))).toBe(
      'ValidationError: platform is "win": use one of Linux, Windows, macOS. [at Stack/Golden]',
    );
  });
});

test('a token for a value of an enum is left to AWS', () => {
  const stack = newStack();
  const token = (value: string) => untyped(Lazy.string({ produce: () => value }));
  anImport(stack, 'Golden', {
    ami: { deregistrationProtection: token('disabled') },
    architecture: token('x86_64'),
    bootMode: token('uefi'),
    diskContainers: [DiskContainer.fromBucket(bucketOf(stack), 'golden', { format: token('VMDK') })],
    hypervisor: token('xen'),
    licenseType: token('AWS'),
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::VmImportImage', {
    ImportImage: { Architecture: 'x86_64', BootMode: 'uefi', DiskContainers: [{ Format: 'VMDK' }], Hypervisor: 'xen', LicenseType: 'AWS' },
  });
  template.hasResourceProperties('Custom::VmImportAmi', { DeregistrationProtection: 'disabled' });
  Given.fromStack(stack).hasNoError('*', Match.anyValue());
});
