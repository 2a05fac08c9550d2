import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnParameter, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { anImport, arn, newStack, SNAPSHOT } from './an-import';
import { DiskContainer, DiskContainerConfig, DiskFormat } from '../../src';

function diskOf(stack: Stack): Record<string, unknown> {
  const [segment] = Object.values(Template.fromStack(stack).findResources('Custom::VmImportImage'));
  return segment?.Properties.ImportImage.DiskContainers[0];
}

function imported(disk: (stack: Stack) => DiskContainer, stack: Stack = newStack()): Stack {
  anImport(stack, 'Golden', { diskContainers: [disk(stack)] });
  return stack;
}

const bucketOf = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');

describe('the format', () => {
  test.each([
    ['a.ova', 'OVA'], ['a.OVA', 'OVA'], ['a.vhd', 'VHD'], ['a.vhdx', 'VHDX'], ['a.vmdk', 'VMDK'], ['a.raw', 'RAW'], ['dir.x/a.b.img', 'RAW'],
  ])('of %s is %s', (key, format) => {
    expect(diskOf(imported((stack) => DiskContainer.fromBucket(bucketOf(stack), key)))).toMatchObject({ Format: format });
  });

  test.each(['ova', 'a.ova/disk', 'a.'])('of %s cannot be inferred', (key) => {
    expect(() => imported((stack) => DiskContainer.fromBucket(bucketOf(stack), key))).toThrow(
      `The format of ${key} cannot be inferred, as its extension is not one of .ova, .vhd, .vhdx, .vmdk, .qcow2, .raw, .img: set the option format. [at Stack/Golden/Disk1]`,
    );
  });

  test.each([
    ['a.iso', 'a.iso is a CD image, not a disk: install the system into a disk image, and import that.'],
    ['a.OVF', 'a.OVF is a descriptor without its disks: pack it together with them as an OVA, or name the disks themselves.'],
    ['a.vmdk.gz', 'a.vmdk.gz is compressed: decompress it first.'],
    ['a.raw.xz', 'a.raw.xz is compressed: decompress it first.'],
    ['a.vdi', 'a.vdi has a format that cannot be imported: convert it with qemu-img convert -O raw.'],
    ['exports/', 'exports/ is a folder: use the key of a disk image in it.'],
    ['s3://disks/a.ova', 's3://disks/a.ova is a URL, not a key: use the key alone, or DiskContainer.fromUrl.'],
    ['https://disks.s3.amazonaws.com/a.ova', 'https://disks.s3.amazonaws.com/a.ova is a URL, not a key: use the key alone, or DiskContainer.fromUrl.'],
    ['a.qcow2', 'The format of a disk is QCOW2, which VM Import/Export does not import: use VmImportAmi, or convert it (qemu-img convert -O raw).'],
  ])('of %s is none that can be imported, which the error says', (key, sentence) => {
    expect(() => imported((stack) => DiskContainer.fromBucket(bucketOf(stack), key))).toThrow(`${sentence} [at Stack/Golden`);
  });

  test('OVA with one of its disks is for VmImportAmi, which the error says', () => {
    expect(() => imported((stack) => DiskContainer.fromBucket(bucketOf(stack), 'a.ova', { ovaDisk: 1 })))
      .toThrow('ovaDisk is set, but VmImportImage imports all disks of an OVA: remove it, or use VmImportAmi. [at Stack/Golden');
  });

  test('that is given decides, whatever the extension says', () => {
    expect(diskOf(imported((stack) => DiskContainer.fromBucket(bucketOf(stack), 'a.iso', { format: DiskFormat.RAW })))).toMatchObject({ Format: 'RAW' });
  });

  test('of a name that ends in plain text is inferred, although the rest is a token', () => {
    const stack = newStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    expect(diskOf(imported((scope) => DiskContainer.fromBucket(bucketOf(scope), `exports/${name}.vmdk`), stack))).toMatchObject({ Format: 'VMDK' });
  });

  test('of a name that is only known at deployment must be given', () => {
    const key = (stack: Stack) => new CfnParameter(stack, 'Key').valueAsString;
    expect(() => imported((stack) => DiskContainer.fromBucket(bucketOf(stack), key(stack)))).toThrow(
      'The format of a name that is only known at deployment cannot be inferred, as its extension is not one of .ova, .vhd, .vhdx, .vmdk, .qcow2, .raw, .img: set the option format. [at Stack/Golden/Disk1]',
    );
    expect(diskOf(imported((stack) => DiskContainer.fromBucket(bucketOf(stack), key(stack), { format: DiskFormat.VHD })))).toStrictEqual({
      Format: 'VHD', UserBucket: { S3Bucket: 'disks', S3Key: { Ref: 'Key' } },
    });
  });

  test('that is given wins over the extension', () => {
    expect(diskOf(imported((stack) => DiskContainer.fromBucket(bucketOf(stack), 'a.img', { format: DiskFormat.VHD })))).toMatchObject({ Format: 'VHD' });
  });
});

