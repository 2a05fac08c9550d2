import {
  CreateBucketCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand,
} from '@aws-sdk/client-s3';
import { DEPLOY_TIMEOUT_MS, Deployment, NOTHING, startCloud } from './deployment';
import { demoDisk } from '../../scripts/demo-disk';
import type { LocalCloud } from '../local-cloud/local-cloud';

const KEYS = ['exports/golden.raw', 'exports/other.raw'];

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startCloud();
}, DEPLOY_TIMEOUT_MS);

afterAll(async () => cloud.stop());

describe.each(['off', 'on'] as const)('a disk in a bucket with versioning %s, deleted after its import', (versioning) => {
  const bucket = `disks-${versioning}`;

  /** The objects that are left, by key, newest version first. */
  async function left(): Promise<readonly (string | undefined)[]> {
    const { Versions = [], DeleteMarkers = [] } = await cloud.s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(DeleteMarkers).toEqual([]);
    return Versions.map(({ Key }) => Key);
  }

  beforeAll(async () => {
    await cloud.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    if (versioning === 'on') {
      await cloud.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    for (const content of ['an older one', 'the one to import']) {
      for (const Key of KEYS) {
        await cloud.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: demoDisk(content) }));
      }
    }
  });

  test('is gone when the image is there, and nothing else is', async () => {
    const deployment = new Deployment(cloud, 'Source');
    const variant = { object: { bucket, key: 'exports/golden.raw', deleteSourceOnSuccess: true } };
    expect(await deployment.outputs(variant)).toMatchObject({ AmiId: expect.stringMatching(/^ami-/) });
    expect(await left()).toEqual(versioning === 'on' ? ['exports/golden.raw', 'exports/other.raw', 'exports/other.raw'] : ['exports/other.raw']);
    // A change in place needs no disk.
    expect(await deployment.outputs({ ...variant, tags: { team: 'a' } })).toMatchObject({ AmiId: expect.stringMatching(/^ami-/) });
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);
});
