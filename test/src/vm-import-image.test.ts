import { App, Duration, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { anAdoption, anImport, KEY_ARN, LICENSE_ARN, newStack, SNAPSHOT, TASK } from './an-import';
import { Architecture, BootMode, DiskContainer, DiskFormat, Hypervisor, LicenseType, Platform, VmImportImage, VmImportImageProps } from '../../src';

const TYPE = 'Custom::VmImportImage';

function segments(stack: Stack) {
  return Object.values(Template.fromStack(stack).findResources(TYPE));
}

describe('what the custom resource asks for', () => {
  test('is no more than what was given', () => {
    const stack = newStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');
    new VmImportImage(stack, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(bucket, 'exports/rhel9.ova')],
      platform: Platform.LINUX,
      semanticVersion: '1.0.0',
      timeout: Duration.minutes(50),
    });
    expect(segments(stack)).toStrictEqual([{
      Type: TYPE,
      Properties: {
        ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/onEvent/), 'Arn'] },
        ImportImage: {
          DiskContainers: [{ Format: 'OVA', UserBucket: { S3Bucket: 'disks', S3Key: 'exports/rhel9.ova' } }],
          Platform: 'Linux',
          RoleName: { Ref: expect.stringMatching(/^VmImportProviderGoldenRole/) },
        },
        ImportVmImage: { name: expect.stringMatching(/^Stack-Golden-[0-9A-F]{8}$/), semanticVersion: '1.0.0', platform: 'Linux' },
        ImportedContent: expect.stringMatching(
          /^[0-9a-f]{12}: another value starts a new import, and the old image is deleted afterwards unless removalPolicy is RETAIN$/,
        ),
        Segment: 1,
        Segments: 1,
        Budget: 3000,
        Timeout: 3000,
      },
      DependsOn: [expect.stringMatching(/^VmImportProviderIsCompleteRole/), expect.stringMatching(/^VmImportProviderOnEventRole/)],
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    }]);
  });

  test('is every parameter of ImportImage and ImportVmImage', () => {
    const stack = newStack();
    anImport(stack, 'Golden', {
      architecture: Architecture.X86_64,
      bootMode: BootMode.LEGACY_BIOS,
      clientData: { comment: 'by hand', uploadStart: '2025-01-31T09:00:00Z', uploadEnd: '2025-01-31T09:30:00Z', uploadSize: 12.5 },
      description: 'the image',
      diskContainers: [
        DiskContainer.fromSnapshot(SNAPSHOT, { description: 'root', deviceName: '/dev/sda1' }),
        DiskContainer.fromUrl('https://example.com/data.bin', { format: DiskFormat.RAW }),
      ],
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN),
      hypervisor: Hypervisor.XEN,
      imageName: 'Golden RHEL_9',
      importDescription: 'the task',
      licenseConfigurationArns: [LICENSE_ARN],
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', '/aws/imagebuilder/golden'),
      maxAttempts: 3,
      osVersion: 'RHEL 9',
      platform: Platform.WINDOWS,
      revision: '2',
      tags: { team: 'platform' },
    });
    expect(segments(stack)[0]?.Properties).toMatchObject({
      ImportImage: {
        Architecture: 'x86_64',
        BootMode: 'legacy-bios',
        ClientData: { Comment: 'by hand', UploadEnd: '2025-01-31T09:30:00Z', UploadSize: 12.5, UploadStart: '2025-01-31T09:00:00Z' },
        Description: 'the task',
        DiskContainers: [
          { Description: 'root', DeviceName: '/dev/sda1', SnapshotId: SNAPSHOT },
          { Format: 'RAW', Url: 'https://example.com/data.bin' },
        ],
        Encrypted: true,
        Hypervisor: 'xen',
        KmsKeyId: KEY_ARN,
        LicenseSpecifications: [{ LicenseConfigurationArn: LICENSE_ARN }],
        LicenseType: 'BYOL',
        Platform: 'Windows',
      },
      ImportVmImage: {
        name: 'Golden RHEL_9',
        semanticVersion: '1.0.0',
        description: 'the image',
        platform: 'Windows',
        osVersion: 'RHEL 9',
        loggingConfiguration: { logGroupName: '/aws/imagebuilder/golden' },
      },
      MaxAttempts: 3,
      Revision: '2',
      Tags: { team: 'platform' },
    });
  });

  test.each([
    ['encrypted with EBS\'s default key', { encrypted: true }, { Encrypted: true }],
    ['not encrypted', { encrypted: false }, { Encrypted: false }],
    ['billed by a usage operation', { licenseType: undefined, usageOperation: 'RunInstances:0002' }, { UsageOperation: 'RunInstances:0002' }],
    ['given a license by AWS', { licenseType: LicenseType.AWS }, { LicenseType: 'AWS' }],
  ])('can be %s', (_name, props, expected) => {
    const stack = newStack();
    anImport(stack, 'Golden', props);
    expect(segments(stack)[0]?.Properties.ImportImage).toMatchObject(expected);
  });

  test('is the adoption of a task that somebody already ran, which takes no service role', () => {
    const stack = newStack();
    const image = anAdoption(stack, 'Golden', { platform: Platform.MACOS });
    expect(image.role).toBeUndefined();
    expect(segments(stack)[0]?.Properties).toMatchObject({ ImportTaskId: TASK, ImportVmImage: { platform: 'macOS' } });
    expect(segments(stack)[0]?.Properties).not.toHaveProperty('ImportImage');
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'vmie.amazonaws.com' } })] },
    }, 0);
  });

  test('has a name of at most 128 characters, however deep the construct is', () => {
    const stack = new Stack(new App(), 'Inner'.repeat(20), { stackName: 'name-'.repeat(24) + 'end' });
    anImport(stack, 'Golden'.repeat(30));
    const [segment] = segments(stack);
    expect(segment?.Properties.ImportVmImage.name).toMatch(/^[A-Za-z0-9-]{100,128}$/);
  });
});

