import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations as Acknowledgement, App, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anAdoption, anImport, LICENSE_ARN, newStack, SNAPSHOT } from './an-import';
import { Architecture, BootMode, DiskContainer, LicenseType, Platform, VmImportImageProps, VmImportProvider, VmImportRole } from '../../src';

const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));

const disksOf = (stack: Stack, ...keys: string[]) => {
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');
  return keys.map((key) => DiskContainer.fromBucket(bucket, key));
};

describe('a warning that can be acknowledged', () => {
  test.each<[string, (stack: Stack) => Partial<VmImportImageProps>, RegExp]>([
    ['licenseType', () => ({ licenseType: undefined }), /AWS VM Import\/Export strongly recommends specifying a value for either the --license-type or --usage-operation/],
    ['linuxI386', () => ({ architecture: Architecture.I386 }), /64-bit Linux only/],
    ['windowsClientLicense', () => ({ platform: Platform.WINDOWS, osVersion: 'Windows 10', licenseType: LicenseType.AWS }), /no licenses for Windows clients such as "Windows 10"/],
    ['windowsClientLicense', () => ({ platform: Platform.WINDOWS, osVersion: 'Microsoft Windows 8.1 Pro', licenseType: undefined, usageOperation: 'RunInstances:0002' }), /"Microsoft Windows 8.1 Pro"/],
    ['uefiEncryption', () => ({ bootMode: BootMode.UEFI, encrypted: true }), /does not support encryption for UEFI/],
    ['uefiEncryption', (stack) => ({ bootMode: BootMode.UEFI, encryptionKey: new kms.Key(stack, 'Key') }), /does not support encryption for UEFI/],
    ['uefiLicenseConfiguration', () => ({ bootMode: BootMode.UEFI, licenseConfigurationArns: [LICENSE_ARN] }), /does not support license configurations for UEFI/],
    ['ovaWithOtherDisks', (stack) => ({ diskContainers: disksOf(stack, 'data.vmdk', 'golden.ova') }), /a whole machine with all its disks, but is one of 2 disk containers/],
    ['platformOfOsVersion', () => ({ osVersion: 'Windows Server 2022' }), /platform is Linux, but osVersion is "Windows Server 2022"/],
    ['deviceName', () => ({ diskContainers: [DiskContainer.fromSnapshot(SNAPSHOT, { deviceName: 'sda1' })] }), /The deviceName sda1 is not a path: use \/dev\/sda1\./],
    ['keyBeginsWithSlash', (stack) => ({ diskContainers: disksOf(stack, '/golden.vmdk') }), /The key \/golden\.vmdk begins with a slash/],
    ['newBucket', (stack) => ({ diskContainers: [DiskContainer.fromBucket(new s3.Bucket(stack, 'New'), 'golden.vmdk')] }), /The bucket Stack\/New is created by the same stack, so it is empty/],
  ])('%s', (id, props, text) => {
    const stack = newStack();
    const image = anImport(stack, 'Golden', props(stack));
    expect(warnings(stack)).toStrictEqual([expect.stringMatching(text)]);
    Acknowledgement.of(image).acknowledgeWarning(`cdk-vm-import:${id}`);
    expect(warnings(stack)).toStrictEqual([]);
  });
});

const IRELAND = { env: { account: '111122223333', region: 'eu-west-1' } };

test.each([
  ['https://disks.s3.us-west-2.amazonaws.com/golden.vmdk'], ['https://s3-us-west-2.amazonaws.com/disks/golden.vmdk'], ['https://s3.us-west-2.amazonaws.com/disks/golden.vmdk'],
])('an object of another Region, by %s, is a warning', (url) => {
  const stack = newStack(IRELAND);
  anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromUrl(url)] });
  expect(warnings(stack)).toStrictEqual([expect.stringMatching(/The URL names an object in us-west-2, but VM Import\/Export reads from buckets in the Region of the import, eu-west-1/)]);
});

