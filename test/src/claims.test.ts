import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, newStack } from './an-import';
import { BucketDiskContainerOptions, DiskContainer, DiskFormat } from '../../src';

const OBJECT = (key: string) => `${key} is also imported by Stack/First, and one of the two deletes it: remove deleteSourceOnSuccess. [at Stack/Second]`;
const DELETED = { deleteSourceOnSuccess: true };

let stack: Stack;
let bucket: s3.IBucket;
beforeEach(() => {
  stack = newStack();
  bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'exports');
});

const disk = (key: string, options?: BucketDiskContainerOptions) => DiskContainer.fromBucket(bucket, key, options);

describe('two imports of a stack', () => {
  test('cannot have one AMI name', () => {
    anImport(stack, 'First', { ami: { name: 'golden' } });
    anImport(stack, 'Other', { ami: { name: 'golden-2' } });
    expect(() => anImport(stack, 'Second', { ami: { name: 'golden' } })).toThrow(
      'The AMI name "golden" is also that of Stack/First, but names of AMIs are unique in an account and Region: use another one. [at Stack/Second]',
    );
  });

  test('may have AMI names that are only known at deployment', () => {
    const name = new CfnParameter(stack, 'Name').valueAsString;
    anImport(stack, 'First', { ami: { name } });
    expect(() => anImport(stack, 'Second', { ami: { name } })).not.toThrow();
  });

  test.each([[DELETED, DELETED], [DELETED, {}], [{}, DELETED]])('cannot share an object that one of them deletes: %j, %j', (first, second) => {
    anImport(stack, 'First', { diskContainers: [disk('a.ova', first)] });
    expect(() => anImport(stack, 'Second', { diskContainers: [disk('b.ova', DELETED), disk('a.ova', second)] })).toThrow(OBJECT('a.ova'));
  });

  test('cannot share one whose key is only known at deployment', () => {
    const key = new CfnParameter(stack, 'Key').valueAsString;
    const options = { ...DELETED, format: DiskFormat.OVA };
    anImport(stack, 'First', { diskContainers: [disk(key, options)] });
    expect(() => anImport(stack, 'Second', { diskContainers: [disk(key, options)] })).toThrow(OBJECT('An object'));
  });

  test('may share an object that stays, and delete objects of one key in two buckets', () => {
    anImport(stack, 'First', { diskContainers: [disk('a.ova'), disk('b.ova', DELETED)] });
    const other = DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Other', 'others'), 'b.ova', DELETED);
    expect(() => anImport(stack, 'Second', { diskContainers: [disk('a.ova'), other] })).not.toThrow();
  });
});

test('one import may have an object twice', () => {
  expect(() => anImport(stack, 'First', { diskContainers: [disk('a.raw', DELETED), disk('a.raw')] })).not.toThrow();
  expect(() => anImport(stack, 'Second', { diskContainers: [disk('a.raw')] })).toThrow(OBJECT('a.raw'));
});