describe('the text on the imported content in a diff', () => {
  const textOf = (props: Partial<VmImportImageProps>): string => {
    const stack = newStack();
    anImport(stack, 'Golden', { timeout: Duration.hours(2), revision: '1', ...props });
    return segments(stack)[0]?.Properties.ImportedContent;
  };

  test.each<Partial<VmImportImageProps>>([
    { diskContainers: [DiskContainer.fromSnapshot('snap-00000000000000000')] }, { semanticVersion: '1.0.1' }, { revision: '2' }, { licenseType: LicenseType.AWS },
  ])('is another one if a new import starts: %j', (props) => {
    expect(textOf(props)).not.toBe(textOf({}));
  });

  test.each<Partial<VmImportImageProps>>([
    {}, { tags: { team: 'a' } }, { timeout: Duration.hours(4) }, { maxAttempts: 2 }, { preflight: false }, { ami: { name: 'golden' } }, { removalPolicy: RemovalPolicy.RETAIN },
  ])('is the same if none starts: %j', (props) => {
    expect(textOf(props)).toBe(textOf({}));
  });

  test('is in the first segment only', () => {
    const stack = newStack();
    anImport(stack, 'Golden', { timeout: Duration.hours(2) });
    expect(segments(stack).map(({ Properties }) => 'ImportedContent' in Properties)).toEqual([true, false, false]);
  });
});

describe('segments', () => {
  test.each([
    [Duration.minutes(1), 1, 60],
    [Duration.minutes(50), 1, 3000],
    [Duration.minutes(51), 2, 1530],
    [undefined, 5, 2880],
    [Duration.hours(48), 58, 2980],
    [Duration.millis(60_500), 1, 61],
  ])('a timeout of %s makes %d, each with %d seconds', (timeout, count, budget) => {
    const stack = newStack();
    anImport(stack, 'Golden', { timeout });
    expect(segments(stack).map(({ Properties }) => [Properties.Segment, Properties.Segments, Properties.Budget]))
      .toStrictEqual(Array.from({ length: count }, (_, index) => [index + 1, count, budget]));
  });

  test('follow each other by reference, say the same of the import, and only the first is kept on RETAIN', () => {
    const stack = newStack();
    anImport(stack, 'Golden', { timeout: Duration.minutes(150), removalPolicy: RemovalPolicy.RETAIN });
    const [first, second, third] = Object.entries(Template.fromStack(stack).findResources(TYPE));
    expect(first?.[0]).toMatch(/^GoldenImport/);
    expect(second?.[1].Properties.ImportId).toStrictEqual({ Ref: first?.[0] });
    expect(third?.[1].Properties.ImportId).toStrictEqual({ Ref: second?.[0] });
    expect(third?.[1].Properties.PreviousOutcome).toStrictEqual({ 'Fn::GetAtt': [second?.[0], 'Outcome'] });
    expect(third?.[1].Properties.ImportImage).toStrictEqual(first?.[1].Properties.ImportImage);
    expect(third?.[1].Properties.ImportVmImage).toStrictEqual(first?.[1].Properties.ImportVmImage);
    expect([first, second, third].map((segment) => segment?.[1].DeletionPolicy)).toStrictEqual(['RetainExceptOnCreate', undefined, undefined]);
    expect([first, second, third].map((segment) => segment?.[1].UpdateReplacePolicy)).toStrictEqual(['Retain', undefined, undefined]);
  });

  test('the last gives the attributes', () => {
    const stack = newStack();
    const image = anImport(stack, 'Golden', { timeout: Duration.minutes(100) });
    const [, last] = Object.keys(Template.fromStack(stack).findResources(TYPE));
    const attribute = (name: string) => ({ 'Fn::GetAtt': [last, name] });
    const names = ['amiId', 'architecture', 'bootMode', 'imageArn', 'imageName', 'imageVersion', 'importTaskId', 'licenseType', 'snapshotIds', 'usageOperation'] as const;
    expect(Object.fromEntries(names.map((name) => [name, stack.resolve(image[name])])))
      .toStrictEqual({
        amiId: attribute('AmiId'),
        architecture: attribute('Architecture'),
        bootMode: attribute('BootMode'),
        imageArn: attribute('ImageArn'),
        imageName: attribute('ImageName'),
        imageVersion: attribute('ImageVersion'),
        importTaskId: attribute('ImportTaskId'),
        licenseType: attribute('LicenseType'),
        snapshotIds: { 'Fn::Split': [',', attribute('SnapshotIds')] },
        usageOperation: attribute('UsageOperation'),
      });
  });
});

