import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations as Acknowledgement, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anAdoption, anImport, LICENSE_ARN, newStack } from './an-import';
import { Architecture, BootMode, DiskContainer, LicenseType, Platform, VmImportImageProps } from '../../src';

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
    ['arm64BootMode', () => ({ architecture: Architecture.ARM64 }), /EC2 boots ARM machines by UEFI only/],
    ['uefiEncryption', () => ({ bootMode: BootMode.UEFI, encrypted: true }), /does not support encryption for UEFI/],
    ['uefiEncryption', (stack) => ({ bootMode: BootMode.UEFI, encryptionKey: new kms.Key(stack, 'Key') }), /does not support encryption for UEFI/],
    ['uefiLicenseConfiguration', () => ({ bootMode: BootMode.UEFI, licenseConfigurationArns: [LICENSE_ARN] }), /does not support license configurations for UEFI/],
    ['ovaWithOtherDisks', (stack) => ({ diskContainers: disksOf(stack, 'data.vmdk', 'golden.ova') }), /a whole machine with all its disks, but stands among 2 disk containers/],
    ['logGroupName', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs', { logGroupName: '/golden' }) }), /may only write to log groups whose names begin with \/aws\/imagebuilder\//],
    ['logGroupName', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs') }), /may only write to log groups/],
    ['logGroupName', (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', '/golden') }), /may only write to log groups/],
  ])('%s', (id, props, text) => {
    const stack = newStack();
    const image = anImport(stack, 'Golden', props(stack));
    expect(warnings(stack)).toStrictEqual([expect.stringMatching(text)]);
    Acknowledgement.of(image).acknowledgeWarning(`cdk-vm-import:${id}`);
    expect(warnings(stack)).toStrictEqual([]);
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
    ['about a Linux that is called like a client', () => ({ osVersion: 'Windows 10', licenseType: LicenseType.AWS })],
    ['about ARM by UEFI', () => ({ architecture: Architecture.ARM64, bootMode: BootMode.UEFI })],
    ['about plain UEFI', () => ({ bootMode: BootMode.UEFI, encrypted: false, licenseConfigurationArns: [] })],
    ['about encryption of a BIOS machine', () => ({ bootMode: BootMode.LEGACY_BIOS, encrypted: true })],
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