test('a machine image of another Region is a warning where it is used', () => {
  const app = new App();
  const image = anImport(new Stack(app, 'Ireland', IRELAND), 'Golden');
  const [near, far] = ['eu-west-1', 'us-east-1'].map((region) => new Stack(app, region, { crossRegionReferences: true, env: { account: '111122223333', region } }));
  [near, far].forEach((stack) => image.getImage(stack as Stack));
  expect(warnings(near as Stack)).toStrictEqual([]);
  expect(warnings(far as Stack)).toStrictEqual([expect.stringMatching(/The AMI of Ireland\/Golden is in eu-west-1, but is used in us-east-1/)]);
});

test('an import by UEFI with an empty list of license configurations has no warning', () => {
  const stack = newStack();
  anImport(stack, 'Golden', { bootMode: BootMode.UEFI, licenseConfigurationArns: [] });
  expect(warnings(stack)).toStrictEqual([]);
});

describe('two providers in a stack are a warning', () => {
  test('if one is the shared one, because an import was given none', () => {
    const stack = newStack();
    anImport(stack, 'Given', { provider: new VmImportProvider(stack, 'Own') });
    anImport(stack, 'Forgotten');
    expect(warnings(stack)).toStrictEqual([expect.stringMatching(/The stack has the provider Stack\/Own as well: .* it uses Stack\/VmImportProvider\. Pass the same provider to every import/)]);
  });

  test('whichever is made first', () => {
    const stack = newStack();
    anImport(stack, 'Forgotten');
    new VmImportProvider(stack, 'Own');
    expect(warnings(stack)).toStrictEqual([expect.stringMatching(/The stack has the provider Stack\/VmImportProvider as well/)]);
  });

  test('but not if the app makes both', () => {
    const stack = newStack();
    ['One', 'Two'].forEach((id) => anImport(stack, id, { provider: new VmImportProvider(stack, `${id}Provider`) }));
    expect(warnings(stack)).toStrictEqual([]);
  });
});

describe('imports that wait in EC2\'s queue for longer than their timeout are a warning', () => {
  const warned = (minutes: readonly number[]) => {
    const stack = newStack();
    const role = new VmImportRole(stack, 'Role');
    minutes.forEach((timeout, index) => anImport(stack, `Machine${index}`, { role, timeout: Duration.minutes(timeout) }));
    return warnings(stack);
  };
  const imports = (count: number, timeout: number): readonly number[] => new Array<number>(count).fill(timeout);
  const warning = (count: number, timeout: number) => [
    expect.stringMatching(new RegExp(`^The stack has ${count} imports, and the shortest timeout is ${timeout} minutes\\. EC2 runs 20 import tasks at a time`)),
  ];

  test.each([[50, 33], [1, 20]])('with a timeout of %i minutes, from the import after %i', (minutes, fit) => {
    expect(warned(imports(fit, minutes))).toStrictEqual([]);
    expect(warned(imports(fit + 1, minutes))).toStrictEqual(warning(fit + 1, minutes));
  });

  test('and the shortest timeout counts, wherever it is in the stack', () => {
    expect(warned([...imports(24, 50), 30])).toStrictEqual(warning(25, 30));
    expect(warned([30, ...imports(24, 50)])).toStrictEqual(warning(25, 30));
  });
});

describe('a stack near the limits of CloudFormation is a warning', () => {
  const stackOf = (imports: number, props: Partial<VmImportImageProps> = {}) => {
    const stack = newStack();
    const role = new VmImportRole(stack, 'Role');
    Array.from({ length: imports }, (_, index) => anImport(stack, `Machine${index}`, { role, ...props }));
    return stack;
  };
  const warned = (...given: Parameters<typeof stackOf>) => warnings(stackOf(...given));
  const LIMITS = /^The stack has (\d+) resources and a template of (\d+) bytes\. CloudFormation accepts 500 resources and 1000000 bytes\. To make it smaller, let imports share a role, set a shorter timeout/;

  test('by its resources', () => {
    expect(warned(86)).toStrictEqual([]);
    expect(warned(88)).toStrictEqual([expect.stringMatching(LIMITS)]);
  });

  test('from more than nine tenths of the resources on', () => {
    const stack = stackOf(80);
    const missing = 450 - stack.node.findAll().filter((node) => CfnResource.isCfnResource(node)).length;
    Array.from({ length: missing }, (_, index) => new CfnResource(stack, `Other${index}`, { type: 'AWS::CloudFormation::WaitConditionHandle' }));
    expect(warnings(stack)).toStrictEqual([]);
  });

  test('by the size of its template', () => {
    const tags = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`key-${index}`, 'v'.repeat(256)]));
    expect(warned(10, { tags })).toStrictEqual([]);
    // The CDK warns as well.
    expect(warned(14, { tags })).toContainEqual(expect.stringMatching(LIMITS));
  });
});