describe('removal policy', () => {
  test.each([
    [undefined, 'Delete', 'Delete'],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
    [RemovalPolicy.RETAIN, 'RetainExceptOnCreate', 'Retain'],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', 'Retain'],
  ])('%s becomes %s and %s', (removalPolicy, DeletionPolicy, UpdateReplacePolicy) => {
    const stack = newStack();
    anImport(stack, 'Golden', { removalPolicy });
    expect(segments(stack)[0]).toMatchObject({ DeletionPolicy, UpdateReplacePolicy });
  });

  test('can be applied later', () => {
    const stack = newStack();
    anImport(stack, 'Golden').applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(segments(stack)[0]).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });
});

describe('tags', () => {
  test('of any scope above reach every segment, beside those given', () => {
    const stack = newStack();
    anImport(stack, 'Golden', { tags: { own: '1', both: 'given' }, timeout: Duration.minutes(100) });
    Tags.of(stack).add('team', 'platform');
    Tags.of(stack).add('both', 'of the scope', { priority: 400 });
    expect(segments(stack).map(({ Properties }) => Properties.Tags))
      .toStrictEqual(Array.from({ length: 2 }, () => ({ own: '1', both: 'of the scope', team: 'platform' })));
  });

  test('can be excluded by resource type, and removed', () => {
    const stack = newStack();
    anImport(stack, 'Golden', { tags: { own: '1' } });
    Tags.of(stack).add('team', 'platform', { excludeResourceTypes: [TYPE] });
    Tags.of(stack).remove('own');
    expect(segments(stack)[0]?.Properties).not.toHaveProperty('Tags');
  });
});

describe('as machine image', () => {
  test.each([
    [Platform.LINUX, '#!/bin/bash', ec2.OperatingSystemType.LINUX],
    [Platform.WINDOWS, '<powershell></powershell>', ec2.OperatingSystemType.WINDOWS],
  ])('of platform %s it has its user data %s', (platform, userData, osType) => {
    const stack = newStack();
    const config = anImport(stack, 'Golden', { platform }).getImage(stack);
    expect(config.userData.render()).toBe(userData);
    expect(config.osType).toBe(osType);
  });

  test('it starts instances and launch templates', () => {
    const stack = newStack();
    const image = anImport(stack, 'Golden', { timeout: Duration.minutes(10) });
    new ec2.Instance(stack, 'Instance', {
      machineImage: image, instanceType: new ec2.InstanceType('t3.small'), vpc: new ec2.Vpc(stack, 'Vpc'),
    });
    new ec2.LaunchTemplate(stack, 'Template', { machineImage: image });
    const template = Template.fromStack(stack);
    const ami = { 'Fn::GetAtt': [Object.keys(template.findResources(TYPE))[0], 'AmiId'] };
    template.hasResourceProperties('AWS::EC2::Instance', { ImageId: ami });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { ImageId: ami } });
  });

  test('its ARN is the parent image of a recipe', () => {
    const stack = newStack();
    const image = anImport(stack, 'Golden', { timeout: Duration.minutes(10) });
    new imagebuilder.CfnImageRecipe(stack, 'Recipe', {
      name: 'recipe',
      version: '1.0.0',
      components: [{ componentArn: 'arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2/1' }],
      parentImage: image.imageArn,
    });
    Template.fromStack(stack).hasResourceProperties('AWS::ImageBuilder::ImageRecipe', {
      ParentImage: { 'Fn::GetAtt': [Match.stringLikeRegexp('^GoldenImport'), 'ImageArn'] },
    });
  });
});

