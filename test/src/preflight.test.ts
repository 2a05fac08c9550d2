import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Annotations as Acknowledgement, App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anAdoption, anImport, arn, newStack, SNAPSHOT } from './an-import';
import { BootMode, DiskContainer, DiskFormat, Platform, VmImportImageProps } from '../../src';
import { recordedImages } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';

const directory = mkdtempSync(join(tmpdir(), 'preflight-'));
afterAll(() => rmSync(directory, { recursive: true }));

const images = new Map(recordedImages().map(({ name, file }) => [name, file]));
const image = (name: string) => images.get(name)?.bytes() ?? Buffer.from(`there is no image ${name}`);

function fileOf(name: string, content: Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));

describe('a local disk', () => {
  const imported = (path: string, props: Partial<VmImportImageProps> = {}, format?: DiskFormat) => {
    const stack = newStack();
    anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromAsset(path, { format })], ...props });
    return stack;
  };

  test.each([
    ['disk.vmdk', 'mbr-vmdk-stream'], ['disk.vhd', 'mbr-vhd-dynamic'], ['fixed.vhd', 'mbr-vhd-fixed'], ['disk.vhdx', 'mbr-vhdx-dynamic'], ['disk.raw', 'mbr-raw'],
  ])('%s that EC2 imports is taken without a word', (name, kind) => {
    expect(warnings(imported(fileOf(name, image(kind))))).toStrictEqual([]);
  });

  test('that VMware wrote in one pass is taken', () => {
    expect(warnings(imported(fileOf('vmware.vmdk', streamVmdk(image('mbr-raw')))))).toStrictEqual([]);
  });

  test.each([
    ['qcow2.vmdk', 'gpt-uefi-qcow2', /qcow2\.vmdk is a qcow2 image, which VM Import\/Export does not import\. Convert it: qemu-img convert .*streamOptimized/],
    ['sparse.vmdk', 'mbr-vmdk-sparse', /sparse\.vmdk .*stream-optimized.* qemu-img convert/],
    ['vhd.vmdk', 'mbr-vhd-dynamic', /vhd\.vmdk is declared as VMDK but is a VHD\. Declare the format VHD/],
  ])('%s that EC2 would refuse stops synthesis, with what to do', (name, kind, sentence) => {
    const path = fileOf(name, image(kind));
    expect(() => imported(path)).toThrow(sentence);
    expect(() => imported(path)).toThrow(/\(preflight: false imports it all the same\.\) \[at Stack\/Golden\/Disk1\]$/);
  });

  test('with several errors is refused with all of them in one message', () => {
    expect(() => imported(fileOf('several.ova', image('mbr-vmdk-sparse')))).toThrow(/is declared as OVA but is a VMDK\..*stream-optimized/);
  });

  test('is compared with the format that is given, not with the extension', () => {
    expect(warnings(imported(fileOf('named.vmdk', image('mbr-vhd-dynamic')), {}, DiskFormat.VHD))).toStrictEqual([]);
  });

  test('that EC2 may accept has a warning that can be acknowledged', () => {
    const stack = newStack();
    const golden = anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromAsset(fileOf('blank.raw', Buffer.alloc(4096)))] });
    expect(warnings(stack)).toStrictEqual([expect.stringMatching(/blank\.raw has no partition table .* Check that this is the disk that the machine boots from/)]);
    Acknowledgement.of(golden).acknowledgeWarning('cdk-vm-import:partition-table-missing');
    expect(warnings(stack)).toStrictEqual([]);
  });

  test('is compared with the boot mode of the import', () => {
    const path = fileOf('uefi.raw', image('gpt-uefi-raw'));
    expect(warnings(imported(path, { bootMode: BootMode.UEFI }))).toStrictEqual([]);
    expect(warnings(imported(path, { bootMode: BootMode.LEGACY_BIOS }))).toStrictEqual([expect.stringMatching(/legacy-bios mode, but boots by UEFI only/)]);
  });

  test('that is not the first needs no partition table', () => {
    const stack = newStack();
    const [boot, data] = [fileOf('boot.raw', image('mbr-raw')), fileOf('data.raw', Buffer.alloc(4096))];
    anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromAsset(boot), DiskContainer.fromAsset(data)] });
    expect(warnings(stack)).toStrictEqual([]);
  });

  test('is not looked at where the preflight is switched off', () => {
    const stack = imported(fileOf('off.vmdk', image('gpt-uefi-qcow2')), { preflight: false });
    expect(warnings(stack)).toStrictEqual([]);
    Template.fromStack(stack).resourceCountIs('Custom::VmImportImage', 5);
  });
});

