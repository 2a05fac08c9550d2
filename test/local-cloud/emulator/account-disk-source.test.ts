import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort, MiniStack } from '../ministack';
import { AccountDiskSource } from './account-disk-source';
import { digest } from './disk-source';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe('The disks and roles of an account on MiniStack', () => {
  let folder: string;
  let ministack: MiniStack;
  let source: AccountDiskSource;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk-source-'));
    const nowhere = 'http://127.0.0.1:9';
    ministack = await MiniStack.start({
      folder, port: await freePort(), region: 'us-east-1', endpoints: { ec2: nowhere, ebs: nowhere, imageBuilder: nowhere }, timeScale: 1, timeOrigin: Date.now(), waitScale: 1, signal: new AbortController().signal,
    });
    source = new AccountDiskSource(ministack.endpoint);
  }, 360_000);

  afterAll(async () => {
    source.close();
    await ministack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('an object that is there has a size and is read to its end', async () => {
    const s3 = new S3Client({ endpoint: ministack.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    await s3.send(new CreateBucketCommand({ Bucket: 'disks' }));
    await s3.send(new PutObjectCommand({ Bucket: 'disks', Key: 'a folder/disk.raw', Body: 'bytes' }));
    s3.destroy();
    expect(await source.head('disks', 'a folder/disk.raw')).toEqual({ size: 5 });
    expect(await digest(source, 'disks', 'a folder/disk.raw', new AbortController().signal)).toEqual({
      bucket: 'disks',
      key: 'a folder/disk.raw',
      size: 5,
      sha256: '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9',
    });
    expect(await source.head('disks', 'another')).toBeUndefined();
    expect(await source.head('no-such-bucket', 'disk.raw')).toBeUndefined();
  });

  test.each([
    ['a role for VM import', 'vmie.amazonaws.com', 'vmimport', true],
    ['a role with another external id', 'vmie.amazonaws.com', 'other', false],
    ['a role of another service', 'ec2.amazonaws.com', 'vmimport', false],
  ])('%s: %s with %s is assumable: %s', async (_, principal, externalId, expected) => {
    const name = `role-${principal.split('.')[0]}-${externalId}`;
    const policy = {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: principal }, Condition: { StringEquals: { 'sts:Externalid': externalId } },
      }],
    };
    const response = await fetch(ministack.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'authorization': 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none',
      },
      body: new URLSearchParams({
        Action: 'CreateRole', Version: '2010-05-08', RoleName: name, AssumeRolePolicyDocument: JSON.stringify(policy),
      }).toString(),
    });
    expect(response.status).toBe(200);
    expect(await source.roleExists(name)).toBe(expected);
  });

  test('a role that is not there does not exist', async () => {
    expect(await source.roleExists('nobody')).toBe(false);
  });
});