describe('from a bucket', () => {
  test.each([['', 0], ['ä'.repeat(513), 1026]])('a key of a wrong length is refused', (key, bytes) => {
    expect(() => imported((stack) => DiskContainer.fromBucket(bucketOf(stack), key))).toThrow(
      `The key of a disk container must have 1 to 1,024 bytes, but has ${bytes}: use the key of an object. [at Stack/Golden/Disk1]`,
    );
  });

  test('of another Region is refused', () => {
    const app = new App();
    const bucket = new s3.Bucket(new Stack(app, 'Buckets', { env: { region: 'us-east-1' } }), 'Bucket');
    const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
    expect(() => imported(() => DiskContainer.fromBucket(bucket, 'a.ova'), stack)).toThrow(
      'The bucket of a.ova is in us-east-1, but VM Import/Export reads from buckets in the Region of the import, eu-west-1: copy the object to a bucket there. [at Stack/Golden/Disk1]',
    );
  });
});

describe('from a file', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'disk-')); });
  afterEach(() => rmSync(directory, { recursive: true }));

  const fileOf = (name: string, content: string | Buffer) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const keyOf = (path: string, format?: DiskFormat) => {
    const disk = diskOf(imported(() => DiskContainer.fromAsset(path, { format })));
    return (disk.UserBucket as { S3Key: string }).S3Key;
  };

  test('the bootstrap bucket is read, and the file uploaded as it is', () => {
    const app = new App();
    const stack = imported(() => DiskContainer.fromAsset(fileOf('disk.raw', 'raw')), new Stack(app, 'Stack'));
    const manifest: { files: Record<string, { source: { path: string; packaging: string } }> } = JSON.parse(
      readFileSync(join(app.synth().directory, 'Stack.assets.json'), 'utf8'),
    );
    const [upload] = Object.values(manifest.files).filter(({ source }) => source.path.endsWith('.raw'));
    expect(upload?.source.packaging).toBe('file');
    expect(diskOf(stack)).toStrictEqual({
      Format: 'RAW',
      UserBucket: {
        S3Bucket: { 'Fn::Sub': expect.stringContaining('-assets-') },
        S3Key: expect.stringMatching(/^[0-9a-f]{64}\.raw$/),
      },
    });
  });

  test('another content has another key, even where only line ends differ or bytes that are no text', () => {
    const contents = ['one\r\n', 'one\n', Buffer.from([0xff]), Buffer.from([0xfe])];
    expect(new Set(contents.map((content, index) => keyOf(fileOf(`${index}.raw`, content)))).size).toBe(contents.length);
  });

  test('the same content has the same key, whatever the file is called and however long it is', () => {
    const content = Buffer.alloc(9 * 1024 * 1024, 7);
    expect(keyOf(fileOf('one.raw', content))).toBe(keyOf(fileOf('two.raw', content)));
  });

  test('a file that is changed within one synthesis gets another key', () => {
    const path = fileOf('disk.raw', 'one');
    const before = keyOf(path);
    writeFileSync(path, 'two');
    utimesSync(path, 1, 1);
    expect(keyOf(path)).not.toBe(before);
  });

  test('a hash that is given names the content, and the file is not read for it', () => {
    const path = fileOf('disk.raw', 'one');
    const keyWith = (assetHash: string) =>
      (diskOf(imported(() => DiskContainer.fromAsset(path, { assetHash, deviceName: '/dev/xvdb' }))).UserBucket as { S3Key: string }).S3Key;
    const key = keyWith('build-1');
    writeFileSync(path, 'two');
    expect(keyWith('build-1')).toBe(key);
    expect(keyWith('build-2')).not.toBe(key);
    expect(diskOf(imported(() => DiskContainer.fromAsset(path, { assetHash: 'build-1', deviceName: '/dev/xvdb' })))).toMatchObject({ DeviceName: '/dev/xvdb' });
  });

  test.each(['', ' ', Lazy.string({ produce: () => 'x' })])('the hash %j is refused', (assetHash) => {
    const path = fileOf('disk.raw', 'one');
    expect(() => imported(() => DiskContainer.fromAsset(path, { assetHash }))).toThrow(
      `The assetHash of ${path} names its content at synthesis, so it must be a text of at least 1 character. [at Stack/Golden/Disk1]`,
    );
  });

  test('an archive by its name is not unpacked', () => {
    expect(keyOf(fileOf('disk.zip', 'PK'), DiskFormat.RAW)).toMatch(/^[0-9a-f]{64}\.zip$/);
  });

  test('a path is refused if nothing is there, or something that is not a file', () => {
    const [missing, folder] = [join(directory, 'nothing.ova'), join(directory, 'directory.ova')];
    mkdirSync(folder);
    expect(() => imported(() => DiskContainer.fromAsset(missing))).toThrow(`There is no file at ${missing}: use the path of a disk image. [at Stack/Golden/Disk1]`);
    expect(() => imported(() => DiskContainer.fromAsset(folder))).toThrow(`${folder} is not a file: use the path of a disk image. [at Stack/Golden/Disk1]`);
  });

  test('two disks of one import, and one disk of two imports, are files of their own', () => {
    const stack = newStack();
    const disk = DiskContainer.fromAsset(fileOf('one.raw', 'one'));
    anImport(stack, 'A', { diskContainers: [disk, DiskContainer.fromAsset(fileOf('two.raw', 'two'))] });
    anImport(stack, 'B', { diskContainers: [disk] });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('from a snapshot', () => {
  test.each(['snap-01234567', SNAPSHOT])('%s is taken', (snapshotId) => {
    expect(diskOf(imported(() => DiskContainer.fromSnapshot(snapshotId)))).toStrictEqual({ SnapshotId: snapshotId });
  });

  test.each(['vol-0123456789abcdef0', 'snap-0123', 'snap-0123456789ABCDEF0', `${SNAPSHOT}\n`])('%p is refused', (snapshotId) => {
    expect(() => imported(() => DiskContainer.fromSnapshot(snapshotId))).toThrow(
      `${JSON.stringify(snapshotId)} is not the id of an EBS snapshot: use one like snap-0123456789abcdef0. [at Stack/Golden/Disk1]`,
    );
  });
});

describe('from a URL', () => {
  const reads = (stack: Stack) => {
    const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role', {
      Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'vmie.amazonaws.com' } }] } },
    }));
    const statements: { Action: string; Resource: unknown }[] = role?.Properties.Policies[0].PolicyDocument.Statement;
    return statements.filter(({ Action }) => Action === 's3:GetObject').map(({ Resource }) => Resource);
  };
  const object = (path: string) => arn(`:s3:::${path}`);

  test.each([
    ['s3://disks/exports/a.ova', 'OVA', [object('disks/exports/a.ova')]],
    ['https://disks.s3.eu-west-1.amazonaws.com/exports/a%20b.vhd', 'VHD', [object('disks/exports/a b.vhd')]],
    ['https://my.disks.s3.amazonaws.com/a.vhdx', 'VHDX', [object('my.disks/a.vhdx')]],
    ['https://s3.eu-west-1.amazonaws.com/disks/exports/a.raw', 'RAW', [object('disks/exports/a.raw')]],
    ['https://s3-eu-west-1.amazonaws.com/disks/a.raw', 'RAW', [object('disks/a.raw')]],
    ['https://disks.s3.cn-north-1.amazonaws.com.cn/a.raw', 'RAW', [object('disks/a.raw')]],
    ['https://s3.eu-west-1.amazonaws.com/a.raw', 'RAW', []],
    ['https://example.com/exports/a.vmdk', 'VMDK', []],
    ['https://disks.s3.eu-west-1.amazonaws.com/a.ova?versionId=1', 'OVA', []],
  ])('%s is a %s, and what it names in Amazon S3 may be read', (url, format, resources) => {
    const stack = imported(() => DiskContainer.fromUrl(url));
    expect(diskOf(stack)).toStrictEqual({ Format: format, Url: url });
    expect(reads(stack)).toStrictEqual(resources);
  });

  test.each([
    'https://s3.console.aws.amazon.com/s3/object/disks?region=eu-west-1&prefix=a.ova', 'https://eu-west-1.console.aws.amazon.com/s3/object/disks?prefix=a.ova',
    'https://console.amazonaws.cn/s3/object/disks', 'https://console.amazonaws-us-gov.com/s3/object/disks',
  ])('%s is refused as a page of the console', (url) => {
    expect(() => imported(() => DiskContainer.fromUrl(url))).toThrow(
      'The URL is a page of the AWS Management Console: use the S3 URI that the page shows, s3://bucket/key. [at Stack/Golden/Disk1]',
    );
  });

  test.each(['s3://disks', 's3://disks/', 's3://Disks/a.ova', 'S3:/disks/a.ova'])('%p is refused, because it does not name an object', (url) => {
    expect(() => imported(() => DiskContainer.fromUrl(url))).toThrow(
      `"${url}" does not name an object: use s3://bucket/key. Bucket names have 3 to 63 lowercase letters, digits, dots and hyphens. [at Stack/Golden/Disk1]`,
    );
  });

  test.each([
    ['http://example.com/a.ova', 'http://example.com/a.ova'],
    ['https://example.com', 'https://example.com'],
    ['https://example.com/%zz.ova', 'https://example.com/%zz.ova'],
    ['file:///a.ova', 'file:///a.ova'],
    ['a.ova', 'a.ova'],
    ['', ''],
    ['https://example.com/a b.ova?X-Amz-Signature=secret', 'https://example.com/a b.ova'],
    ['https://example.com/a\'b.ova?X-Amz-Signature=secret', 'https://example.com/a\'b.ova'],
    ['http://example.com/a.ova?X-Amz-Signature=secret', 'http://example.com/a.ova'],
  ])('%p is refused without its query, which may be a secret', (url, shown) => {
    expect(() => imported(() => DiskContainer.fromUrl(url))).toThrow(
      `${JSON.stringify(shown)} is not a URL that EC2 imports from: use https://host/path, percent-encoded, or s3://bucket/key. [at Stack/Golden/Disk1]`,
    );
  });

  test('that is presigned, a warning says that it is a secret', () => {
    const stack = imported(() => DiskContainer.fromUrl('https://disks.s3.eu-west-1.amazonaws.com/a.ova?X-Amz-Date=1&X-Amz-Signature=secret'));
    Annotations.fromStack(stack).hasWarning('/Stack/Golden/Disk1', Match.stringLikeRegexp('A presigned URL is a secret'));
    expect(reads(stack)).toStrictEqual([]);
  });

  test('that is only known at deployment, nothing may be read, which a warning says', () => {
    const stack = imported(() => DiskContainer.fromUrl(Lazy.string({ produce: () => 's3://disks/a.ova' }), { format: DiskFormat.OVA }));
    Annotations.fromStack(stack).hasWarning('/Stack/Golden/Disk1', Match.stringLikeRegexp('The URL is only known at deployment, so the service role gets no permission'));
    expect(reads(stack)).toStrictEqual([]);
    expect(diskOf(stack)).toStrictEqual({ Format: 'OVA', Url: 's3://disks/a.ova' });
  });
});

