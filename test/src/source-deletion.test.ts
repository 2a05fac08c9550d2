import { writeFileSync } from 'fs';
import { join } from 'path';
import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, arn, newStack, SNAPSHOT } from './an-import';
import { BucketDiskContainerOptions, DiskContainer, DiskContainerConfig, VmImportRole } from '../../src';

const TYPE = 'Custom::VmImportImage';
const DELETE: BucketDiskContainerOptions = { deleteSourceOnSuccess: true };

const disks = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Disks', 'disks');
const s3Arn = (rest: string) => arn(`:s3:::${rest}`);

function segments(stack: Stack): Record<string, unknown>[] {
  return Object.values(Template.fromStack(stack).findResources(TYPE)).map(({ Properties }) => Properties);
}

/** What the function that runs imports may do in Amazon S3, beyond reading the disks that it imports. */
function allowed(stack: Stack): unknown[] {
  const roles = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  const statements = roles.filter(([id]) => id.startsWith('VmImportProviderIsComplete'))
    .flatMap(([, { Properties }]) => Properties.Policies[0].PolicyDocument.Statement as { Action: string | string[] }[]);
  return statements.filter(({ Action }) => [Action].flat().some((action) => /^s3:(Delete|List)/.test(action)));
}

test('without deleteSourceOnSuccess nothing is deleted, and nothing may be', () => {
  const stack = newStack();
  anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(disks(stack), 'a.ova', { deleteSourceOnSuccess: false })] });
  expect(segments(stack).every((properties) => !('DeleteSources' in properties))).toBe(true);
  expect(allowed(stack)).toStrictEqual([]);
});

test('with it every segment knows what to delete, and the function may delete that object only, and never without a condition', () => {
  const stack = newStack();
  const bucket = disks(stack);
  anImport(stack, 'Golden', {
    diskContainers: [DiskContainer.fromBucket(bucket, 'a*.vmdk', DELETE), DiskContainer.fromBucket(bucket, 'b.vmdk'), DiskContainer.fromSnapshot(SNAPSHOT)],
  });
  const told = segments(stack).map(({ DeleteSources }) => DeleteSources);
  expect(told.length).toBeGreaterThan(1);
  expect(new Set(told.map((each) => JSON.stringify(each)))).toStrictEqual(new Set([JSON.stringify([{ S3Bucket: 'disks', S3Key: 'a*.vmdk' }])]));
  expect(allowed(stack)).toStrictEqual([
    { Action: ['s3:GetBucketLocation', 's3:ListBucket'], Effect: 'Allow', Resource: s3Arn('disks') },
    { Action: 's3:DeleteObject', Effect: 'Allow', Resource: s3Arn('disks/a${!*}.vmdk'), Condition: { Null: { 's3:if-match': 'false' } } },
    { Action: ['s3:DeleteObjectVersion', 's3:GetObject'], Effect: 'Allow', Resource: s3Arn('disks/a${!*}.vmdk') },
  ]);
});

test('to delete the disk is no other import', () => {
  const contents = [{}, DELETE].map((options) => {
    const stack = newStack();
    anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(disks(stack), 'a.ova', options)] });
    return segments(stack)[0];
  });
  const [without, { DeleteSources, ...withIt } = {}] = contents;
  expect(DeleteSources).toBeDefined();
  expect(withIt).toStrictEqual(without);
});

test('a bucket of another account that the app makes allows it, too; of one that it does not make, a warning says what to add', () => {
  const app = new App();
  const stackIn = (account: string) => new Stack(app, `Of${account}`, { env: { account, region: 'eu-west-1' } });
  const [theirs, ours] = [stackIn('444455556666'), stackIn('111122223333')];
  const bucket = new s3.Bucket(theirs, 'Bucket', { bucketName: 'their-disks' });
  const imported = s3.Bucket.fromBucketAttributes(ours, 'Imported', { bucketName: 'more-disks', account: '444455556666' });
  anImport(ours, 'Golden', {
    diskContainers: [DiskContainer.fromBucket(bucket, 'a.vmdk', DELETE), DiskContainer.fromBucket(imported, 'b.vmdk', DELETE)],
    role: new VmImportRole(ours, 'Role', { roleName: 'golden' }),
  });
  Template.fromStack(theirs).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: 's3:DeleteObject', Condition: { Null: { 's3:if-match': 'false' } } }),
        Match.objectLike({ Action: ['s3:DeleteObjectVersion', 's3:GetObject'] }),
      ]),
    },
  });
  const warnings = Annotations.fromStack(ours).findWarning('*', Match.stringLikeRegexp('bucketPolicy')).map(({ entry }) => String(entry.data));
  expect(warnings.filter((warning) => warning.includes('s3:DeleteObject"'))).toStrictEqual([
    expect.stringMatching(/^The bucket Of111122223333\/Imported is in the account 444455556666, .* Add this statement to it: \{"Action":"s3:DeleteObject",.*"Null":\{"s3:if-match":"false"\}/),
  ]);
});

describe('never deletes', () => {
  test.each<[string, (directory: string) => DiskContainer, string]>([
    ['an asset', (directory) => {
      const path = join(directory, 'a.raw');
      writeFileSync(path, 'a disk');
      return DiskContainer.fromAsset(path, DELETE);
    }, 'deleteSourceOnSuccess is set for a.raw, but only an object of DiskContainer.fromBucket can be deleted: remove it.'],
    ['what a URL names', () => DiskContainer.fromUrl('s3://disks/a.ova', DELETE), 'deleteSourceOnSuccess is set for a.ova, but only'],
    ['what a URL names that is only known at deployment', () => DiskContainer.fromUrl(Lazy.string({ produce: () => 's3://disks/a.ova' }), DELETE), 'deleteSourceOnSuccess is set for a URL, but only'],
    ['a snapshot', () => DiskContainer.fromSnapshot(SNAPSHOT, DELETE), 'deleteSourceOnSuccess is set for a disk container without an object in a bucket: remove it.'],
    ['what a container of one\'s own does not name', () => new class extends DiskContainer {
      public bind(): DiskContainerConfig {
        return { url: 'https://example.com/a.ova', deleteSourceOnSuccess: true };
      }
    }(), 'deleteSourceOnSuccess is set for a disk container without an object in a bucket: remove it.'],
  ])('%s', (_name, disk, message) => {
    const app = new App();
    expect(() => anImport(new Stack(app, 'Stack'), 'Golden', { diskContainers: [disk(app.outdir)], preflight: false })).toThrow(message);
  });
});