describe('the handlers', () => {
  const properties = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('Custom::VmImportImage')).map(({ Properties }) => Properties.Preflight);

  test.each<[boolean | undefined, unknown]>([[undefined, undefined], [true, undefined], [false, false]])('with preflight %p are told %p', (preflight, told) => {
    const stack = newStack();
    anImport(stack, 'Golden', { preflight });
    expect(properties(stack)).toStrictEqual(Array(5).fill(told));
  });

  test('are told nothing of it for a task that already ran, whatever preflight says', () => {
    expect(() => anAdoption(newStack(), 'Golden', { preflight: true })).not.toThrow();
  });
});

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

test('onEvent may ask which key encrypts volumes by default, for imports from disks that it looks at', () => {
  const may = (props: Partial<VmImportImageProps>) => {
    const stack = newStack();
    anImport(stack, 'Golden', props);
    return JSON.stringify(Template.fromStack(stack).toJSON()).includes('ec2:GetEbsEncryptionByDefault');
  };
  expect([may({}), may({ preflight: false })]).toStrictEqual([true, false]);
});

describe('onEvent may read', () => {
  const ARN = (rest: string) => arn(`:s3:::${rest}`);
  const NAMING = ['cloudformation:DescribeStackResource', 'ec2:DescribeImages', 'ec2:DescribeImportImageTasks', 'ec2:GetEbsDefaultKmsKeyId', 'ec2:GetEbsEncryptionByDefault', 'imagebuilder:GetImage', 'imagebuilder:ListImageBuildVersions'];

  const allowed = (props: (stack: Stack) => Partial<VmImportImageProps>, stack: Stack = newStack()): Statement[] => {
    anImport(stack, 'Golden', props(stack));
    const [role] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('VmImportProviderOnEventRole'));
    const statements: Statement[] = role?.[1].Properties.Policies[0].PolicyDocument.Statement;
    return statements
      .filter(({ Action }) => !String(Action).startsWith('logs:'))
      .filter(({ Action }) => ![Action].flat().every((action) => NAMING.includes(action)));
  };
  const disks = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Disks', 'disks');

  test('the very object of a bucket, and whether it is there', () => {
    expect(allowed((stack) => ({ diskContainers: [DiskContainer.fromBucket(disks(stack), 'a*.ova')] }))).toEqual([
      { Action: 's3:GetObject', Effect: 'Allow', Resource: ARN('disks/a${!*}.ova') },
      { Action: 's3:ListBucket', Effect: 'Allow', Resource: ARN('disks') },
    ]);
  });

  test.each([['s3://disks/a.ova'], ['https://disks.s3.eu-west-1.amazonaws.com/a.ova']])('the object of %s', (url) => {
    expect(allowed(() => ({ diskContainers: [DiskContainer.fromUrl(url)] }))).toContainEqual({ Action: 's3:GetObject', Effect: 'Allow', Resource: ARN('disks/a.ova') });
  });

  test('what stands of a snapshot', () => {
    expect(allowed(() => ({ diskContainers: [DiskContainer.fromSnapshot(SNAPSHOT)] }))).toEqual([
      { Action: ['ec2:DescribeImages', 'ec2:DescribeImportImageTasks', 'ec2:DescribeSnapshots', 'ec2:GetEbsDefaultKmsKeyId', 'ec2:GetEbsEncryptionByDefault'], Effect: 'Allow', Resource: '*' },
    ]);
  });

  test('an object that is encrypted with a key that the bucket knows, through Amazon S3 only', () => {
    const statements = allowed((stack) => {
      const encryptionKey = new kms.Key(stack, 'Key');
      return { diskContainers: [DiskContainer.fromBucket(new s3.Bucket(stack, 'Bucket', { encryptionKey }), 'a.ova')] };
    });
    expect(statements).toContainEqual({
      Action: 'kms:Decrypt',
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
      Condition: { StringLike: { 'kms:ViaService': { 'Fn::Sub': 's3.${AWS::Region}.amazonaws.com*' } } },
    });
  });

  test('a bucket of another stack, without a cycle', () => {
    const app = new App();
    const buckets = new Stack(app, 'Buckets');
    const bucket = new s3.Bucket(buckets, 'Bucket', { encryptionKey: new kms.Key(buckets, 'Key') });
    const stack = new Stack(app, 'Stack');
    anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')] });
    expect(() => app.synth()).not.toThrow();
  });

  test.each<[string, Partial<VmImportImageProps>]>([
    ['nothing at a URL outside of Amazon S3', { diskContainers: [DiskContainer.fromUrl('https://example.com/a.ova')] }],
    ['nothing with the preflight switched off', { diskContainers: [DiskContainer.fromUrl('s3://disks/a.ova')], preflight: false }],
  ])('%s', (_, props) => {
    expect(allowed(() => ({ platform: Platform.LINUX, ...props }))).toEqual([]);
  });
});