describe('the options of a disk', () => {
  test.each([['description'], ['deviceName']])('%s must not be empty', (option) => {
    expect(() => imported(() => DiskContainer.fromSnapshot(SNAPSHOT, { [option]: '' }))).toThrow(
      `The ${option} of a disk container is empty: use at least 1 character, or remove it. [at Stack/Golden/Disk1]`,
    );
  });
});

describe('a disk container of the user\'s own', () => {
  class OwnDiskContainer extends DiskContainer {
    public constructor(private readonly config: DiskContainerConfig) {
      super();
    }
    public bind(_scope: Construct): DiskContainerConfig {
      return this.config;
    }
  }

  test('is rendered as it is bound', () => {
    const stack = imported((scope) => new OwnDiskContainer({ snapshotId: new CfnParameter(scope, 'Snapshot').valueAsString }));
    expect(diskOf(stack)).toStrictEqual({ SnapshotId: { Ref: 'Snapshot' } });
  });

  test('whose URL names the object lets the import read nothing else of a bucket', () => {
    const config = (scope: Construct) => ({ url: 'https://example.com/a.ova', bucket: s3.Bucket.fromBucketName(scope, 'Bucket', 'disks') });
    const stack = imported((scope) => new OwnDiskContainer(config(scope)));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Role'))).not.toContain(':::disks');
  });

  test.each<[DiskContainerConfig, string]>([
    [{}, 'nothing'],
    [{ objectKey: 'a.ova' }, 'nothing'],
    [{ snapshotId: SNAPSHOT, url: 'https://example.com/a.ova' }, 'a snapshot and to an object'],
  ])('%j is refused', (config, sources) => {
    expect(() => imported(() => new OwnDiskContainer(config))).toThrow(
      `A disk container is bound to ${sources}: return either snapshotId, or url, or bucket and objectKey from bind. [at Stack/Golden/Disk1]`,
    );
  });
});