describe('an image that was made elsewhere', () => {
  const imageArn = 'arn:aws-us-gov:imagebuilder:us-gov-west-1:111122223333:image/golden-rhel_9/1.2.3/4';

  test('has the name, version and environment that are in its ARN', () => {
    const image = VmImportImage.fromVmImportImageAttributes(newStack(), 'Golden', { imageArn });
    expect(image).toMatchObject({ imageArn, imageName: 'golden-rhel_9', imageVersion: '1.2.3/4' });
    expect(image.env).toMatchObject({ account: '111122223333', region: 'us-gov-west-1' });
  });

  test('has them at deployment if the ARN is a token', () => {
    const stack = newStack();
    const image = VmImportImage.fromVmImportImageAttributes(stack, 'Golden', { imageArn: Token.asString({ Ref: 'Arn' }) });
    const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': ['/', { Ref: 'Arn' }] }] });
    expect(stack.resolve(image.imageName)).toStrictEqual(part(1));
    expect(stack.resolve(image.imageVersion)).toStrictEqual({ 'Fn::Join': ['', [part(2), '/', part(3)]] });
  });

  test('is a machine image if its AMI is given', () => {
    const stack = newStack();
    const linux = VmImportImage.fromVmImportImageAttributes(stack, 'Linux', { imageArn, amiId: 'ami-1' });
    const windows = VmImportImage.fromVmImportImageAttributes(stack, 'Windows', { imageArn, amiId: 'ami-2', platform: Platform.WINDOWS });
    expect(linux.getImage(stack)).toMatchObject({ imageId: 'ami-1', osType: ec2.OperatingSystemType.LINUX });
    expect(windows.getImage(stack)).toMatchObject({ imageId: 'ami-2', osType: ec2.OperatingSystemType.WINDOWS });
  });

  test('says what is missing if its AMI is not given', () => {
    const stack = newStack();
    const image = VmImportImage.fromVmImportImageAttributes(stack, 'Golden', { imageArn });
    expect(() => image.getImage(stack)).toThrow('The AMI of an image from attributes is not known: set the attribute amiId. [at Stack/Golden]');
  });

  test('says so if the ARN is not that of an image', () => {
    const wrong = 'arn:aws:imagebuilder:eu-west-1:111122223333:component/golden/1.0.0/1';
    expect(() => VmImportImage.fromVmImportImageAttributes(newStack(), 'Golden', { imageArn: wrong })).toThrow(
      `"${wrong}" is not the ARN of an Image Builder image: use one like arn:aws:imagebuilder:eu-west-1:123456789012:image/name/1.0.0/1. [at Stack/Golden]`,
    );
  });
});

test('the image of one stack is used in another', () => {
  const app = new App();
  const image = anImport(new Stack(app, 'Images'), 'Golden', { timeout: Duration.minutes(10) });
  const consumer = new Stack(app, 'Consumer');
  new ec2.LaunchTemplate(consumer, 'Template', { machineImage: image });
  Template.fromStack(consumer).hasResourceProperties('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { ImageId: { 'Fn::ImportValue': Match.stringLikeRegexp('AmiId') } },
  });
});

describe('imports that share a provider', () => {
  test('may depend on each other: the second begins when the first is done, and its role stands apart', () => {
    const stack = newStack();
    const first = anImport(stack, 'First', { timeout: Duration.hours(1) });
    const second = anImport(stack, 'Second', { timeout: Duration.minutes(50) });
    second.node.addDependency(first);
    // The assertion refuses a template with a cycle.
    const template = Template.fromStack(stack);
    const [begins] = Object.values(template.findResources(TYPE, { Properties: { ImportImage: { RoleName: { Ref: Match.stringLikeRegexp('SecondRole') } } } }));
    expect(begins?.DependsOn).toStrictEqual(expect.arrayContaining([expect.stringMatching(/^FirstImport/), expect.stringMatching(/^FirstSegment2/)]));
    const roles = Object.values(template.findResources('AWS::IAM::Role'));
    expect(roles.flatMap(({ DependsOn = [] }: { DependsOn?: string[] }) => DependsOn)).toStrictEqual([]);
  });

  test('may have the same id in different scopes', () => {
    const stack = newStack();
    anImport(new Construct(stack, 'Web'), 'Golden');
    anImport(new Construct(stack, 'Database'), 'Golden');
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::IAM::Role', { Description: 'VM Import/Export reads disk images and makes AMIs of them' }, 2);
  });
});