describe('no warning', () => {
  test.each<[string, (stack: Stack) => Partial<VmImportImageProps>]>([
    ['about an OVA alone', (stack) => ({ diskContainers: disksOf(stack, 'golden.ova') })],
    ['about several disks', (stack) => ({ diskContainers: disksOf(stack, 'golden.vmdk', 'data.vhd') })],
    ['about a usage operation', () => ({ licenseType: undefined, usageOperation: 'RunInstances' })],
    ['about a 32-bit Windows', () => ({ architecture: Architecture.I386, platform: Platform.WINDOWS })],
    ['about a Windows client that brings its license', () => ({ platform: Platform.WINDOWS, osVersion: 'Windows 11' })],
    ['about a Windows Server with a license from AWS', () => ({ platform: Platform.WINDOWS, osVersion: 'Windows Server 2019', licenseType: LicenseType.AWS })],
    ['about a Windows that has no name', () => ({ platform: Platform.WINDOWS, licenseType: LicenseType.AWS })],
    ['about plain UEFI', () => ({ bootMode: BootMode.UEFI, encrypted: false, licenseConfigurationArns: [] })],
    ['about encryption of a BIOS machine', () => ({ bootMode: BootMode.LEGACY_BIOS, encrypted: true })],
    ['about a device that has its folder', () => ({ diskContainers: [DiskContainer.fromSnapshot(SNAPSHOT, { deviceName: '/dev/sda1' })] })],
    ['about a device of Windows', () => ({ diskContainers: [DiskContainer.fromSnapshot(SNAPSHOT, { deviceName: 'xvdf' })] })],
    ['about a Windows that is called so', () => ({ platform: Platform.WINDOWS, osVersion: 'Windows Server 2022' })],
    ['about a URL of the same Region', () => ({ diskContainers: [DiskContainer.fromUrl('https://disks.s3.eu-west-1.amazonaws.com/golden.vmdk')] })],
    ['about a URL without a Region', () => ({ diskContainers: [DiskContainer.fromUrl('https://disks.s3.amazonaws.com/golden.vmdk')] })],
    ['about a log group that Image Builder may write to', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs', { logGroupName: '/aws/imagebuilder/golden' }) })],
  ])('%s', (_name, props) => {
    const stack = newStack();
    anImport(stack, 'Golden', props(stack));
    expect(warnings(stack)).toStrictEqual([]);
  });

  test('about the license of a task that already ran', () => {
    const stack = newStack();
    anAdoption(stack, 'Golden');
    expect(warnings(stack)).toStrictEqual([]);
  });
});

describe('docs/warnings.md', () => {
  const REPOSITORY = join(__dirname, '..', '..');
  const sources = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const given = sources.flatMap((name) => [...readFileSync(join(REPOSITORY, 'src', name), 'utf8').matchAll(/addWarningV2\(\s*['`]cdk-vm-import:([^'`]+)['`]/g)])
    .flatMap(([, id = '']) => {
      switch (id) {
        case '${holder}Policy':
          return ['bucketPolicy', 'keyPolicy'];
        case '${code}':
          // What the preflight finds, which docs/preflight.md has.
          return [];
        default:
          return [id];
      }
    });

  test('has every warning once, in the order of the alphabet, and no other', () => {
    const rows = [...readFileSync(join(REPOSITORY, 'docs', 'warnings.md'), 'utf8').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)];
    const described = rows.flatMap(([, ids = '']) => [...ids.matchAll(/`(\w+)`/g)].map(([, id = '']) => id));
    expect(described.filter((id) => id !== 'keyPolicy')).toEqual([...new Set(given)].filter((id) => id !== 'keyPolicy').sort());
    expect(described).toContain('keyPolicy');
  });
});
